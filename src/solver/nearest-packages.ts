import { nearMatches } from '../util/nearest.ts';
import { compareStrings } from '../util/text.ts';

/**
 * The packages, at most five, that a person may have meant by a name that there is none of: the same name with another
 * version in it (`python3.12`) or renamed since (`libssl1.1`: libssl3t64), slips of the pen, a part of a longer name
 * (`numpy`: python3-numpy) or a longer one (`nodejs-lts`: nodejs). What is much farther than the nearest is left out.
 * @param provided names that packages provide: they count where they begin with the whole name (`java`: java-runtime)
 */
export function nearestPackages(
  name: string,
  names: Iterable<string>,
  provided: Iterable<string> = [],
): readonly string[] {
  const ranks = new Map<string, number>();
  const all = [...names];
  const wanted = withoutVersion(name);
  for (const candidate of all) {
    const rank = rankOf(name, candidate, wanted);
    if (rank !== undefined) ranks.set(candidate, rank);
  }
  for (const candidate of provided) {
    if (candidate.startsWith(`${name}-`)) ranks.set(candidate, providedRank + beside(name, candidate));
  }
  const isShort = name.length <= shortWord;
  for (const { name: candidate, distance } of nearMatches(name, all, { max: mostSlips })) {
    ranks.set(candidate, Math.min((slipRanks[distance] ?? last) + (isShort ? 1.3 : 0), ranks.get(candidate) ?? last));
  }
  ranks.delete(name);
  // Of versions the newest, of other names the first.
  const byName = ([a, rank]: Ranked, [b]: Ranked): number =>
    rank < versionedRank ? compareStrings(b, a) : compareStrings(a, b);
  const ranked = [...ranks].sort((a, b) => a[1] - b[1] || byName(a, b));
  const farthest = (ranked[0]?.[1] ?? 0) + farther;
  return ranked
    .filter(([, rank]) => rank <= farthest)
    .slice(0, most)
    .map(([candidate]) => candidate);
}

type Ranked = readonly [name: string, rank: number];

const most = 5;
const mostSlips = 3;
/** Of short words everything is a slip. */
const shortWord = 4;
const slipRanks: readonly number[] = [0, 1, 1.5, 3];
const providedRank = 1.9;
/** The name with a version behind it (`python`: python3), or what Debian makes of one that was taken (`yarn`: yarnpkg). */
const versionedRank = 0.9;
const partRank = 2;
const last = 9;
const farther = 0.95;

/** Below 0.9: another version, by how soon the two differ. 2 to 3: a part, by how much is beside it. */
function rankOf(name: string, candidate: string, wanted: string): number | undefined {
  if (withoutVersion(candidate) === wanted) return 0.5 / (1 + commonStart(name, candidate));
  if (candidate === `${name}pkg`) return versionedRank;
  if (candidate.startsWith(name) && /^[0-9.]+$/.test(candidate.slice(name.length)))
    return versionedRank + beside(name, candidate);
  const isPart = candidate.startsWith(`${name}-`) || candidate.endsWith(`-${name}`) || name.startsWith(`${candidate}-`);
  return isPart ? partRank + beside(name, candidate) : undefined;
}

function beside(name: string, candidate: string): number {
  return Math.min(0.9, Math.abs(candidate.length - name.length) / 100);
}

/** Numbers in the name, and the mark of packages whose time_t became longer. */
function withoutVersion(name: string): string {
  return name.replace(/t64$/, '').replace(/[0-9]+(?:\.[0-9]+)*/g, '#');
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
