import type { ChangelogEntry } from './parse.ts';

export interface VersionSpan {
  /** The version that is there: its own entry is not looked at. */
  readonly after: string;
  /** The version that would come: its entry is. */
  readonly upTo: string;
  readonly versions: { compare(a: string, b: string): number };
}

/**
 * The CVE ids that the entries between two versions speak of, in the order of their years and numbers, each once. Security
 * entries name a CVE when they fix it; that is the changelog's word, and nobody has checked it.
 */
export function fixedBetween(entries: readonly ChangelogEntry[], span: VersionSpan): readonly string[] {
  const { after, upTo, versions } = span;
  const found = entries
    .filter(({ version }) => versions.compare(version, after) > 0 && versions.compare(version, upTo) <= 0)
    .flatMap(({ text }) => idsIn(text));
  return [...new Set(found)].sort((a, b) => compareIds(a, b));
}

/**
 * Also several of one year in one word: `CVE-2017-5461/5462`, `CVE-2017-{5461,5462}`. Not what the package is said not to
 * be affected by, up to the end of that list.
 */
function idsIn(text: string): readonly string[] {
  const words = text
    .replace(unaffected, '')
    .matchAll(
      /\bCVE-([0-9]{4})-(?:([0-9]{4,19}(?:\/[0-9]{4,19}){0,99})\b|\{([0-9]{4,19}(?:, ?[0-9]{4,19}){0,99})\})/gi,
    );
  return [...words].flatMap(([, year, slashed, braced]) =>
    (slashed ?? braced ?? '').split(/[/, ]+/).map((number) => `CVE-${year}-${number}`),
  );
}

/** `not affected by CVE-2024-1, CVE-2024-2 and CVE-2024-3`, also over several lines. */
const unaffected =
  /\bnot\s{1,80}(?:affected\s{1,80}by|vulnerable\s{1,80}to)(?:(?:\s|,|\band\b|\bor\b){1,80}CVE-[0-9{},/-]{1,200})+/gi;

/** `CVE-2024-9143` comes before `CVE-2024-13176`: the numbers have no fixed length. */
function compareIds(a: string, b: string): number {
  const years = a.slice(0, 8) < b.slice(0, 8) ? -1 : a.slice(0, 8) > b.slice(0, 8) ? 1 : 0;
  return years || a.length - b.length || (a < b ? -1 : 1);
}
