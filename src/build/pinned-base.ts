import type { ImageSpec } from '../config/spec.ts';
import { formatLocation, parseLocation } from '../oci/location.ts';
import type { Digest } from '../util/digest.ts';

/** Whether the image of `on:` is a registry's: its name may mean another image tomorrow. */
export function isBaseOfRegistry({ on }: ImageSpec): boolean {
  return on !== undefined && parseLocation(on).type === 'registry';
}

/**
 * The specification on the very image that a lock names: `REPO:TAG` of a registry becomes `REPO@DIGEST`, wherever the tag points to now.
 * Other places keep one image a name, and what is there is held against the lock.
 */
export function pinBase(spec: ImageSpec, locked: Digest | null): ImageSpec {
  if (spec.on === undefined || locked === null) return spec;
  const location = parseLocation(spec.on);
  if (location.type !== 'registry') return spec;
  const { registry, repository } = location.reference;
  return { ...spec, on: formatLocation({ type: 'registry', reference: { registry, repository, digest: locked } }) };
}
