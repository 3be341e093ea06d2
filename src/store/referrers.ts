import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';

/** A list of referrers as every target answers it: each once, sorted by digest, those of one type where it is given. */
export function listReferrers(found: Iterable<Descriptor>, artifactType?: string): readonly Descriptor[] {
  const byDigest = new Map<Digest, Descriptor>();
  for (const descriptor of found) {
    if (artifactType === undefined || descriptor.artifactType === artifactType)
      byDigest.set(descriptor.digest, descriptor);
  }
  return [...byDigest.values()].sort((a, b) => compareStrings(a.digest, b.digest));
}

/** The tag under which a place without lists of referrers keeps one (distribution-spec, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  return subject.replace(':', '-');
}

export function isReferrersTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}$/.test(tag);
}
