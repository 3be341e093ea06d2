import { nearestNames } from '../util/nearest.ts';
import { compareStrings } from '../util/text.ts';

/**
 * The packages that a person may have meant by a name that there is none of: slips of the pen, the same name with
 * another version in it (`python3.12`, `libicu72`), after a renaming (`libssl3` and `libssl3t64`), or a part of a longer name (`numpy`: python3-numpy).
 */
export function nearestPackages(name: string, names: readonly string[]): readonly string[] {
  const found = new Map<string, number>();
  const note = (candidate: string, rank: number): void => {
    if (candidate !== name) found.set(candidate, Math.min(rank, found.get(candidate) ?? rank));
  };
  for (const [at, candidate] of nearestNames(name, names, { max: most }).entries())
    note(candidate, rankOf.slip + at / 100);
  const wanted = withoutVersion(name);
  for (const candidate of names) {
    if (withoutVersion(candidate) === wanted) note(candidate, rankOf.version);
    else if (isPart(name, candidate)) note(candidate, rankOf.part + Math.min(0.99, candidate.length / 100));
  }
  const ranked = [...found].sort((a, b) => a[1] - b[1] || compareStrings(a[0], b[0]));
  return ranked.slice(0, most).map(([candidate]) => candidate);
}

const most = 5;
const rankOf = { version: 0, slip: 1, part: 2 };

function withoutVersion(name: string): string {
  return name.replace(/t64$/, '').replace(/[0-9]+(?:\.[0-9]+)*/g, '#');
}

function isPart(name: string, candidate: string): boolean {
  return candidate.startsWith(`${name}-`) || candidate.endsWith(`-${name}`) || name.startsWith(`${candidate}-`);
}
