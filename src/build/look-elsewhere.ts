import { type FoundElsewhere, findElsewhere, type Place, type PlacesAnswer } from '../archive/elsewhere.ts';
import type { ImageSpec } from '../config/spec.ts';
import { readVersion } from '../solver/pins.ts';
import type { Conflict, LookedElsewhere, Rejection } from '../solver/types.ts';
import { nearMatches } from '../util/nearest.ts';
import { farPlaces, type LookOptions, nearPlaces } from './places.ts';
import type { Session } from './session.ts';

/**
 * Conflicts with the places that have what is missing: other components and backports first, and where these have
 * nothing, other releases of the distribution and another architecture, whose indexes are large. Never throws for a
 * place that cannot be asked: the conflict says so.
 * @throws SlimimageError ABORTED
 */
export async function lookElsewhere(
  conflicts: readonly Conflict[],
  spec: ImageSpec,
  options: LookOptions & { readonly session: Session },
): Promise<readonly Conflict[]> {
  const missing = conflicts.flatMap(missingIn);
  if (missing.length === 0) return conflicts;
  const { session } = options;
  const suites = [...new Set(missing.flatMap(({ suite }) => suite ?? []))];
  const near = await look(missing, nearPlaces(spec, options, suites), session);
  const rest = missing.filter((one) => !one.isSlip && helpful(near, one).length === 0);
  const isWorthIt = ({ suite }: Place): boolean => rest.some((one) => (one.suite ?? suite) === suite);
  const far = await look(rest, rest.length === 0 ? [] : (await farPlaces(spec, options)).filter(isWorthIt), session);
  const answer = { found: [...near.found, ...far.found], unreachable: [...near.unreachable, ...far.unreachable] };
  return conflicts.map((conflict) => withPlaces(conflict, answer));
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

async function look(missing: readonly Missing[], places: readonly Place[], session: Session): Promise<PlacesAnswer> {
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

function withPlaces(conflict: Conflict, answer: PlacesAnswer): Conflict {
  switch (conflict.type) {
    case 'unknown':
      return conflict.foreign === undefined ? { ...conflict, ...outcome(answer, { name: conflict.name }) } : conflict;
    case 'version':
      return isAsked(conflict) ? { ...conflict, ...outcome(answer, missingVersion(conflict)) } : conflict;
    case 'unmet':
      return { ...conflict, rejected: conflict.rejected.map((rejection) => rejectionWithPlaces(rejection, answer)) };
    default:
      return conflict;
  }
}

function rejectionWithPlaces(rejection: Rejection, answer: PlacesAnswer): Rejection {
  if (rejection.reason === 'missing') return { ...rejection, found: outcome(answer, { name: rejection.candidate }) };
  return { ...rejection, causes: rejection.causes.map((cause) => withPlaces(cause, answer)) };
}

/** Nothing at all where there is nothing to say. */
function outcome(answer: PlacesAnswer, missing: Omit<Missing, 'isSlip'>): LookedElsewhere {
  const elsewhere = helpful(answer, missing).slice(0, mostPlaces);
  const { unreachable } = answer;
  return {
    ...(elsewhere.length === 0 ? {} : { elsewhere: elsewhere.map(({ name: _, ...place }) => place) }),
    ...(unreachable.length === 0 || elsewhere.length > 0 ? {} : { unreachable }),
  };
}

/** What one way brings is told once. */
function helpful({ found }: PlacesAnswer, missing: Omit<Missing, 'isSlip'>): readonly FoundElsewhere[] {
  const isVersion = missing.version === undefined ? () => true : readVersion(missing.version);
  const fitting = found.filter(
    ({ name, version, suite }) => name === missing.name && isVersion(version) && (missing.suite ?? suite) === suite,
  );
  return fitting.filter(({ way }, at) => fitting.findIndex((other) => other.way === way) === at);
}
