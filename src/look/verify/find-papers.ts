/** Papers and signatures of an image where it is: all that refer to it, unread. */

import { archivedManifests } from '../../deliver/archived-manifests.ts';
import { readBeside } from '../../deliver/beside-paper.ts';
import { type KnownReferrer, knownReferrers, readReferrerBlob, usableOrNone } from '../../deliver/known-referrers.ts';
import { isSlimimageError } from '../../errors.ts';
import type { OnEvent } from '../../events.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseLocation } from '../../oci/location.ts';
import { paperTypes } from '../../oci/papers.ts';
import type { LocalStore } from '../../store/local-store.ts';
import type { ReferrerTarget } from '../../store/target.ts';
import type { Digest } from '../../util/digest.ts';
import { isDamage } from './open-subject.ts';

export interface FoundPaper {
  readonly bytes: Uint8Array;
  /** How messages call it. */
  readonly from: string;
}

/** What refers to one document of an image. */
export interface Referred {
  readonly subject: Descriptor;
  readonly referrers: readonly KnownReferrer[];
}

/** Provenances of one image that are read: a nightly build may leave one a night. */
const maxProvenances = 50;

export async function findReferred(
  target: ReferrerTarget,
  subjects: readonly Descriptor[],
  options: { readonly onEvent?: OnEvent | undefined; readonly signal?: AbortSignal | undefined },
): Promise<readonly Referred[]> {
  const found: Referred[] = [];
  const read = async (subject: Descriptor) => {
    try {
      return await knownReferrers(target, subject, options);
    } catch (error) {
      // A list that is damaged is told where papers are held.
      if (!isDamage(error)) throw error;
      return [];
    }
  };
  for (const subject of new Map(subjects.map((one) => [one.digest, one])).values())
    found.push({ subject, referrers: await read(subject) });
  return found;
}

/** Provenances among what refers to an image, each once. A damaged one is empty bytes: that is told. */
export async function attachedProvenances(
  target: ReferrerTarget,
  referred: readonly Referred[],
): Promise<readonly FoundPaper[]> {
  const { mediaType } = paperTypes.provenance;
  const found = new Map<Digest, FoundPaper>();
  for (const { manifest, descriptor } of referred.flatMap(({ referrers }) => referrers)) {
    const blob = manifest.layers.find((layer) => layer.mediaType === mediaType);
    if (manifest.artifactType !== mediaType || blob === undefined || found.has(blob.digest)) continue;
    if (found.size >= maxProvenances) break;
    const bytes = await usableOrNone(() => readReferrerBlob(target, blob));
    found.set(blob.digest, { bytes: bytes ?? new Uint8Array(), from: `the provenance in ${descriptor.digest}` });
  }
  return [...found.values()];
}

export interface BesideOptions {
  readonly store: LocalStore;
  readonly cwd: string;
  readonly platform: string | undefined;
  readonly digests: readonly Digest[];
  readonly signal?: AbortSignal | undefined;
}

/** The provenance beside an image that is a file, with the digests by which it may name the image. */
export async function provenanceBeside(
  image: string,
  { store, cwd, platform, digests, signal }: BesideOptions,
): Promise<{ readonly papers: readonly FoundPaper[]; readonly digests: readonly Digest[] }> {
  const location = parseLocation(image);
  if (!('file' in location)) return { papers: [], digests };
  const all =
    location.type === 'docker-archive'
      ? [...digests, ...(await archivedManifests(location.file, { store, cwd, signal }))]
      : digests;
  try {
    const bytes = await readBeside(image, { kind: 'provenance', platform, subjects: [], cwd });
    return { papers: bytes === undefined ? [] : [{ bytes, from: 'the provenance beside it' }], digests: all };
  } catch (error) {
    if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    return { papers: [], digests: all };
  }
}
