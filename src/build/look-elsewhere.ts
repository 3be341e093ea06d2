import { type FoundElsewhere, findElsewhere, type PlacesAnswer } from '../archive/elsewhere.ts';
import type { ImageSpec } from '../config/spec.ts';
import { readVersion } from '../solver/pins.ts';
import type { Conflict, Elsewhere, LookedElsewhere, Rejection, SolverPolicy } from '../solver/types.ts';
import { nearMatches } from '../util/nearest.ts';
import { farPlaces, farthestPlaces, type LookOptions, nearPlaces, type WayPlace } from './places.ts';
import type { Session } from './session.ts';
import { wayTo } from './ways.ts';

export interface LookElsewhereOptions extends LookOptions {
  readonly session: Session;
  readonly policy: SolverPolicy;
}

/**
 * Conflicts with the places that have what is missing: other components and backports first; where these have nothing,
 * other releases of the distribution and another architecture, whose indexes are large; and last the 32-bit one. Never
 * throws for a place that cannot be asked: the conflict says so.
 * @throws SlimimageError ABORTED
 */
export async function lookElsewhere(
  conflicts: readonly Conflict[],
  spec: ImageSpec,
  options: LookElsewhereOptions,
): Promise<readonly Conflict[]> {
  const missing = conflicts.flatMap(missingIn);
  if (missing.length === 0) return conflicts;
  const { session } = options;
  const suites = [...new Set(missing.flatMap(({ suite }) => suite ?? []))];
  let answer = await look(missing, nearPlaces(spec, options, suites), session);
  let rest = missing.filter(({ isSlip }) => !isSlip);
  for (const places of [farPlaces, farthestPlaces]) {
    const before = answer;
    rest = rest.filter((one) => helpful(before, one).length === 0);
    if (rest.length === 0) break;
    const isWorthIt = ({ suite }: WayPlace): boolean => rest.some((one) => (one.suite ?? suite) === suite);
    const more = await look(rest, (await places(spec, options)).filter(isWorthIt), session);
    answer = {
      found: [...before.found, ...more.found],
      unreachable: [...before.unreachable, ...more.unreachable],
    };
  }
  const outcomes = new Map<string, LookedElsewhere>();
  for (const one of missing) outcomes.set(keyOf(one), await outcome(answer, one, options));
  return conflicts.map((conflict) => withPlaces(conflict, outcomes));
}

/** Something that the archives do not have. */
interface Missing {
  readonly name: string;
  readonly version?: string | undefined;
  readonly suite?: string | undefined;
  /** One letter from a name that there is: the cheap places are enough. */
  readonly isSlip: boolean;
}

/** More lines than these nobody reads. */
const mostPlaces = 5;

type Answer = PlacesAnswer<WayPlace>;

async function look(missing: readonly Missing[], places: readonly WayPlace[], session: Session): Promise<Answer> {
  const names = [...new Set(missing.map(({ name }) => name))];
  if (names.length === 0 || places.length === 0) return { found: [], unreachable: [] };
  session.onEvent({ type: 'info', message: `looking elsewhere for ${names.slice(0, 3).join(', ')}` });
  return session.phase('indexes', () => findElsewhere(names, places, session));
}

function missingIn(conflict: Conflict): readonly Missing[] {
  if (conflict.type === 'unknown') {
    const { name, nearest, foreign } = conflict;
    return foreign === undefined ? [{ name, isSlip: isSlip(name, nearest) }] : [];
  }
  if (conflict.type === 'version') return isAsked(conflict) ? [missingVersion(conflict)] : [];
  if (conflict.type !== 'unmet') return [];
  return conflict.rejected.flatMap((rejection) =>
    rejection.reason === 'missing'
      ? [{ name: rejection.candidate, isSlip: false }]
      : rejection.causes.flatMap(missingIn),
  );
}

/** A letter, that is: another number is another package. */
function isSlip(name: string, nearest: readonly string[]): boolean {
  const [match] = nearMatches(name, nearest);
  const letters = (text: string): string => text.replace(/[0-9.]/g, '');
  return match?.distance === 1 && letters(match.name) !== letters(name);
}

type VersionConflict = Extract<Conflict, { type: 'version' }>;

function isAsked({ wanted }: VersionConflict): boolean {
  return wanted.version !== undefined || wanted.suite !== undefined;
}

function missingVersion({ name, wanted }: VersionConflict): Missing {
  return { name, ...wanted, isSlip: false };
}

type Outcomes = ReadonlyMap<string, LookedElsewhere>;

function keyOf({ name, version = '', suite = '' }: Omit<Missing, 'isSlip'>): string {
  return [name, version, suite].join(' ');
}

function withPlaces(conflict: Conflict, outcomes: Outcomes): Conflict {
  switch (conflict.type) {
    case 'unknown':
      return conflict.foreign === undefined ? { ...conflict, ...outcomes.get(keyOf(conflict)) } : conflict;
    case 'version':
      return isAsked(conflict) ? { ...conflict, ...outcomes.get(keyOf(missingVersion(conflict))) } : conflict;
    case 'unmet':
      return { ...conflict, rejected: conflict.rejected.map((rejection) => rejectionWithPlaces(rejection, outcomes)) };
    default:
      return conflict;
  }
}

function rejectionWithPlaces(rejection: Rejection, outcomes: Outcomes): Rejection {
  const found = rejection.reason === 'missing' ? outcomes.get(keyOf({ name: rejection.candidate })) : undefined;
  if (found !== undefined) return { ...rejection, found };
  return { ...rejection, causes: rejection.causes.map((cause) => withPlaces(cause, outcomes)) };
}

/** Nothing at all where there is nothing to say. What one way brings is told once. */
async function outcome(answer: Answer, missing: Missing, options: LookElsewhereOptions): Promise<LookedElsewhere> {
  const elsewhere: Elsewhere[] = [];
  for (const found of helpful(answer, missing)) {
    if (elsewhere.length === mostPlaces) break;
    const { suite, component, architecture, version } = found;
    const way = await wayTo(found, { ...options, isSuiteNamed: missing.suite !== undefined });
    if (elsewhere.every((told) => told.way !== way)) elsewhere.push({ suite, component, architecture, version, way });
  }
  const { unreachable } = answer;
  return {
    ...(elsewhere.length === 0 ? {} : { elsewhere }),
    ...(unreachable.length === 0 || elsewhere.length > 0 ? {} : { unreachable }),
  };
}

function helpful({ found }: Answer, missing: Missing): readonly FoundElsewhere<WayPlace>[] {
  const isVersion = missing.version === undefined ? () => true : readVersion(missing.version);
  return found.filter(
    ({ name, version, suite }) => name === missing.name && isVersion(version) && (missing.suite ?? suite) === suite,
  );
}
