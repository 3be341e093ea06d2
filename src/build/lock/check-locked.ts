import type { ImageSpec } from '../../config/spec.ts';
import type { LockDocument, LockedCut, LockedDonor, LockedPackage, LockedPlatform } from '../../lock/types.ts';
import { compressionName } from '../../oci/compression.ts';
import { listedCandidates } from '../../prune/listed.ts';
import { donorNames, lateDonorNames, type PlatformRequests } from '../resolve.ts';
import { uncut } from '../uncut.ts';
import { pathInFolder } from './inputs.ts';
import { invalid } from './locked-records.ts';

export interface CheckLockedOptions {
  readonly spec: ImageSpec;
  readonly asked: PlatformRequests;
  readonly lock: LockDocument;
}

/**
 * What can be told of a locked platform without a .deb: that it is one that `slimimage lock` writes for this
 * configuration. Whoever edits a lock by hand would else get another image without a word.
 * @throws SlimimageError LOCK_INVALID
 */
export function checkLocked(locked: LockedPlatform, { spec, asked, lock }: CheckLockedOptions): void {
  checkCompressor(lock, spec);
  checkDonors(locked, spec);
  checkOmitted(locked, spec);
  checkCuts(locked, spec);
  for (const item of [...locked.packages, ...locked.donors]) checkPlace(item, asked);
  checkRequests(locked, { spec, asked });
  checkReasons(locked, spec);
}

function checkCompressor({ compressor }: LockDocument, { compression }: ImageSpec): void {
  const level = compression.algorithm === 'none' ? null : compression.level;
  if (compressor.algorithm === compression.algorithm && compressor.level === level) return;
  const written = `${compressor.algorithm}${compressor.level === null ? '' : `-${compressor.level}`}`;
  throw invalid(`its compressor is ${written}, and the configuration says ${compressionName(compression)}`);
}

/** Without one of them the image would lack accounts or name services: nothing that a build may find out by itself. */
function checkDonors({ packages, donors, absentDonors }: LockedPlatform, { base }: ImageSpec): void {
  const installed = new Set(packages.map(({ name }) => name));
  const read = new Set(donors.map(({ name }) => name));
  const allowed: readonly string[] = base === 'debian' ? [...donorNames, ...lateDonorNames] : [];
  for (const { name, archive } of donors) {
    if (allowed.includes(name) && archive !== 'file' && !installed.has(name)) continue;
    throw invalid(`${name} is not a package that is read without being installed`);
  }
  const contrary = absentDonors.find((name) => !allowed.includes(name) || installed.has(name) || read.has(name));
  if (contrary !== undefined) throw invalid(`${contrary} can't be among absentDonors`);
  if (base !== 'debian') return;
  for (const name of donorNames) if (!installed.has(name) && !read.has(name)) refuseMissingDonor(name, absentDonors);
}

/** Else a lock could do without any dependency. */
function checkOmitted({ packages, omitted }: LockedPlatform, { omit }: ImageSpec): void {
  for (const { name } of omitted) {
    if (!omit.includes(name)) throw invalid(`it leaves out ${name}, which the configuration does not`);
    if (packages.some((one) => one.name === name)) throw invalid(`it has ${name}, and leaves it out`);
  }
}

/** Nothing that is asked for or kept by name goes, and what goes is there to go: whatever somebody wrote into the lock. */
function checkCuts({ packages, cuts }: LockedPlatform, { dependencies, keep }: ImageSpec): void {
  const gone = new Set(cuts.map(({ name }) => name));
  for (const cut of cuts) {
    const { name } = cut;
    const found = packages.find((one) => one.name === name);
    if (dependencies !== 'runtime')
      throw invalid(`it cuts ${name}, and the configuration says dependencies: ${dependencies}`);
    if (found === undefined) throw invalid(`it cuts ${name}, which it does not have`);
    if (found.requests.length > 0) throw invalid(`it cuts ${name}, which the configuration asks for`);
    if (keep.includes(name)) throw invalid(`it cuts ${name}, which the configuration keeps`);
    if (uncut.has(name)) throw invalid(`it cuts ${name}, which images are made with`);
    checkCandidacy(
      cut,
      packages.filter((one) => found.requestedBy.includes(one.name) && !gone.has(one.name)),
    );
  }
}

/** As `dependencies: runtime` cuts (docs/pruning.md): what is in no list goes with a proof alone, and never from under who needs it. */
function checkCandidacy({ name, grade, candidacy, neededBy }: LockedCut, needing: readonly LockedPackage[]): void {
  if (candidacy === 'listed') {
    if (listedCandidates.has(name)) return;
    throw invalid(`it cuts ${name} as one of the list of docs/pruning.md, which does not have it`);
  }
  if (grade !== 'proven') throw invalid(`it cuts ${name} without a proof that nothing reaches it`);
  const user = needing.find((one) => candidacy === 'orphan' || !neededBy.includes(one.name));
  if (user !== undefined) throw invalid(`it cuts ${name}, and ${user.name}, which stays, needs it`);
}

/** @throws SlimimageError LOCK_INVALID unless no archive had it when the lock was made */
export function refuseMissingDonor(name: string, absentDonors: readonly string[]): void {
  if (absentDonors.includes(name)) return;
  throw invalid(`${name} is not among its donors, and this image is made with it`);
}

/** @throws SlimimageError LOCK_INVALID for an archive, suite or component that the configuration does not have */
function checkPlace({ name, version, archive, suite, component }: LockedDonor, { archives }: PlatformRequests): void {
  if (archive === 'file') return;
  const own = archives.filter((one) => one.name === archive);
  const isThere = own.some(({ suites, components }) =>
    suite === ''
      ? component === '' && suites.some((one) => one.endsWith('/'))
      : suites.includes(suite) && components.includes(component),
  );
  if (isThere) return;
  const place =
    own.length === 0
      ? `the archive ${archive}`
      : `${[archive, suite, component].filter((part) => part !== '').join('/') || 'nowhere'}`;
  throw invalid(`${name} ${version} comes from ${place}, which the configuration does not have`);
}

/** Packages of the image below answer requests too, and are not in the lock. */
function checkRequests(
  { packages, on }: LockedPlatform,
  { spec, asked }: Pick<CheckLockedOptions, 'spec' | 'asked'>,
): void {
  const texts = asked.requests
    .filter(({ exclude, base }) => exclude !== true && base !== true)
    .map(({ text }) => (text.startsWith('/') ? pathInFolder(text, spec) : text));
  const wanted = new Set(texts);
  const answered = new Set<string>();
  for (const { name, requests } of packages) {
    for (const text of requests) {
      if (!wanted.has(text)) throw invalid(`${name} is there for ${text}, which the configuration does not ask for`);
      answered.add(text);
    }
  }
  const open = texts.find((text) => !answered.has(text));
  if (open !== undefined && on === null) throw invalid(`it has nothing for ${open}, which the configuration asks for`);
}

/** Every package is there for a request, directly or through others. */
function checkReasons({ packages, on }: LockedPlatform, { base, essential }: ImageSpec): void {
  const names = new Set(packages.map(({ name }) => name));
  for (const { name, requestedBy } of packages) {
    const stranger = requestedBy.find((one) => !names.has(one));
    if (stranger === undefined || on !== null) continue;
    throw invalid(`its package ${name} is there for ${stranger}, which it does not have`);
  }
  // An essential package is wanted whoever needs it, and the lock does not say which ones are.
  if (essential || on !== null) return;
  const isRoot = ({ name, requests }: LockedPackage) =>
    requests.length > 0 || (base === 'debian' && name === 'base-files');
  const reached = new Set(packages.filter(isRoot).map(({ name }) => name));
  for (let before = -1; before < reached.size; ) {
    before = reached.size;
    for (const { name, requestedBy } of packages) if (requestedBy.some((one) => reached.has(one))) reached.add(name);
  }
  const over = packages.find(({ name }) => !reached.has(name));
  if (over !== undefined) throw invalid(`nothing asks for its package ${over.name} ${over.version}`);
}
