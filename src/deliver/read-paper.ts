import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { writeFileAtomically } from '../image/atomic-output.ts';
import { openImage } from '../image/open-image.ts';
import type { Image } from '../image/types.ts';
import { formatLocation, type ImageLocation, parseLocation } from '../oci/location.ts';
import { type PaperKind, paperTypes } from '../oci/papers.ts';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import { OciLayout } from '../store/oci-layout.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { type Digest, digestOf } from '../util/digest.ts';
import { archivedManifests } from './archived-manifests.ts';
import { attachedKinds, readAttached } from './attached-paper.ts';
import { readBeside } from './beside-paper.ts';
import { readBill } from './kept-bill.ts';
import type { Surroundings } from './surroundings.ts';

export interface PaperOptions {
  /** Default `spdx`. */
  readonly kind?: PaperKind | undefined;
  /** Of an image of several, `linux/arm64`; default the machine's, or the only one. */
  readonly platform?: string | undefined;
  /** Writes the document to this file as well; absolute, or against `cwd`. */
  readonly output?: string | undefined;
}

/** A document about an image. */
export interface ReadPaper {
  readonly kind: PaperKind;
  readonly mediaType: string;
  /** Of the image that it is about, where that is known. */
  readonly platform: string | undefined;
  /** The image's manifest; undefined where the form keeps no digests, and nobody can tell whether the paper is the image's. */
  readonly subject: Digest | undefined;
  /** Of `bytes`. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/**
 * The paper of an image: what is attached to it in `store:`, `oci:` and `docker://`, the file beside `oci-archive:`, `docker-archive:` and
 * `tar:`. An SBOM in a format that the build did not make is made now where this store knows what the image holds.
 *
 * @throws SlimimageError PAPER_NOT_FOUND with what there is; DIGEST_MISMATCH for a paper of another image; what opening an image
 *   brings about
 */
export async function readPaper(image: string, options: PaperOptions & Surroundings): Promise<ReadPaper> {
  const found = await find(image, { ...options, kind: options.kind ?? 'spdx' });
  const { output, cwd } = options;
  if (output !== undefined) await writeFileAtomically(resolve(cwd, output), found.bytes);
  return found;
}

interface Search extends PaperOptions, Surroundings {
  readonly kind: PaperKind;
}

async function find(text: string, search: Search): Promise<ReadPaper> {
  const { kind } = search;
  const location = parseLocation(text);
  if (location.type === 'dir' || location.type === 'docker-daemon') throw keepsNone(location);
  const { descriptor, platform, name } = await describe(text, search);
  const subject = descriptor?.digest;
  const about = { kind, mediaType: paperTypes[kind].mediaType, subject };
  const shown = platform === undefined ? undefined : formatPlatform(platform);
  const done = (bytes: Uint8Array): ReadPaper => ({ ...about, platform: shown, digest: digestOf(bytes), bytes });
  if ('file' in location) {
    const subjects = await besideSubjects(location, { subject, search });
    const beside = await readBeside(text, { kind, platform: shown ?? search.platform, subjects, cwd: search.cwd });
    if (beside !== undefined) return done(beside);
  }
  if (descriptor === undefined) throw notFound(name, { kind, there: [] });
  const target = await targetOf(location, search);
  const known = new Set((await search.store.referrers(descriptor.digest)).map(({ digest }) => digest));
  const wanted = { kind, subject: descriptor, known };
  const attached = target === undefined ? undefined : await readAttached(target, wanted, search);
  const bytes = attached ?? (await makeNow(descriptor.digest, search));
  if (bytes !== undefined) return done(bytes);
  throw notFound(name, { kind, there: target === undefined ? [] : await attachedKinds(target, descriptor, search) });
}

/** By what a file beside an archive may name it. */
async function besideSubjects(
  location: ImageLocation,
  { subject, search }: { readonly subject: Digest | undefined; readonly search: Search },
): Promise<readonly Digest[]> {
  const { store, cwd, signal } = search;
  if (location.type === 'docker-archive') return archivedManifests(location.file, { store, cwd, signal });
  return subject === undefined ? [] : [subject];
}

async function describe(text: string, search: Search): Promise<Pick<Image, 'descriptor' | 'platform' | 'name'>> {
  const { store, registries, cwd, env, onEvent, signal } = search;
  const platform = search.platform === undefined ? undefined : parsePlatform(search.platform);
  const image = await openImage(text, { store, registries, platform, cwd, env, onEvent, signal });
  await image.close();
  return image;
}

/** Where papers are attached; undefined for archives, which have them beside. */
async function targetOf(location: ImageLocation, search: Search): Promise<ReferrerTarget | undefined> {
  if (location.type === 'store') return search.store;
  if (location.type === 'oci') return OciLayout.open(resolve(search.cwd, location.directory));
  if (location.type === 'registry') return search.registries.repository(location.reference);
  return undefined;
}

async function makeNow(manifest: Digest, { kind, store }: Search): Promise<Uint8Array | undefined> {
  if (kind === 'provenance') return undefined;
  const bill = await readBill(manifest, store);
  if (bill === undefined) return undefined;
  const { encodeSbom } = await import('../sbom/encode.ts');
  return encodeSbom(kind, bill);
}

const names: Readonly<Record<PaperKind, string>> = {
  spdx: 'SBOM in SPDX 2.3',
  'spdx-3': 'SBOM in SPDX 3.0',
  cyclonedx: 'SBOM in CycloneDX',
  provenance: 'provenance',
};

function notFound(
  name: string,
  { kind, there }: { readonly kind: PaperKind; readonly there: readonly PaperKind[] },
): SlimimageError {
  const ways = there.map((one) => (one === 'provenance' ? '--provenance' : `--format ${one}`));
  return new SlimimageError({
    code: 'PAPER_NOT_FOUND',
    message: `${name} has no ${names[kind]}`,
    hint:
      ways.length > 0
        ? `It has: ${ways.join(', ')}. Building it again with slimimage makes the others.`
        : 'Papers come with what "slimimage build" makes: into the store, to registries, beside archives, into layouts with --attach.',
  });
}

function keepsNone(location: ImageLocation): SlimimageError {
  return new SlimimageError({
    code: 'PAPER_NOT_FOUND',
    message: `${formatLocation(location)} keeps no papers`,
    hint: 'Name the image where it was built or pushed: store:NAME or docker://HOST/REPO:TAG.',
  });
}
