import { SlimimageError } from '../../errors.ts';
import { nearest } from '../../util/nearest.ts';

/** signal(7): those that Linux has on every architecture. */
const names =
  'HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO POLL PWR SYS'.split(
    ' ',
  );

/**
 * `term` -> `SIGTERM`; `15` and `SIGRTMIN+3` stay.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseSignal(text: string): string {
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (names.includes(name) || /^RTM(IN(\+([1-9]|[12][0-9]|30))?|AX(-([1-9]|[12][0-9]|30))?)$/.test(name))
    return `SIG${name}`;
  if (/^[0-9]{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 64) return String(Number(text));
  const found = nearest(name, names);
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `"${text.slice(0, 40)}" is not a signal: expected a name such as SIGTERM, or a number from 1 to 64`,
    hint: found === undefined ? undefined : `did you mean "SIG${found}"?`,
  });
}
