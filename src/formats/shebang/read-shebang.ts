import { decodeUtf8 } from '../../util/text.ts';

/** Bytes of the first line that Linux looks at (BINPRM_BUF_SIZE since 5.1). */
export const shebangBytes = 256;

export interface Shebang {
  /** Path of the program that the kernel starts. */
  readonly interpreter: string;
  /** The rest of the line: one argument, whatever spaces it has. */
  readonly argument: string | undefined;
  /** The program that is meant: the interpreter, or what `/usr/bin/env` is asked to look up in PATH. */
  readonly program: string;
}

/**
 * The text after `#!`, trimmed, as the kernel reads it from the first bytes of a file; undefined where the file is no
 * script. Pass at least `shebangBytes` bytes, or the whole file.
 */
export function readShebang(start: Uint8Array): string | undefined {
  if (start[0] !== 0x23 || start[1] !== 0x21) return undefined;
  const window = start.subarray(2, shebangBytes);
  const newline = window.indexOf(0x0a);
  const line = decodeUtf8(newline < 0 ? window : window.subarray(0, newline));
  // A file of zero bytes after "#!" is no script, and a NUL ends the kernel's string.
  const text = (line.split('\0', 1)[0] ?? '').replace(/^[ \t]+|[ \t]+$/g, '');
  return text === '' ? undefined : text;
}

/** Takes the text of `readShebang` apart (execve(2), "Interpreter scripts"). */
export function parseShebang(text: string): Shebang {
  const split = text.search(/[ \t]/);
  const interpreter = split < 0 ? text : text.slice(0, split);
  const argument = split < 0 ? undefined : text.slice(split).trim();
  return { interpreter, argument, program: envProgram(interpreter, argument) ?? interpreter };
}

/** `/usr/bin/env python3`, `/usr/bin/env -S node --flag`, `/usr/bin/env LANG=C perl`. */
function envProgram(interpreter: string, argument: string | undefined): string | undefined {
  if (!/(^|\/)env$/.test(interpreter) || argument === undefined) return undefined;
  const words = argument.replace(/^(-S|--split-string[= ])\s*/, '').split(/[ \t]+/);
  return words.find((word) => word !== '' && !word.startsWith('-') && !word.includes('='));
}
