import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord, Universe } from '../../distro/types.ts';
import { renderConflicts, renderDependency } from '../../solver/render.ts';
import { resolve } from '../../solver/resolve.ts';
import type { PackageRequest, Resolution, SolverAnswer } from '../../solver/types.ts';
import type { Question } from '../resolve.ts';
import { NarrowUniverse } from './narrow-universe.ts';
import { World } from './world.ts';

export interface AttemptOptions {
  readonly question: Question;
  /** The one version of each name in the lock, and the user's own .debs of that name. */
  readonly allowed: ReadonlyMap<string, readonly PackageRecord[]>;
  /** Names of the lock that are installed, not only read. */
  readonly installed: readonly string[];
  /** Names that keep their locked version. */
  readonly kept: ReadonlySet<string>;
  /** Names that may come although the lock has them not: donors that only new contents ask for. */
  readonly free: readonly string[];
}

export interface Attempt {
  readonly universe: Universe;
  readonly answer: SolverAnswer;
  /** Why it is no way, in one line; undefined where it is one. */
  readonly why: string | undefined;
}

/**
 * Resolves with the lock's packages in given versions. All that requests still lead to are there from the start, as
 * installed packages are for apt: an or-group that one of them satisfies brings nothing. Other packages come only for a
 * Depends that is unmet without them, of a security update, of the user's own .debs, or of one that came so.
 */
export function attempt(wider: Universe, options: AttemptOptions): Attempt {
  const { question, allowed, kept, free } = options;
  const closed = new NarrowUniverse(wider, { allowed, others: false, free });
  const staying = stillNeeded(closed, options);
  const came = findNewcomers(new NarrowUniverse(wider, { allowed, others: true, free }), staying, options);
  if (!came.ok) return { universe: closed, answer: came, why: firstLine(came) };
  const newcomers = came.resolution.packages.filter(({ record }) => !isThere(record, allowed));
  const records = newcomers.map(({ record }) => record);
  const universe = new NarrowUniverse(wider, {
    allowed: new Map([...allowed, ...records.map((record) => [record.name, [record]] as const)]),
    others: false,
    free,
  });
  const answer = resolve(universe, [...question.requestsIn(universe), ...[...staying, ...records].map(keepRequest)], {
    versions: debianVersions,
    policy: question.policy,
  });
  if (!answer.ok) return { universe, answer, why: firstLine(answer) };
  const world = new World(
    came.resolution.packages.map(({ record }) => record).filter((record) => !records.includes(record)),
    wider.architecture,
  );
  // What an image below had may be gone from it: then a locked package may need something new as well.
  const reasons = (question.policy.installed ?? []).length > 0 ? [] : newcomers.flatMap((one) => one.reasons);
  const broken = reasons
    .flatMap((reason) => ('from' in reason && kept.has(reason.from) ? [reason] : []))
    .find(({ dependency }) => world.under(dependency).length === 0);
  return {
    universe,
    answer: { ok: true, resolution: reached(answer.resolution) },
    why: broken && `${broken.from}, which stays, would need another package for ${renderDependency(broken.dependency)}`,
  };
}

/** Packages of the lock, as they would be, that a request leads to. */
function stillNeeded(closed: Universe, { question, allowed, installed }: AttemptOptions): readonly PackageRecord[] {
  const records = installed.flatMap((name) => allowed.get(name)?.slice(0, 1) ?? []);
  const own = question.asked.files;
  const names = question.requestsIn(closed).flatMap(({ name, exclude }) => (exclude === true ? [] : [name]));
  const found = new World([...records, ...own], closed.architecture).reach(names, question.policy);
  return records.filter(({ name }) => found.has(name));
}

/** Asks for no more than what stays: a name of the configuration that is virtual may have other providers by now. */
function findNewcomers(open: Universe, staying: readonly PackageRecord[], { question }: AttemptOptions): SolverAnswer {
  const requests = question.requestsIn(open).filter(({ exclude, sha256 }) => exclude === true || sha256 !== undefined);
  return resolve(open, [...requests, ...staying.map(keepRequest)], {
    versions: debianVersions,
    policy: { ...question.policy, recommends: false },
  });
}

function isThere({ name, origin }: PackageRecord, allowed: AttemptOptions['allowed']): boolean {
  return allowed.has(name) || origin.archive === 'file';
}

/** No request of a configuration has a text like this one: blanks are not allowed in it. */
const keepMark = 'kept from the lock: ';

function keepRequest({ name }: PackageRecord): PackageRequest {
  return { text: `${keepMark}${name}`, name };
}

/** Without our own requests, and without what nothing else leads to. */
function reached({ packages, order }: Resolution): Resolution {
  const named = packages.map(({ record, reasons }) => ({
    record,
    reasons: reasons.filter((reason) => reason.type !== 'request' || !reason.text.startsWith(keepMark)),
  }));
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { record, reasons } of named) {
      if (reasons.some((reason) => !('from' in reason) || found.has(reason.from))) found.add(record.name);
    }
  }
  return {
    packages: named
      .filter(({ record }) => found.has(record.name))
      .map(({ record, reasons }) => ({
        record,
        reasons: reasons.filter((reason) => !('from' in reason) || found.has(reason.from)),
      })),
    order: order.filter((name) => found.has(name)),
  };
}

function firstLine(answer: SolverAnswer): string {
  const text = answer.ok ? '' : renderConflicts(answer.conflicts);
  return text.split('\n')[0]?.replace(keepMark, '') ?? text;
}
