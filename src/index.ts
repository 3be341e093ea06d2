/**
 * slimimage as a library: the same abilities as the command line. Every function throws `SlimimageError` and nothing
 * else; progress arrives as typed events; an AbortSignal ends what is under way within a second.
 */

import type { FailLevel } from './audit/fail-level.ts';
import type { AuditReport, AuditRule } from './audit/types.ts';
import type { CatalogImage } from './build/catalog.ts';
import type { CheckImageOptions, ImageCheck } from './build/check/check-image.ts';
import type { CopyOptions, ReadPaperOptions, SignOptions } from './build/deliver-operations.ts';
import type { LockCheck, LockOptions, LockResult } from './build/lock/lock.ts';
import type { BuildInput } from './build/read-input.ts';
import type { ResolvedPackages } from './build/resolve-packages.ts';
import type { ScriptEffects } from './build/script-effects.ts';
import { storeFolder } from './build/store-folder.ts';
import type { StoreOptions } from './build/store-operations.ts';
import type { BuildOptions, BuildPlan, BuildResult } from './build/types.ts';
import type { UpdateOptions, UpdatePlan, UpdateResult } from './build/update/types.ts';
import type { WhyOptions, WhyPlace } from './build/why/question.ts';
import type { WhyAnswer } from './build/why/types.ts';
import type { formatDifference as format } from './compare/format-difference.ts';
import type { FileDifference, ImageDifference } from './compare/types.ts';
import type { CopyResult } from './deliver/copy.ts';
import type { ReadPaper } from './deliver/read-paper.ts';
import type { SignReport } from './deliver/sign.ts';
import type { DeletedReference, RepositoryTags } from './deliver/tags.ts';
import type { OperationOptions } from './events.ts';
import type { Inspection } from './inspect/types.ts';
import type { LockDifference } from './lock/compare-locks.ts';
import type { AuditImageOptions } from './look/audit-image.ts';
import type { DiffFileOptions, DiffImagesOptions } from './look/diff-images.ts';
import type { ExtractOptions, ExtractReport } from './look/extract-image.ts';
import type { InspectImageOptions } from './look/inspect-image.ts';
import type { ListedEntry, ListImageOptions } from './look/list-image.ts';
import type { ReadImageFileOptions } from './look/read-image-file.ts';
import type { ImageVerification } from './look/verify/types.ts';
import type { VerifyImageOptions } from './look/verify/verify-image.ts';
import type { RegistriesOptions } from './registry/open.ts';
import type { PruneOptions, PruneReport } from './store/prune.ts';
import type { StoreReport } from './store/survey.ts';
import type { VerifyReport } from './store/verify.ts';

// Each ability loads what it needs when it is called: an answer in a fifth of a second has no time for the others'.

/** Environment and folder are the process's own unless given. */
type Anywhere<T> = Omit<T, 'env' | 'cwd'> & Partial<Pick<BuildOptions, 'env' | 'cwd'>>;

/**
 * Builds an image from a specification (see `flagsToSpec`, `loadConfig`) or a configuration file.
 * @throws SlimimageError with the code of what went wrong; nothing half-written is left.
 */
export async function buildImage(
  input: BuildInput,
  options: BuildOptions & OperationOptions = {},
): Promise<BuildResult> {
  const { checkTargets } = await import('./build/check-targets.ts');
  checkTargets(options);
  const { build } = await import('./build/build.ts');
  return build(input, { ...options, ...surroundings(options) });
}

/** What `buildImage` would put in, without fetching a package. Names, targets and key are checked as there; no server is asked about them. */
export async function planImage(input: BuildInput, options: BuildOptions & OperationOptions = {}): Promise<BuildPlan> {
  const { checkTargets } = await import('./build/check-targets.ts');
  checkTargets(options);
  const { plan } = await import('./build/build.ts');
  return plan(input, { ...options, ...surroundings(options) });
}

/**
 * Writes the lock of a configuration: everything that the archives decide about its image. Makes all of the image but its
 * layers, so that the lock is known to build. `buildImage` takes it as `lock`.
 */
export async function lockImage(input: BuildInput, options: LockOptions & OperationOptions = {}): Promise<LockResult> {
  const { lock } = await import('./build/lock/lock.ts');
  return lock(input, { ...options, ...surroundings(options) });
}

/** Whether a lock is there and fits its configuration. Changes nothing and asks no server. */
export async function checkLock(input: BuildInput, options: LockOptions & OperationOptions = {}): Promise<LockCheck> {
  const { checkLock: check } = await import('./build/lock/lock.ts');
  return check(input, { ...options, ...surroundings(options) });
}

/** What changed from one lock file to another. Relative paths mean `options.cwd`. */
export async function diffLocks(
  before: string,
  after: string,
  options: Pick<BuildOptions, 'cwd'> = {},
): Promise<LockDifference> {
  const { diffLocks: diff } = await import('./build/lock/diff.ts');
  return diff(before, after, surroundings(options));
}

/**
 * What the archives have that the lock of a configuration has not, with the CVEs that changelogs say are fixed. Changes
 * nothing.
 */
export async function planUpdate(
  input: BuildInput,
  options: UpdateOptions & OperationOptions = {},
): Promise<UpdatePlan> {
  const { planUpdate: plan } = await import('./build/update/update.ts');
  return plan(input, { ...options, ...surroundings(options) });
}

/** As `planUpdate`, and writes the new lock where there is something to update. */
export async function updateLock(
  input: BuildInput,
  options: UpdateOptions & OperationOptions = {},
): Promise<UpdateResult> {
  const { updateLock: update } = await import('./build/update/update.ts');
  return update(input, { ...options, ...surroundings(options) });
}

/** The packages that a configuration's requests bring, as apt would install them; fetches none of them. */
export async function resolvePackages(
  input: BuildInput,
  options: BuildOptions & OperationOptions = {},
): Promise<ResolvedPackages> {
  const { resolvePackages: resolve } = await import('./build/resolve-packages.ts');
  return resolve(input, { ...options, ...surroundings(options) });
}

/**
 * What becomes of the maintainer scripts of the packages that a configuration requests: fetches these, not what they
 * depend on, and runs nothing.
 */
export async function explainScripts(
  input: BuildInput,
  options: BuildOptions & OperationOptions = {},
): Promise<ScriptEffects> {
  const { scriptEffects } = await import('./build/script-effects.ts');
  return scriptEffects(input, { ...options, ...surroundings(options) });
}

/**
 * Why a package or a path (what has a slash in it) is in the image of a configuration, in a lock, or in an image.
 * @throws SlimimageError where the place can't be read; that the thing is not there is an answer
 */
export async function explainPresence(
  thing: string,
  place: WhyPlace,
  options: BuildOptions & OperationOptions & WhyOptions = {},
): Promise<WhyAnswer> {
  const { explainPresence: explain } = await import('./build/why/why.ts');
  return explain(thing, { ...options, ...surroundings(options), place });
}

/** The images that slimimage brings, ready to build (`catalog/nginx`) or to extend. Asks no server. */
export async function listCatalog(options: Pick<BuildOptions, 'cwd'> = {}): Promise<readonly CatalogImage[]> {
  const { listCatalogImages } = await import('./build/catalog.ts');
  return listCatalogImages(surroundings(options));
}

/** The file tree of an image (`store:NAME`, `oci:DIR`, `docker-archive:FILE`, ...), or what one of its layers has, sorted by path. */
export async function listImage(
  image: string,
  options: Anywhere<ListImageOptions> = {},
): Promise<readonly ListedEntry[]> {
  const { listImageTree } = await import('./look/list-image.ts');
  return listImageTree(image, { ...options, ...surroundings(options) });
}

/** Gives the content of one file of an image to `options.write`, symlinks followed inside the image; resolves to its bytes. */
export async function readImageFile(
  image: string,
  path: string,
  options: Anywhere<ReadImageFileOptions>,
): Promise<number> {
  const { readImageFile: read } = await import('./look/read-image-file.ts');
  return read(image, path, { ...options, ...surroundings(options) });
}

/** Takes files and folders out of an image into a new folder, or as a tar. */
export async function extractImage(image: string, options: Anywhere<ExtractOptions>): Promise<ExtractReport> {
  const { extractImage: extract } = await import('./look/extract-image.ts');
  return extract(image, { ...options, ...surroundings(options) });
}

/** What one image has otherwise than another, wherever they are: packages, files, config, history, size, layers, findings. */
export async function diffImages(
  from: string,
  to: string,
  options: Anywhere<DiffImagesOptions> = {},
): Promise<ImageDifference> {
  return (await import('./look/diff-images.ts')).diffImages(from, to, { ...options, ...surroundings(options) });
}

/** What became of one file from one image to another; of text, as a unified difference. */
export async function diffFile(from: string, to: string, options: Anywhere<DiffFileOptions>): Promise<FileDifference> {
  return (await import('./look/diff-file.ts')).diffFile(from, to, { ...options, ...surroundings(options) });
}

/** A difference as a document: Markdown for a pull request, or a page of HTML that stands alone (of images). */
export async function formatDifference(...given: Parameters<typeof format>): Promise<string> {
  return (await import('./compare/format-difference.ts')).formatDifference(...given);
}

/** Writes an answer to a file, whole or not at all. */
export async function writeAnswer(text: string, file: string, options: Pick<BuildOptions, 'cwd'> = {}): Promise<void> {
  return (await import('./look/write-answer.ts')).writeAnswer(text, file, surroundings(options));
}

/**
 * What is in an image, wherever it is: config, layers, packages, users, what it starts, what is big, double or wasted, and the Dockerfile that
 * may have made it. `failOn` are limits such as `waste>10MB`, judged in the answer.
 */
export async function inspectImage(image: string, options: Anywhere<InspectImageOptions> = {}): Promise<Inspection> {
  const { inspectImage: inspect } = await import('./look/inspect-image.ts');
  return inspect(image, { ...options, ...surroundings(options) });
}

/**
 * Whether an image would run, wherever it is: what it lacks of libraries, symbol versions, interpreters, and whether its user can
 * start its entrypoint. Nothing of it is run.
 */
export async function checkImage(image: string, options: Anywhere<CheckImageOptions> = {}): Promise<ImageCheck> {
  const { checkImage: check } = await import('./build/check/check-image.ts');
  return check(image, { ...options, ...surroundings(options) });
}

/** What of an image is proven, by what, and what is not: its blobs, files, packages, provenance, signatures. */
export async function verifyImage(
  image: string,
  options: Anywhere<VerifyImageOptions> = {},
): Promise<ImageVerification> {
  const { verifyImage: verify } = await import('./look/verify/verify-image.ts');
  return verify(image, { ...options, ...surroundings(options) });
}

/**
 * What is risky in an image, wherever it is, by the rules of docs/auditing.md: each finding with its level, the rule with reason and
 * fix. Nothing of it is run.
 */
export async function auditImage(image: string, options: Anywhere<AuditImageOptions> = {}): Promise<AuditReport> {
  const { auditImage: audit } = await import('./look/audit-image.ts');
  return audit(image, { ...options, ...surroundings(options) });
}

/** Every rule of the audit. */
export async function listAuditRules(): Promise<readonly AuditRule[]> {
  const { auditRules } = await import('./audit/rules.ts');
  return auditRules;
}

/** An audit as SARIF 2.1.0, for code scanning. */
export async function writeAuditSarif(report: AuditReport): Promise<string> {
  const [{ sarifOf }, { toolVersion }] = await Promise.all([
    import('./audit/sarif.ts'),
    import('./build/tool-version.ts'),
  ]);
  return JSON.stringify(sarifOf(report, { version: toolVersion }), undefined, 2);
}

/** An audit as JUnit XML: a test case for each rule, which fails from a level on (default: error). */
export async function writeAuditJunit(
  report: AuditReport,
  options: { readonly failOn?: FailLevel } = {},
): Promise<string> {
  const { junitOf } = await import('./audit/junit.ts');
  return junitOf(report, { failOn: options.failOn ?? 'error' });
}

/**
 * An SBOM or the provenance of an image: what is attached to it or lies beside it, held against the image's digest.
 * @throws SlimimageError PAPER_NOT_FOUND with what there is
 */
export async function readPaper(image: string, options: Anywhere<ReadPaperOptions> = {}): Promise<ReadPaper> {
  const { readPaperOf } = await import('./build/deliver-operations.ts');
  return readPaperOf(image, { ...options, ...surroundings(options) });
}

/**
 * Copies an image between any two places (`store:`, `oci:`, `oci-archive:`, `docker-archive:`, `docker-daemon:`, `docker://`, `tar:`, `dir:`), with
 * what refers to it. Between those that keep digests the digest stays the same.
 */
export async function copyImage(
  source: string,
  destination: string,
  options: Anywhere<CopyOptions> = {},
): Promise<CopyResult> {
  const { copyBetween } = await import('./build/deliver-operations.ts');
  return copyBetween(source, destination, { ...options, ...surroundings(options) });
}

/** The tags of a repository of a registry: `docker://HOST/REPO`. */
export async function listTags(repository: string, options: Anywhere<RegistriesOptions> = {}): Promise<RepositoryTags> {
  const { listRepositoryTags } = await import('./build/deliver-operations.ts');
  return listRepositoryTags(repository, { ...options, ...surroundings(options) });
}

/** Removes a tag from a repository, or a manifest by its digest with every tag of it. */
export async function deleteTag(
  repository: string,
  reference: string,
  options: Anywhere<RegistriesOptions> = {},
): Promise<DeletedReference> {
  const { deleteFromRepository } = await import('./build/deliver-operations.ts');
  return deleteFromRepository(repository, reference, { ...options, ...surroundings(options) });
}

/**
 * Signs an image with a local key where it is (`store:`, `oci:`, `docker://`): the image, each of its platforms, and the papers
 * that slimimage attached to them. `cosign verify` and `cosign verify-attestation` read it.
 */
export async function signImage(image: string, options: Anywhere<SignOptions>): Promise<SignReport> {
  const { signWhereItIs } = await import('./build/deliver-operations.ts');
  return signWhereItIs(image, { ...options, ...surroundings(options) });
}

/** What is in the local store, and what it weighs. */
export async function surveyStore(options: Anywhere<StoreOptions> = {}): Promise<StoreReport> {
  const { surveyLocalStore } = await import('./build/store-operations.ts');
  return surveyLocalStore({ ...options, ...surroundings(options) });
}

/** Removes from the local store what its images do not need. */
export async function pruneStore(options: Anywhere<StoreOptions & PruneOptions> = {}): Promise<PruneReport> {
  const { pruneLocalStore } = await import('./build/store-operations.ts');
  return pruneLocalStore({ ...options, ...surroundings(options) });
}

/** Checks every byte of the local store. */
export async function verifyStore(options: Anywhere<StoreOptions> = {}): Promise<VerifyReport> {
  const { verifyLocalStore } = await import('./build/store-operations.ts');
  return verifyLocalStore({ ...options, ...surroundings(options) });
}

/** The JSON Schema of a configuration file, as text. */
export async function configJsonSchemaText(): Promise<string> {
  const { configJsonSchemaText: text } = await import('./config/json-schema.ts');
  return text();
}

/** A library call means its process's environment and folder unless told otherwise. */
function surroundings(options: Pick<BuildOptions, 'env' | 'cwd'>) {
  return { env: options.env ?? process.env, cwd: options.cwd ?? process.cwd() };
}

export { type FailLevel, fails as auditFails } from './audit/fail-level.ts';
export type * from './audit/types.ts';
export type { CatalogImage, CatalogSize } from './build/catalog.ts';
export type { CheckImageOptions, ImageCheck } from './build/check/check-image.ts';
export { BrokenImageError } from './build/check/refuse.ts';
export type { CopyOptions, ReadPaperOptions, SignOptions } from './build/deliver-operations.ts';
export type { LockCheck, LockOptions, LockResult } from './build/lock/lock.ts';
export { lockFileOf } from './build/lock/name.ts';
export type { BuildInput } from './build/read-input.ts';
export type { ClosurePackage, ResolvedPackages } from './build/resolve-packages.ts';
export type { PackageEffects, ScriptEffects } from './build/script-effects.ts';
export type * from './build/types.ts';
export { UnsatisfiableError } from './build/types.ts';
export type * from './build/update/types.ts';
export type { WhyOptions, WhyPlace } from './build/why/question.ts';
export type * from './build/why/types.ts';
export type { CheckReport, Finding, FindingType, Severity } from './check/types.ts';
export * from './compare/fold-files.ts';
export type * from './compare/types.ts';
export * from './compare/words.ts';
export { findConfig } from './config/find.ts';
export { type ConfigFlag, configFlags, type FlagValues } from './config/flags.ts';
export { flagsToSpec, type LoadOptions, loadConfig } from './config/load.ts';
export { ConfigError, type ConfigProblem } from './config/problem.ts';
export type * from './config/spec.ts';
export type { CopiedBlobs, CopyResult } from './deliver/copy.ts';
export type { ReadPaper } from './deliver/read-paper.ts';
export type { ImageSignature, SignReport } from './deliver/sign.ts';
export type { DeletedReference, RepositoryTags } from './deliver/tags.ts';
export { type ErrorCode, type ExitStatus, isSlimimageError, SlimimageError } from './errors.ts';
export type { OnEvent, OperationOptions, Phase, SlimimageEvent } from './events.ts';
export type { Account, RunningUser, Stranger, UserReport } from './inspect/accounts.ts';
export type { ContentReport, DuplicateContent, DuplicateReport } from './inspect/contents.ts';
export type { DiveFigures, DivePath } from './inspect/dive.ts';
export type { Dockerfile, DockerfileStep } from './inspect/dockerfile.ts';
export type { EntrypointReport, ResolvedFile, StartedProgram } from './inspect/entrypoint.ts';
export type { BaseImage } from './inspect/find-base.ts';
export type { NamedVersion, PackageChanges, VersionChange } from './inspect/layer-packages.ts';
export type { ChangeCount, LayerReport } from './inspect/layers.ts';
export type { LimitResult, LimitUnit } from './inspect/limit-result.ts';
export type { PackageFiles, PackageReport, SizedFolder, SizedPath, UnownedFiles } from './inspect/owned-files.ts';
export type { SettingsReport } from './inspect/settings.ts';
export type { Inspection } from './inspect/types.ts';
export type { WastedFile, WastePair, WasteReport } from './inspect/waste.ts';
export type * from './lock/compare-locks.ts';
export type * from './lock/types.ts';
export type { AuditImageOptions } from './look/audit-image.ts';
export type { DiffFileOptions, DiffImagesOptions } from './look/diff-images.ts';
export type { ExtractOptions, ExtractReport, ExtractTarget } from './look/extract-image.ts';
export type { InspectImageOptions } from './look/inspect-image.ts';
export type { ListedEntry, ListImageOptions } from './look/list-image.ts';
export type { ReadImageFileOptions } from './look/read-image-file.ts';
export type { Claim, ClaimDetail, ClaimId, ClaimStatus, ImageVerification } from './look/verify/types.ts';
export type { VerifyImageOptions } from './look/verify/verify-image.ts';
export type { PaperKind, SbomFormat } from './oci/papers.ts';
export type { RegistriesOptions } from './registry/open.ts';
export type { InstallScript, ScriptLine, ScriptReport, ScriptVerdict } from './scripts/types.ts';
export type { Digest } from './util/digest.ts';
export { storeFolder };
