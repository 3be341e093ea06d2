/**
 * slimimage as a library: the same abilities as the command line. Every function throws `SlimimageError` and nothing
 * else; progress arrives as typed events; an AbortSignal ends what is under way within a second.
 */

export { auditImage, listAuditRules, writeAuditJunit, writeAuditSarif } from './api/audit.ts';
export {
  buildImage,
  configJsonSchemaText,
  explainPresence,
  explainScripts,
  listCatalog,
  planImage,
  resolvePackages,
} from './api/build.ts';
export { copyImage, deleteTag, listTags, readPaper, signImage } from './api/deliver.ts';
export { checkLock, diffLocks, lockImage, planUpdate, updateLock } from './api/lock.ts';
export {
  checkImage,
  diffFile,
  diffImages,
  extractImage,
  formatDifference,
  inspectImage,
  listImage,
  readImageFile,
  verifyImage,
  writeAnswer,
} from './api/look.ts';
export { pruneStore, surveyStore, verifyStore } from './api/store.ts';
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
export { storeFolder } from './build/store-folder.ts';
export type * from './build/types.ts';
export { UnsatisfiableError } from './build/types.ts';
export type * from './build/update/types.ts';
export type { WhyOptions, WhyPlace } from './build/why/question.ts';
export type * from './build/why/types.ts';
export type { CheckReport, Finding, FindingType, Severity } from './check/types.ts';
export {
  bytesOf,
  countFiles,
  type FoldedChange,
  foldFiles,
  type GroupedFiles,
  groupFiles,
} from './compare/fold-files.ts';
export type * from './compare/types.ts';
export {
  countPackages,
  fileTexts,
  foldedTexts,
  imageText,
  layersText,
  otherPlatformsText,
  sameText,
  settingChange,
  settingText,
  sizesText,
  stepText,
  versionsText,
} from './compare/words.ts';
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
