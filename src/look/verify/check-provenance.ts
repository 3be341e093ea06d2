import type { LockFile } from '../../build/lock/file.ts';
import { isSlimimageError } from '../../errors.ts';
import { type Digest, hexOf } from '../../util/digest.ts';
import type { ImagePackages } from '../../view/packages.ts';
import { debianArchitecture } from './debian-architecture.ts';
import type { FoundPaper } from './find-papers.ts';
import type { ReadContents } from './read-contents.ts';
import { type ReadProvenance, readProvenance } from './read-provenance.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface LookedPlatform {
  readonly platform: string;
  readonly packages: ImagePackages;
  readonly contents: ReadContents;
}

export interface CheckProvenanceInput {
  readonly papers: readonly FoundPaper[];
  /** Digests by which the image may be named: of its root, and of the platforms' manifests. */
  readonly digests: readonly Digest[];
  readonly platforms: readonly LookedPlatform[];
  /** Whether `platforms` are all that the image has. */
  readonly isWhole: boolean;
  readonly lock: LockFile | undefined;
}

export interface CheckedProvenance {
  readonly claims: readonly Claim[];
  /** Those that speak of this image, of slimimage's. */
  readonly provenances: readonly ReadProvenance[];
}

/** Every provenance of an image, held against the image's digest, its packages, and the lock. */
export function checkProvenance(input: CheckProvenanceInput): CheckedProvenance {
  const tally = new Tally();
  const provenances: ReadProvenance[] = [];
  let others = 0;
  for (const { bytes, from } of input.papers) {
    const read = parsed(bytes, { from, tally });
    if (read === undefined) continue;
    const names = new Set(read.subjects);
    if (input.digests.length > 0 && !input.digests.some((digest) => names.has(hexOf(digest)))) {
      tally.failed(from, 'it does not name this image by its digest');
    } else if (!read.isOurs) {
      others++;
      tally.note(from, 'another builder made it: what it names is not read');
    } else {
      tally.proven();
      holdPackages(tally, { read, from, input });
      provenances.push(read);
    }
  }
  const empty = others > 0 ? 'another builder made its provenance' : 'it has no provenance';
  const claim = tally.claim({
    id: 'provenance',
    claim: 'a provenance names this image by its digest, and as materials the packages that it holds',
    by: "the provenance attached to it or beside it, held against the image's package database; the provenance itself is worth what its signature is",
    empty,
  });
  return { claims: [claim, ...lockClaims(provenances, input)], provenances };
}

function parsed(
  bytes: Uint8Array,
  { from, tally }: { readonly from: string; readonly tally: Tally },
): ReadProvenance | undefined {
  try {
    const read = readProvenance(bytes);
    if (read === undefined) tally.note(from, 'it is a statement of another kind');
    return read;
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    tally.failed(from, error.message);
    return undefined;
  }
}

interface HeldProvenance {
  readonly read: ReadProvenance;
  readonly from: string;
  readonly input: CheckProvenanceInput;
}

function holdPackages(tally: Tally, { read, from, input: { platforms, isWhole } }: HeldProvenance): void {
  if (platforms.length === 0) {
    tally.unproven('packages', 'the files of the image can not be read');
    return;
  }
  const isOnOther = read.images.some(({ role }) => role === 'on');
  const named = read.packages.filter(({ isInstalled }) => isInstalled);
  const keys = new Set(named.map(titleOf));
  const held = new Set<string>();
  for (const { platform, packages } of platforms) {
    for (const one of packages.packages) {
      if (one.ecosystem !== 'deb') continue;
      const title = titleOf(one);
      held.add(title);
      if (keys.has(title)) tally.proven();
      else if (isOnOther) tally.note(title, 'the provenance names the image below, which may have brought it');
      else tally.failed(title, `it is in the image (${platform}), and ${from} does not name it`);
    }
  }
  // A package for all architectures may be another platform's, where not every one was looked into.
  const architectures = new Set([
    ...(isWhole ? ['all'] : []),
    ...platforms.map(({ platform }) => debianArchitecture(platform) ?? platform),
  ]);
  for (const one of named) {
    if (held.has(titleOf(one)) || !architectures.has(one.architecture)) continue;
    tally.failed(titleOf(one), `${from} names it, and it is not in the image`);
  }
}

function titleOf({
  name,
  version,
  architecture,
}: Pick<ReadProvenance['packages'][number], 'name' | 'version' | 'architecture'>) {
  return `${name} ${version} (${architecture})`;
}

function lockClaims(provenances: readonly ReadProvenance[], { lock }: CheckProvenanceInput): readonly Claim[] {
  if (lock === undefined || provenances.length === 0) return [];
  const { document, digest } = lock;
  const tally = new Tally();
  const debs = new Map(
    document.platforms.flatMap(({ packages, donors }) => [...packages, ...donors]).map((one) => [one.sha256, one]),
  );
  const releases = new Set(document.releases.map((one) => hexOf(one.digest)));
  for (const read of provenances) {
    for (const one of read.packages) {
      if (debs.has(one.sha256)) tally.proven();
      else tally.failed(titleOf(one), `the provenance names the .deb ${one.sha256}, which the lock does not have`);
    }
    for (const { archive, suite, sha256, date } of read.releases) {
      if (releases.has(sha256)) tally.proven();
      else tally.unproven(`${archive} ${suite}`, `the provenance names the Release of ${date}, the lock another one`);
    }
    if (read.lock === undefined) tally.note('lock', 'the build did not take a lock');
    else if (read.lock !== hexOf(digest)) tally.note('lock', `the build took another lock: ${read.lock}`);
  }
  return [
    tally.claim({
      id: 'locked-materials',
      claim: 'provenance and lock name the same .debs and Releases',
      by: 'the sha256 of each, in both documents',
    }),
  ];
}
