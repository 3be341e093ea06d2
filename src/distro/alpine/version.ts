import { compareStrings } from '../../util/text.ts';
import type { VersionOrder } from '../types.ts';

/**
 * apk's order of versions (apk-package(5), "PACKAGE VERSION"; apk-tools, src/version.c): numbers, a letter, suffixes, a
 * commit, a revision. Negative, zero or positive. What is no such version is compared up to where it ends being one.
 */
export function compareApkVersions(a: string, b: string): number {
  const left = tokensOf(a);
  const right = tokensOf(b);
  for (let at = 0; ; at++) {
    const one = left[at] ?? end;
    const other = right[at] ?? end;
    if (one.kind !== other.kind) return atDifference(one, other);
    if (one.kind === kinds.end) return 0;
    const order = compareTokens(one, other);
    if (order !== 0) return order;
  }
}

export const apkVersions: VersionOrder = { compare: compareApkVersions };

/** In the order of what may follow: of two versions that are equal so far, the one with the higher kind is the lower. */
const kinds = { first: 0, number: 1, letter: 2, suffix: 3, suffixNumber: 4, commit: 5, revision: 6, end: 7 } as const;

interface Token {
  readonly kind: number;
  readonly text: string;
}

const end: Token = { kind: kinds.end, text: '' };
const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p'];
const final = suffixes.indexOf('');

const version = /^(\d+)((?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(~[0-9a-f]+)?(?:-r(\d+))?/;

function tokensOf(text: string): readonly Token[] {
  const [, first, numbers = '', letter = '', tail = '', commit, revision] = version.exec(text) ?? [];
  if (first === undefined) return [];
  const token = (kind: number, value: string | undefined) => (value ? [{ kind, text: value }] : []);
  return [
    { kind: kinds.first, text: first },
    ...numbers.split('.').flatMap((number) => token(kinds.number, number)),
    ...token(kinds.letter, letter),
    ...tail.split('_').flatMap((suffix) => {
      const [, name, number] = /^([a-z]+)(\d*)$/.exec(suffix) ?? [];
      return [...token(kinds.suffix, name), ...token(kinds.suffixNumber, number)];
    }),
    ...token(kinds.commit, commit),
    ...token(kinds.revision, revision),
  ];
}

/** One of them goes on in another way, or ends. */
function atDifference(a: Token, b: Token): number {
  if (a.kind === kinds.suffix && suffixes.indexOf(a.text) < final) return -1;
  if (b.kind === kinds.suffix && suffixes.indexOf(b.text) < final) return 1;
  return b.kind - a.kind;
}

function compareTokens(a: Token, b: Token): number {
  switch (a.kind) {
    case kinds.suffix:
      return suffixes.indexOf(a.text) - suffixes.indexOf(b.text);
    case kinds.letter:
    case kinds.commit:
      return compareStrings(a.text, b.text);
    default:
      // 1.05 is older than 1.1: with a zero ahead, digits are a fraction.
      if (a.kind === kinds.number && (a.text.startsWith('0') || b.text.startsWith('0')))
        return compareStrings(a.text, b.text);
      return compareNumbers(a.text, b.text);
  }
}

/** Of any length. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareStrings(left, right);
}
