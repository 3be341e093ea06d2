import { limits } from '../limits.ts';
import { unknown } from '../scripts/read-script.ts';

/** A call of update-alternatives(1), paths as written. */
export type AlternativeCall =
  | {
      readonly action: 'install';
      readonly name: string;
      readonly link: string;
      readonly path: string;
      readonly priority: number;
      readonly slaves: readonly SlaveLink[];
    }
  | { readonly action: 'remove' | 'set'; readonly name: string; readonly path: string }
  | { readonly action: 'remove-all' | 'auto'; readonly name: string };

export interface SlaveLink {
  readonly name: string;
  readonly link: string;
  readonly path: string;
}

/** Options that take a value and say nothing about what is installed. */
const valued = new Set(['--altdir', '--admindir', '--instdir', '--root', '--log']);

/**
 * What the words behind `update-alternatives` ask for; undefined for what changes nothing (`--display`, ...), for words
 * that only a running shell would know, and for what update-alternatives itself refuses.
 */
export function readAlternativeCall(words: readonly string[]): AlternativeCall | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (words.some((word) => word.includes(unknown) || /[\u0000-\u001f\u007f]/.test(word))) return undefined;
  let call: AlternativeCall | undefined;
  const slaves: SlaveLink[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const [first = '', second = '', third = '', fourth = ''] = words.slice(at + 1);
    switch (word) {
      case '--install':
        if (!isPath(first) || !isName(second) || !isPath(third) || !/^[+-]?[0-9]{1,9}$/.test(fourth)) return undefined;
        call = { action: 'install', name: second, link: first, path: third, priority: Number(fourth), slaves };
        at += 4;
        break;
      case '--slave':
        if (!isPath(first) || !isName(second) || !isPath(third)) return undefined;
        slaves.push({ name: second, link: first, path: third });
        at += 3;
        break;
      case '--remove':
      case '--set':
        call = { action: word === '--set' ? 'set' : 'remove', name: first, path: second };
        at += 2;
        break;
      case '--remove-all':
      case '--auto':
        call = { action: word === '--auto' ? 'auto' : 'remove-all', name: first };
        at += 1;
        break;
      default:
        if (valued.has(word)) at += 1;
    }
  }
  return call;
}

function isPath(word: string): boolean {
  return word.startsWith('/') && word.length <= limits.pathBytes && !word.split('/').includes('..');
}

/** A name is a file of /etc/alternatives. */
function isName(word: string): boolean {
  return /^[^/\s-][^/\s]{0,199}$/.test(word) && !word.startsWith('.');
}
