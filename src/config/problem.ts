import { type ErrorCode, SlimimageError } from '../errors.ts';
import { withoutControls } from '../util/printable.ts';

/** One mistake of a configuration and where it is. */
export interface ConfigProblem {
  readonly code: ErrorCode & ('CONFIG_SYNTAX' | 'CONFIG_INVALID' | 'CONFIG_NOT_FOUND');
  /** The file as the user knows it, or the flag (`--port`). */
  readonly file: string;
  /** From 1; undefined for a flag and for what concerns a whole file. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The key, `files[0].mode`; '' for the document. */
  readonly path: string;
  /** What is wrong and what was expected. */
  readonly message: string;
  readonly hint: string | undefined;
  /** The line of the source with a caret below it. */
  readonly excerpt: string | undefined;
}

const maxShown = 20;

/** A configuration that cannot be used, with every mistake that was found. The code is the first mistake's. */
export class ConfigError extends SlimimageError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly [ConfigProblem, ...ConfigProblem[]]) {
    const more = problems.length > maxShown ? [`... and ${problems.length - maxShown} more`] : [];
    const shown = problems.slice(0, maxShown).map(renderProblem);
    super({ code: problems[0].code, message: [...shown, ...more].join('\n\n') });
    this.problems = problems;
  }
}

/** Throws all of them as one error, in the order of the file; does nothing where there are none. */
export function throwProblems(problems: readonly ConfigProblem[]): void {
  const place = (problem: ConfigProblem) => (problem.line ?? 0) * 1e6 + (problem.column ?? 0);
  const [first, ...rest] = [...problems].sort((a, b) => place(a) - place(b));
  if (first !== undefined) throw new ConfigError([first, ...rest]);
}

/** As compilers write it: `FILE:LINE:COLUMN: KEY: MESSAGE`, the excerpt, the hint. */
export function renderProblem(problem: ConfigProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const key = problem.path === '' ? '' : `${problem.path}: `;
  const lines = [`${place}: ${key}${problem.message}`];
  if (problem.excerpt !== undefined) lines.push(problem.excerpt);
  if (problem.hint !== undefined) lines.push(`  ${problem.hint}`);
  return lines.join('\n');
}

/** `['files', 0, 'mode']` -> `files[0].mode`. */
export function formatKeyPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? printable(part) : `.${printable(part)}`;
  }
  return text;
}

/** Text from outside, safe to print and not endless. */
export function printable(text: string): string {
  const safe = harmless(text);
  return safe.length > 200 ? `${safe.slice(0, 200)}...` : safe;
}

/** Text without a password and without the control characters that a terminal would obey. */
export function harmless(text: string): string {
  return withoutControls(maskSecrets(text)).replace(/[\t\n]/g, '\u{fffd}');
}

/**
 * Hides the user and password of URLs behind as many asterisks, so that columns stay right. Also where the password holds
 * what it may not hold unescaped, such as a slash: then it is no URL, and the message about that shows the line.
 */
export function maskSecrets(text: string): string {
  return text.replace(/\S+/g, maskWord);
}

function maskWord(word: string): string {
  const end = word.lastIndexOf('@');
  for (let at = word.indexOf('://'); at >= 0 && at < end; at = word.indexOf('://', at + 3)) {
    const start = at + 3;
    hostAndSlash.lastIndex = start;
    if (hostAndSlash.test(word)) continue;
    return `${word.slice(0, start)}${'*'.repeat(end - start)}${word.slice(end)}`;
  }
  return word;
}

/** What tells `docker://host:5000/name@sha256:...` from a login. */
const hostAndSlash = /[^/:@]*(?::[0-9]{1,5})?\//y;
