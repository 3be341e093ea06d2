import { compareStrings } from '../util/text.ts';
import type { LockDocument, LockedDonor, LockedPackage, LockedPlatform, LockedRelease, LockInput } from './types.ts';

/** The bytes of a lock file: keys in the order of types.ts, lists sorted, two spaces, a line break at the end. */
export function encodeLock(lock: LockDocument): string {
  return `${JSON.stringify(canonicalLock(lock), undefined, 2)}\n`;
}

/** The same lock in its one order. */
export function canonicalLock(lock: LockDocument): LockDocument {
  const { configuration, compressor } = lock;
  return {
    lockVersion: lock.lockVersion,
    configuration: { digest: configuration.digest, inputs: sortedInputs(configuration.inputs) },
    compressor: {
      algorithm: compressor.algorithm,
      level: compressor.level,
      contentFormat: compressor.contentFormat,
      layerFormat: compressor.layerFormat,
      ...(compressor.bytecode === undefined ? {} : { bytecode: compressor.bytecode }),
    },
    releases: lock.releases.map(release).sort(compareReleases),
    platforms: lock.platforms.map(platform),
  };
}

function release(one: LockedRelease): LockedRelease {
  const { archive, suite, codename, digest, date, validUntil } = one;
  const fingerprints = one.fingerprints.toSorted(compareStrings);
  const indexes = one.indexes
    .map(({ path, size, sha256 }) => ({ path, size, sha256 }))
    .sort((a, b) => compareStrings(a.path, b.path));
  return { archive, suite, codename, digest, date, validUntil, fingerprints, indexes };
}

function compareReleases(a: LockedRelease, b: LockedRelease): number {
  return compareStrings(a.archive, b.archive) || compareStrings(a.suite, b.suite) || compareStrings(a.digest, b.digest);
}

function platform(one: LockedPlatform): LockedPlatform {
  const { platform: name, on, images, packages, donors, absentDonors, omitted, cuts, accounts } = one;
  return {
    platform: name,
    on,
    images: images.map(({ image, digest }) => ({ image, digest })).sort((a, b) => compareStrings(a.image, b.image)),
    packages: packages.map(lockedPackage).sort(byName),
    donors: donors.map(donor).sort(byName),
    absentDonors: absentDonors.toSorted(compareStrings),
    omitted: omitted
      .map(({ name: left, provides }) => ({ name: left, provides: provides.toSorted(compareStrings) }))
      .sort(byName),
    cuts: cuts
      .map(({ name: cut, grade, candidacy, neededBy, because }) => {
        return { name: cut, grade, candidacy, neededBy: neededBy.toSorted(compareStrings), because };
      })
      .sort(byName),
    accounts: { users: sortedByKey(accounts.users), groups: sortedByKey(accounts.groups) },
  };
}

function lockedPackage(one: LockedPackage): LockedPackage {
  const { requests, requestedBy } = one;
  return { ...donor(one), requests, requestedBy: requestedBy.toSorted(compareStrings) };
}

function donor(one: LockedDonor): LockedDonor {
  return {
    name: one.name,
    version: one.version,
    architecture: one.architecture,
    source: { name: one.source.name, version: one.source.version },
    archive: one.archive,
    suite: one.suite,
    component: one.component,
    path: one.path,
    size: one.size,
    installedSize: one.installedSize,
    sha256: one.sha256,
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareStrings(a.name, b.name);
}

function sortedInputs<T extends LockInput>(input: T): T;
function sortedInputs(input: LockInput): LockInput {
  if (isList(input)) return input.map((member) => sortedInputs(member));
  if (typeof input !== 'object' || input === null) return input;
  return sortedByKey(Object.fromEntries(Object.entries(input).map(([key, member]) => [key, sortedInputs(member)])));
}

/** `Array.isArray` does not see through `readonly`. */
export function isList(input: LockInput): input is readonly LockInput[] {
  return Array.isArray(input);
}

function sortedByKey<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareStrings(a, b)));
}
