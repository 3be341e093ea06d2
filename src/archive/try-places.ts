/** One .deb asked for at every place that may have it, and what to say when none has. */
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { HttpError } from '../net/http-error.ts';
import { isPlacesFault, mostTelling, noUrl } from './try-mirrors.ts';

export interface Place {
  readonly kind: 'mirror' | 'snapshot archive';
  /** Base URL. */
  readonly url: string;
}

interface Failure {
  readonly place: Place;
  readonly error: SlimimageError;
}

export interface TryPlacesOptions<T> {
  /** Base URLs of which nothing was heard, for all packages of a call: to wait for them with each one would take hours. */
  readonly silent: Set<string>;
  attempt(url: string): Promise<T>;
}

/**
 * The first answer. Places that are silent come last. A snapshot archive that can't be reached is not asked for another of its times.
 *
 * @throws SlimimageError what `attempt` throws where the fault is no server's. Else one that names the package and what
 * each place said, with the code of the failure that says most.
 */
export async function tryPlaces<T>(
  record: PackageRecord,
  places: readonly Place[],
  { silent, attempt }: TryPlacesOptions<T>,
): Promise<T> {
  const failures: Failure[] = [];
  const isSilent = ({ url }: Place) => silent.has(url);
  for (const place of [...places.filter((one) => !isSilent(one)), ...places.filter(isSilent)]) {
    const asked = failures.filter((failure) => failure.place.kind === place.kind);
    if (place.kind === 'snapshot archive' && asked.some(({ error }) => !isAbsent(error))) continue;
    try {
      return await attempt(place.url);
    } catch (error) {
      if (!isPlacesFault(error)) throw error;
      if (error.code === 'NETWORK') silent.add(place.url);
      failures.push({ place, error });
    }
  }
  throw nowhere(record, failures);
}

export function titleOf(record: Pick<PackageRecord, 'name' | 'version' | 'architecture'>): string {
  return `${record.name} ${record.version} (${record.architecture})`;
}

function nowhere(record: PackageRecord, failures: readonly Failure[]): SlimimageError {
  const { archive } = record.origin;
  const cause = mostTelling(failures.map(({ error }) => error));
  if (cause === undefined) return noUrl(archive);
  // The client's messages name the URL, without what a login is made of.
  const asked = failures.map(({ place, error }) => `  ${place.kind}: ${error.message}`);
  const gone = failures.every(({ error }) => isAbsent(error));
  const fate = gone ? 'is gone from every place that was asked' : 'could not be fetched from any place';
  return new SlimimageError({
    code: cause.code,
    message: `${titleOf(record)} of the archive ${archive} ${fate}:\n${asked.join('\n')}`,
    hint: gone ? goneHint : (cause.hint ?? goneHint),
    cause,
  });
}

function isAbsent(error: SlimimageError): boolean {
  return error instanceof HttpError && (error.status === 404 || error.status === 410);
}

const goneHint =
  'take what the archive has now (with a lock: slimimage update --write), or name a place that still has it: mirrors: or snapshot:';
