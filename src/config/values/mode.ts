import { SlimimageError } from '../../errors.ts';

/**
 * Permission bits of `0750`, `750`, `0o750`. The digits always mean octal, as chmod(1) reads them.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseMode(text: string): number {
  const digits = /^(?:0o)?([0-7]{1,5})$/.exec(text)?.[1];
  const mode = digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
  if (mode <= 0o7777) return mode;
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `"${text.slice(0, 40)}" is not a mode: expected octal digits such as 0755`,
  });
}
