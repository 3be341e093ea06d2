import type { VerifiedRelease } from '../../archive/types.ts';
import type { ImageSpec } from '../../config/spec.ts';
import type { Content } from '../../content/types.ts';
import { packageRecord } from '../../distro/debian/record.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { parseStanza } from '../../formats/deb822/stanza.ts';
import type {
  LockedCut,
  LockedDonor,
  LockedOmission,
  LockedPackage,
  LockedPlatform,
  LockedRelease,
} from '../../lock/types.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { Cut } from '../../prune/types.ts';
import { renderRelation } from '../../solver/render.ts';
import type { ResolvedPackage } from '../../solver/types.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { wantedLateDonors } from '../contents.ts';
import { donorNames, type ResolvedPlatform } from '../resolve.ts';
import { pathInFolder } from './inputs.ts';
import { imagesOf } from './locked-images.ts';

/** What of an assembled platform goes into a lock. */
export function lockedPlatformOf(made: AssembledPlatform, spec: ImageSpec): LockedPlatform {
  const { assembled, base, imageFiles, pruning } = made;
  const { resolved, contents } = made.whole;
  const donors = [...contents.donors.values()].map((one) => lockedDonor(ownWords(one, resolved), spec));
  const lockedOf = (one: ResolvedPackage) => {
    const found = contents.packages.get(one.record.name);
    return lockedPackage(found === undefined ? one : { ...one, record: ownWords(found, resolved) }, spec);
  };
  return {
    platform: formatPlatform(resolved.platform),
    on: base?.digest ?? null,
    images: imagesOf(spec, imageFiles),
    packages: resolved.resolution.packages.map(lockedOf),
    donors: donors.sort((a, b) => compareStrings(a.name, b.name)),
    absentDonors: absentDonors(made.whole, spec),
    omitted: omissions(resolved),
    cuts: pruning.cuts.map(lockedCut),
    accounts: assembled.effects.assignedIds,
  };
}

function lockedCut({ package: name, grade, candidacy, because }: Cut): LockedCut {
  const neededBy = candidacy.type === 'listed' ? [] : candidacy.packages;
  return { name, grade, candidacy: candidacy.type, neededBy, because };
}

/** An index may say something else: a locked build has the .deb alone to compare with. */
function ownWords(
  { record, content }: { readonly record: PackageRecord; readonly content: Content },
  { architecture }: Pick<ResolvedPlatform, 'architecture'>,
): PackageRecord {
  const { source, installedSize } = ownRecord(record, content, architecture);
  return { ...record, source, installedSize };
}

/** The record of a package as its control file has it. */
export function ownRecord(record: PackageRecord, { index }: Content, architecture: string): PackageRecord {
  const { name, origin, size, sha256 } = record;
  const control = parseStanza(index.control, { what: `The control file of ${name}` });
  return packageRecord(control, origin, { architecture, file: { size, sha256 } });
}

/** A dependency on what only they provide holds, and a locked build asks no index what that is. */
function omissions({ resolution, omitted }: ResolvedPlatform): readonly LockedOmission[] {
  const records = resolution.packages.map(({ record }) => record);
  const needed = new Set(
    records.flatMap(({ preDepends, depends, recommends }) =>
      [preDepends, depends, recommends].flat(2).map(({ name }) => name),
    ),
  );
  return omitted().flatMap(({ name, provides }) => {
    const wanted = provides.filter((one) => one.name !== name && needed.has(one.name));
    return wanted.length === 0
      ? []
      : [{ name, provides: [...new Set(wanted.map(renderRelation))].sort(compareStrings) }];
  });
}

function absentDonors({ contents }: AssembledPlatform['whole'], spec: ImageSpec): readonly string[] {
  if (spec.base !== 'debian') return [];
  const { packages, donors } = contents;
  const wanted = [...donorNames, ...wantedLateDonors(spec, packages)];
  return wanted.filter((name) => !packages.has(name) && !donors.has(name)).sort(compareStrings);
}

/** Every Release that vouched for something, once: platforms share most, and a mirror may change between two. */
export function lockedReleases(platforms: readonly (readonly VerifiedRelease[])[]): readonly LockedRelease[] {
  const keyOf = ({ archive, suite, sha256 }: VerifiedRelease) => [archive, suite, sha256].join(' ');
  const byKey = Map.groupBy(platforms.flat(), keyOf);
  return [...byKey]
    .sort(([a], [b]) => compareStrings(a, b))
    .flatMap(([, [one, ...more]]) => (one === undefined ? [] : lockedRelease(one, more)));
}

/** @param more the same Release, as other platforms read it */
function lockedRelease(release: VerifiedRelease, more: readonly VerifiedRelease[]): LockedRelease {
  const { archive, suite, codename, sha256, date, validUntil, fingerprints } = release;
  const indexes = new Map([release, ...more].flatMap((one) => one.indexes.map((index) => [index.path, index])));
  return {
    archive,
    suite,
    codename,
    digest: `sha256:${sha256}`,
    date,
    validUntil: validUntil ?? null,
    fingerprints: fingerprints.toSorted(compareStrings),
    indexes: [...indexes.values()]
      .map(({ path, size, sha256: digest }) => ({ path, size, sha256: digest }))
      .sort((a, b) => compareStrings(a.path, b.path)),
  };
}

export function lockedPackage({ record, reasons }: ResolvedPackage, spec: Pick<ImageSpec, 'directory'>): LockedPackage {
  const requests = reasons.flatMap((reason) => (reason.type === 'request' ? [reason.text] : []));
  const needing = new Set(reasons.flatMap((reason) => ('from' in reason ? [reason.from] : [])));
  return {
    ...lockedDonor(record, spec),
    requests: requests.map((text) => (text.startsWith('/') ? pathInFolder(text, spec) : text)),
    requestedBy: [...needing].sort(compareStrings),
  };
}

export function lockedDonor(record: PackageRecord, spec: Pick<ImageSpec, 'directory'>): LockedDonor {
  const { name, version, architecture, source, origin, size, sha256 } = record;
  const { archive, suite, component, path } = origin;
  return {
    name,
    version,
    architecture,
    source,
    archive,
    suite,
    component,
    path: archive === 'file' ? pathInFolder(path, spec).replace(/^\.\//, '') : path,
    size,
    installedSize: record.installedSize * 1024,
    sha256,
  };
}
