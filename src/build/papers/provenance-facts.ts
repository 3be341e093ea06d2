import { basename } from 'node:path';
import type { ImageSpec } from '../../config/spec.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { compressionName } from '../../oci/compression.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { ProvenanceFacts, ProvenancePackage, ProvenanceRelease } from '../../provenance/types.ts';
import type { Digest } from '../../util/digest.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { lockedReleases } from '../lock/locked-platform.ts';
import { currentForms } from '../lock/open.ts';
import { toolVersion } from '../tool-version.ts';
import { configurationDigest } from './configuration-digest.ts';
import { paperImage } from './configured-places.ts';
import type { EarlyFacts } from './early-facts.ts';
import { vendorOf } from './vendor.ts';

/** One platform of an image, made. */
export interface PaperedPlatform extends AssembledPlatform {
  readonly manifest: Descriptor;
  readonly early: EarlyFacts;
}

export interface FactsInput {
  readonly spec: ImageSpec;
  /** What papers call the image. */
  readonly name: string;
  /** The manifest or index that the image is. */
  readonly root: Descriptor;
  readonly platforms: readonly PaperedPlatform[];
  /** Of the lock file that it was built from. */
  readonly lock: Digest | undefined;
  readonly sources: ProvenanceFacts['sources'];
}

/** What an image was made of. The same on every machine, in every folder, from every mirror. */
export function provenanceFacts({ spec, name, root, platforms, lock, sources }: FactsInput): ProvenanceFacts {
  return {
    name,
    subjects: subjectsOf(root, platforms),
    toolVersion,
    configuration: configurationDigest(spec),
    lock,
    compressor: { name: compressionName(spec.compression), ...currentForms },
    bytecode: platforms.find(({ assembled }) => assembled.bytecode !== undefined)?.assembled.bytecode?.compiler,
    platforms: platforms.map(({ platform }) => formatPlatform(platform)),
    releases: releasesOf(platforms),
    packages: packagesOf(platforms, spec),
    images: imagesOf(platforms, spec),
    created: givenTime(platforms),
    sources,
  };
}

/** Where nobody says, it follows from the packages and the image below. */
function givenTime(platforms: readonly PaperedPlatform[]): number | undefined {
  return platforms.find(({ assembled }) => assembled.createdIsGiven)?.assembled.created;
}

function subjectsOf(root: Descriptor, platforms: readonly PaperedPlatform[]): ProvenanceFacts['subjects'] {
  const manifests = platforms.map(({ manifest, platform }) => ({
    digest: manifest.digest,
    platform: formatPlatform(platform),
  }));
  const isManifest = manifests.some(({ digest }) => digest === root.digest);
  return isManifest ? manifests : [{ digest: root.digest, platform: undefined }, ...manifests];
}

function releasesOf(platforms: readonly PaperedPlatform[]): readonly ProvenanceRelease[] {
  return lockedReleases(platforms.map(({ resolved }) => resolved.releases)).map(
    ({ archive, suite, digest, date, fingerprints, indexes }) => ({
      archive,
      suite,
      digest,
      date,
      fingerprints,
      indexes: indexes.map(({ path, sha256 }) => ({ path, digest: `sha256:${sha256}` as const })),
    }),
  );
}

/** Every .deb once: platforms share those for all architectures, and what is installed on one may be read on another. */
function packagesOf(platforms: readonly PaperedPlatform[], spec: ImageSpec): readonly ProvenancePackage[] {
  const found = new Map<string, ProvenancePackage>();
  for (const { contents } of platforms)
    for (const { record } of contents.donors.values()) found.set(record.sha256, packageOf(record, true, spec));
  for (const { contents } of platforms)
    for (const { record } of contents.packages.values()) found.set(record.sha256, packageOf(record, false, spec));
  return [...found.values()].sort((a, b) => compareStrings(keyOf(a), keyOf(b)));
}

function packageOf(record: PackageRecord, donor: boolean, spec: ImageSpec): ProvenancePackage {
  const { name, version, architecture, sha256, origin } = record;
  const { archive, suite } = origin;
  const path = archive === 'file' ? basename(origin.path) : origin.path;
  return { name, version, architecture, ...vendorOf(archive, spec), archive, suite, path, sha256, donor };
}

function keyOf({ name, version, architecture, sha256 }: ProvenancePackage): string {
  return [name, version, architecture, sha256].join(' ');
}

function imagesOf(platforms: readonly PaperedPlatform[], spec: ImageSpec): ProvenanceFacts['images'] {
  const images = platforms.flatMap(({ base, imageFiles }): ProvenanceFacts['images'] => {
    const below =
      spec.on === undefined || base === undefined
        ? []
        : [{ role: 'on' as const, name: paperImage(spec.on, spec), digest: base.digest }];
    const copied = [...imageFiles].flatMap(([at, { digest }]) => {
      const image = spec.files[at]?.image;
      return image === undefined || digest === undefined
        ? []
        : [{ role: 'files' as const, name: paperImage(image, spec), digest }];
    });
    return [...below, ...copied];
  });
  const once = new Map(images.map((image) => [`${image.role} ${image.name} ${image.digest}`, image]));
  return [...once].sort(([a], [b]) => compareStrings(a, b)).map(([, image]) => image);
}
