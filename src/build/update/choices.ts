import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageOrigin, PackageRecord, Universe } from '../../distro/types.ts';
import type { LockedDonor } from '../../lock/types.ts';
import { resolve } from '../../solver/resolve.ts';
import type { PackageRequest, SolverPolicy } from '../../solver/types.ts';
import { NarrowUniverse } from './narrow-universe.ts';

/** A package of the lock, and what it may become. */
export interface Choice {
  readonly item: LockedDonor;
  /** The locked .deb as the indexes have it; [] where it is gone. */
  readonly kept: readonly PackageRecord[];
  /** The user's own .debs of that name are always there. */
  readonly own: readonly PackageRecord[];
  /** What a security suite brings. Packages of one source are taken together. */
  readonly security?: SecurityChoice | undefined;
}

export interface SecurityChoice {
  readonly source: string;
  /** The newest version that there is. */
  readonly available: string;
  /** The newest version that the configuration allows, in every suite that has it; [] where it allows none. */
  readonly newer: readonly PackageRecord[];
  /** Why `newer` is not the one that is available. */
  readonly barred: string | undefined;
}

export interface ChoicesOptions {
  readonly universe: Universe;
  /** Of the configuration: exact versions, suites and pins keep versions out. */
  readonly requests: readonly PackageRequest[];
  readonly policy: SolverPolicy;
}

/** What each package of the lock may become: the user's own .debs are no choice. */
export function choicesOf(locked: readonly LockedDonor[], options: ChoicesOptions): readonly Choice[] {
  const { universe } = options;
  const findings = locked
    .filter(({ archive }) => archive !== 'file')
    .map((item): Finding => {
      const candidates = universe.candidates(item.name).filter(({ broken }) => broken === undefined);
      const newer = candidates
        .filter(({ version, origin }) => isSecurity(origin) && debianVersions.compare(version, item.version) > 0)
        .sort((a, b) => debianVersions.compare(b.version, a.version));
      return { item, candidates, newer, allowed: newer.filter((record) => isAllowed(record, options)) };
    });
  const bars = barsOf(findings, options);
  return findings.map(({ item, candidates, newer: [newest], allowed }) => {
    const same = candidates.filter(({ sha256 }) => sha256 === item.sha256);
    const inPlace = same.filter(({ origin }) => origin.archive === item.archive && origin.suite === item.suite);
    return {
      item,
      kept: inPlace.length > 0 ? inPlace : same,
      own: candidates.filter(({ origin }) => origin.archive === 'file'),
      security: newest && securityChoice(newest, { allowed, bar: bars.get(newest.source.name) }),
    };
  });
}

/** Debian-Security's label and suites (`trixie-security`), and those that others name alike (`noble-security`). */
export function isSecurity({ suite, release }: Pick<PackageOrigin, 'suite' | 'release'>): boolean {
  if (release?.label === 'Debian-Security') return true;
  return [suite, release?.suite, release?.codename].some((name) => name?.endsWith('-security'));
}

interface Finding {
  readonly item: LockedDonor;
  readonly candidates: readonly PackageRecord[];
  /** Newer versions of security suites, the newest first. */
  readonly newer: readonly PackageRecord[];
  /** Those of `newer` that the configuration allows. */
  readonly allowed: readonly PackageRecord[];
}

/** How far the configuration lets the packages of one source go. */
interface Bar {
  /** Version of the source; undefined: it stays as it is. */
  readonly upTo: string | undefined;
  readonly why: string;
}

/** A package that is kept at a version keeps those of the same source there: they are made for each other. */
function barsOf(findings: readonly Finding[], { requests }: ChoicesOptions): ReadonlyMap<string, Bar> {
  const bars = new Map<string, Bar>();
  for (const { item, newer, allowed } of findings) {
    const [newest] = newer;
    const [best] = allowed;
    if (newest === undefined || best?.version === newest.version) continue;
    const { name } = newest.source;
    const exact = requests.find((request) => request.name === item.name && (request.version ?? request.suite));
    const why = exact === undefined ? `a pin keeps ${item.name} back` : `the configuration asks for ${exact.text}`;
    const bar = { upTo: best?.source.version, why };
    const known = bars.get(name);
    if (known === undefined || isLower(bar.upTo, known.upTo)) bars.set(name, bar);
  }
  return bars;
}

function isLower(a: string | undefined, b: string | undefined): boolean {
  return b !== undefined && (a === undefined || debianVersions.compare(a, b) < 0);
}

function securityChoice(
  newest: PackageRecord,
  { allowed, bar }: { readonly allowed: readonly PackageRecord[]; readonly bar: Bar | undefined },
): SecurityChoice {
  const below = allowed.filter(({ source }) => bar === undefined || !isLower(bar.upTo, source.version));
  return {
    source: newest.source.name,
    available: newest.version,
    newer: below.filter(({ version }) => version === below[0]?.version),
    barred: bar?.why,
  };
}

/** Whether requests and pins would take this version, were it the only one. */
function isAllowed(record: PackageRecord, { universe, requests, policy }: ChoicesOptions): boolean {
  const { name } = record;
  const alone = new NarrowUniverse(universe, { allowed: new Map([[name, [record]]]), others: false, free: [] });
  const wanted = requests.filter((request) => request.name === name && request.exclude !== true);
  const answer = resolve(alone, [...wanted, { text: name, name }], {
    versions: debianVersions,
    policy: { dependencies: 'none', recommends: false, pins: policy.pins },
  });
  return answer.ok;
}
