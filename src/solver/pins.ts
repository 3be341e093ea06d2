import type { PackageOrigin, PackageRecord } from '../distro/types.ts';
import { compileExpression, isExpression } from './expression.ts';
import type { Pin } from './types.ts';

/** What apt's policy says of a version. */
export interface Verdict {
  /** 0 and below: never a candidate. */
  readonly priority: number;
  /** The pin that gave it; undefined where it is the suite's own. */
  readonly pin: Pin | undefined;
}

export type ReleaseMatch = Extract<Pin['match'], { type: 'release' }>;

/** Where versions come from. */
export type Origin = Omit<PackageOrigin, 'path'>;

/** Judges one version of a package, given as its records: one for each suite that has it. */
export type Judge = (files: readonly PackageRecord[]) => Verdict;

/** The priority of what is never a candidate, not even where another pin names its package. */
export const neverPriority = -32_768;

/**
 * apt_preferences(5) as apt 2.6 implements it (policy.cc): the first pin that names the package and fits one of the
 * version's suites decides, for the version wherever it comes from. Where there is none, each suite has the priority of
 * the first general pin that fits it, else its own, and the version the highest of those.
 * @throws SlimimageError CONFIG_INVALID for a glob or expression that cannot be understood
 */
export function readPins(pins: readonly Pin[], options: { readonly architecture: string }): Judge {
  const read = pins.map((pin) => readPin(pin, options.architecture));
  const specific = read.filter(({ pin }) => pin.packages.length > 0);
  const general = read.filter(({ pin }) => pin.packages.length === 0);
  const judgeFile = (file: PackageRecord): Verdict => {
    const fitting = general.filter((one) => one.fits(file));
    const decisive = fitting.find(({ pin }) => pin.priority === neverPriority) ?? fitting[0];
    return { priority: decisive?.pin.priority ?? file.origin.priority, pin: decisive?.pin };
  };
  return (files) => {
    const judged = files.map(judgeFile);
    const found = specific.find((one) => files.some((file) => one.names(file)) && files.some((file) => one.fits(file)));
    const allowed = judged.some(({ priority }) => priority !== neverPriority);
    if (found !== undefined && (allowed || found.pin.priority === neverPriority)) {
      return { priority: found.pin.priority, pin: found.pin };
    }
    return judged.reduce((best, verdict) => (verdict.priority > best.priority ? verdict : best), judged[0] ?? nowhere);
  };
}

/**
 * `/SUITE` of a request and `suite:` of a pin: the suite or the codename of the Release, the suite as the configuration
 * writes it, or the version of the distribution where it begins with a digit.
 * @throws SlimimageError CONFIG_INVALID as `readPins`
 */
export function readSuite(text: string): (origin: Origin) => boolean {
  if (/^[0-9]/.test(text)) {
    const isVersion = readVersion(text);
    return ({ release }) => isVersionOf(release, isVersion);
  }
  const matches = compileExpression(text);
  return ({ suite, release }) =>
    [suite, release?.suite, release?.codename].some((name) => name !== undefined && name !== '' && matches(name));
}

/**
 * A version as a pin or a request writes it, without regard to case: `1.26*` is what begins like that, other globs and
 * `/regular expressions/` are matched as a whole (versionmatch.cc).
 * @throws SlimimageError CONFIG_INVALID as `readPins`
 */
export function readVersion(text: string): (version: string) => boolean {
  const isPrefix = text.endsWith('*');
  const written = isPrefix ? text.slice(0, -1) : text;
  const lower = written.toLowerCase();
  const matches = compileExpression(written);
  return (version) => {
    const other = version.toLowerCase();
    return (isPrefix ? other.startsWith(lower) : other === lower) || matches(version);
  };
}

/** @throws SlimimageError CONFIG_INVALID as `readPins` */
export function readRelease(match: ReleaseMatch): (origin: Origin) => boolean {
  const tests: ((origin: Origin) => boolean)[] = [];
  const field = (written: string | undefined, read: (origin: Origin) => string | undefined): void => {
    if (written === undefined) return;
    const matches = compileExpression(written);
    tests.push((origin) => {
      const value = read(origin);
      return value !== undefined && value !== '' && matches(value);
    });
  };
  field(match.suite, ({ release }) => release?.suite);
  field(match.codename, ({ release }) => release?.codename);
  field(match.origin, ({ release }) => release?.origin);
  field(match.label, ({ release }) => release?.label);
  field(match.component, ({ component }) => component);
  if (match.archive !== undefined) tests.push(({ archive }) => archive === match.archive);
  if (match.name !== undefined) tests.push(readSuite(match.name));
  if (match.version !== undefined) {
    const isVersion = readVersion(match.version);
    tests.push(({ release }) => isVersionOf(release, isVersion));
  }
  return (origin) => tests.length > 0 && tests.every((fits) => fits(origin));
}

/** The names of a pin: `name`, `src:name`, `name:architecture`, globs and `/expressions/` in place of names. */
export function readNames(
  names: readonly string[],
  { architecture }: { readonly architecture: string },
): (record: Pick<PackageRecord, 'name' | 'source'>) => boolean {
  const readers = names.flatMap((text) => {
    const { source, name, architecture: wanted } = nameParts(text);
    if (!['', 'any', 'native', architecture].includes(wanted)) return [];
    const matches = isExpression(name) ? compileExpression(name) : (other: string) => other === name;
    return [{ source, matches }];
  });
  return (record) => readers.some(({ source, matches }) => matches(source ? record.source.name : record.name));
}

const nowhere: Verdict = { priority: 0, pin: undefined };

interface ReadPin {
  readonly pin: Pin;
  readonly names: (record: PackageRecord) => boolean;
  readonly fits: (record: PackageRecord) => boolean;
}

function readPin(pin: Pin, architecture: string): ReadPin {
  return { pin, names: readNames(pin.packages, { architecture }), fits: readMatch(pin.match) };
}

function readMatch(match: Pin['match']): (record: PackageRecord) => boolean {
  if (match.type === 'version') {
    const isVersion = readVersion(match.glob);
    return ({ version }) => isVersion(version);
  }
  const isRelease = readRelease(match);
  return ({ origin }) => isRelease(origin);
}

function isVersionOf(release: Origin['release'], isVersion: (version: string) => boolean): boolean {
  return release !== undefined && release.version !== '' && isVersion(release.version);
}

/** `src:python3*:amd64`: the architecture is what follows the last colon outside of an expression. */
export function nameParts(text: string): {
  readonly source: boolean;
  readonly name: string;
  /** '' where none is written. */
  readonly architecture: string;
} {
  const source = text.startsWith('src:');
  const rest = source ? text.slice(4) : text;
  const [, name = rest, architecture = ''] = /^(.*):([a-z0-9-]+)$/.exec(rest) ?? [];
  return { source, name, architecture };
}
