import { unknown } from './state.ts';

/** Options with a value, and the operands that are paths, of commands that make, change or ask for files. */
interface PathOperands {
  readonly valued: ReadonlySet<string>;
  readonly isPath: (at: number, operands: number) => boolean;
}

function operands(valued: readonly string[], isPath: PathOperands['isPath'] = () => true): PathOperands {
  return { valued: new Set(valued), isPath };
}

const behindFirst: PathOperands['isPath'] = (at) => at > 0;

const commands: ReadonlyMap<string, PathOperands> = new Map([
  ['cp', operands(['-t', '-S'])],
  ['mv', operands(['-t', '-S'])],
  ['rm', operands([])],
  ['unlink', operands([])],
  ['mkdir', operands(['-m'])],
  ['touch', operands(['-r', '-d', '-t'])],
  ['install', operands(['-o', '-g', '-m', '-t', '-S'])],
  ['ucf', operands([])],
  ['chmod', operands([], behindFirst)],
  ['chown', operands([], behindFirst)],
  ['chgrp', operands([], behindFirst)],
  // What a symbolic link says stays as it is.
  ['ln', operands(['-t', '-S'], (at, count) => at > 0 && at === count - 1)],
]);

/**
 * The words of a command with absolute paths where it names files from the folder in which the script is (`cd`).
 *
 * @param folder absolute; undefined where only running the script would tell
 */
export function absoluteWords(words: readonly string[], folder: string | undefined): readonly string[] {
  const [name = '', ...rest] = words;
  if (folder === undefined) return words;
  if (name === '[' || name === 'test')
    return words.map((word, at) => (fileTest.test(words[at - 1] ?? '') ? absolutePath(word, folder) : word));
  const about = commands.get(name.slice(name.lastIndexOf('/') + 1));
  if (about === undefined) return words;
  const places = operandPlaces(rest, about.valued);
  const absolute = [...rest];
  for (const [at, place] of places.entries()) {
    if (about.isPath(at, places.length)) absolute[place] = absolutePath(rest[place] ?? '', folder);
  }
  return [name, ...absolute];
}

const fileTest = /^-[abcdefghkLprsSuwx]$/;

export function absolutePath(path: string, folder: string | undefined): string {
  if (folder === undefined || path === '' || /^[/~-]/.test(path) || path.startsWith(unknown)) return path;
  return `${folder === '/' ? '' : folder}/${path.replace(/^(?:\.\/+)+/, '')}`;
}

/** Where operands are among the words. */
function operandPlaces(words: readonly string[], valued: ReadonlySet<string>): readonly number[] {
  const places: number[] = [];
  let isBehindOptions = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (isBehindOptions || !word.startsWith('-')) places.push(at);
    else if (word === '--') isBehindOptions = true;
    else if (valued.has(`-${word.at(-1)}`) && !word.startsWith('--')) at++;
  }
  return places;
}
