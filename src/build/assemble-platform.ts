import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ImageSpec } from '../config/spec.ts';
import type { Content } from '../content/types.ts';
import type { CertificateFile } from '../effects/types.ts';
import { SlimimageError } from '../errors.ts';
import type { LockDocument } from '../lock/types.ts';
import type { Platform } from '../oci/platform.ts';
import type { Pruning } from '../prune/types.ts';
import { sha256Hex } from '../util/digest.ts';
import { type AssembledTree, assembleTree } from './assemble.ts';
import { type BaseImage, openBase } from './base-image.ts';
import { compileTree } from './bytecode.ts';
import { type PlatformContents, preparePackages } from './contents.ts';
import { copyImageFiles, type ImageFiles } from './image-files.ts';
import { warnOfAccounts } from './lock/locked-accounts.ts';
import { imagesOf, pinImages } from './lock/locked-images.ts';
import { platformOf, resolveLocked } from './lock/locked-resolve.ts';
import { prunePlatform } from './prune-platform.ts';
import { rememberReports } from './remember-reports.ts';
import { type ResolvedPlatform, resolvePlatform } from './resolve.ts';
import { type JudgedScripts, judgeScripts } from './scripts.ts';
import type { Session } from './session.ts';

/** One platform's image before its layer is written. */
export interface AssembledPlatform {
  readonly platform: Platform;
  readonly base: BaseImage | undefined;
  /** What the image has. */
  readonly resolved: ResolvedPlatform;
  readonly contents: PlatformContents;
  /** With the packages that were cut: what a lock holds. */
  readonly whole: { readonly resolved: ResolvedPlatform; readonly contents: PlatformContents };
  readonly pruning: Pruning;
  readonly assembled: AssembledTree;
  /** What becomes of the maintainer scripts of what the image has. */
  readonly scripts: JudgedScripts;
  /** What `files: { image: }` took, by its place in the list. */
  readonly imageFiles: ReadonlyMap<number, ImageFiles>;
  /** As they were read, in the order of the configuration. */
  readonly certificates: readonly ReadCertificate[];
}

interface ReadCertificate extends CertificateFile {
  /** Of the file, hexadecimal. */
  readonly sha256: string;
}

export interface AssemblePlatformOptions {
  readonly platform: Platform;
  readonly session: Session;
  /** Takes the packages of this lock, and asks no index. */
  readonly lock?: LockDocument | undefined;
  /** What was resolved already, without a lock. */
  readonly resolved?: ResolvedPlatform | undefined;
}

/**
 * Resolves, fetches, converts and assembles: everything that a build does but writing.
 * @throws SlimimageError as openBase, resolvePlatform or resolveLocked, preparePackages and assembleTree
 */
export async function assemblePlatform(spec: ImageSpec, options: AssemblePlatformOptions): Promise<AssembledPlatform> {
  const { platform, session, lock } = options;
  const pinned = lock === undefined ? spec : pinImages(spec, platformOf(lock, platform));
  const base = await openBase(pinned, platform, session);
  const about = { platform, installed: base?.installed ?? [] };
  let copied: ReadonlyMap<number, ImageFiles> | undefined;
  const copyImages = async () => {
    copied ??= await copyImageFiles(pinned, platform, session);
    return copied;
  };
  const found =
    lock === undefined
      ? (options.resolved ?? (await resolvePlatform(spec, session, about)))
      : await resolveLocked(spec, {
          ...about,
          on: base?.digest,
          // All images are held against the lock before a package is fetched.
          images: imagesOf(spec, await copyImages()),
          lock,
          session,
        });
  const whole = { resolved: found, contents: await preparePackages(spec, found, session) };
  const locked = lock === undefined ? undefined : platformOf(lock, platform);
  const { resolved, contents, pruning } = await prunePlatform(spec, {
    ...whole,
    base,
    locked,
    images: copyImages,
    session,
  });
  const certificates = await readCertificates(spec);
  const { assembled, imageFiles } = await session.phase('assemble', async () => {
    const images = await copyImages();
    const tree = await assembleTree({
      spec,
      architecture: resolved.architecture,
      layout: base?.layout ?? resolved.layout,
      ...contents,
      order: resolved.resolution.order,
      certificates,
      pool: session.pool,
      isOwn: session.isOwn,
      created: spec.created ?? sourceDateEpoch(session.env),
      base,
      imageFiles: new Map([...images].map(([at, { place }]) => [at, place])),
      memo: session.store.memo,
      lockedIds: resolved.lockedIds,
      compile: spec.bytecode
        ? (made) => compileTree(made, { spec, contents: contentOf(contents), session })
        : undefined,
    });
    return { assembled: tree, imageFiles: images };
  });
  const { architecture } = resolved;
  const scripted = { architecture, packages: contents.packages, tree: assembled.tree };
  const scripts = judgeScripts(spec, { ...scripted, judged: await rememberReports(scripted, session.store.memo) });
  const { lockedIds } = resolved;
  if (lock !== undefined && lockedIds !== undefined)
    warnOfAccounts(assembled.effects.assignedIds, { lockedIds, session });
  if (lock !== undefined) warnOfCompiler(lock, { assembled, session });
  return { platform, base, resolved, contents, whole, pruning, assembled, scripts, imageFiles, certificates };
}

function warnOfCompiler(
  { compressor: { bytecode } }: LockDocument,
  { assembled, session }: { readonly assembled: AssembledTree; readonly session: Session },
): void {
  const compiler = assembled.bytecode?.compiler;
  if (bytecode === undefined || compiler === undefined || bytecode === compiler) return;
  session.onEvent({
    type: 'warning',
    message: `The lock was made with byte code of ${bytecode}, and this is ${compiler}: the digest may differ`,
    hint: `\`npm install ${bytecode.replace(' ', '@')}\` gives the bytes of the lock.`,
  });
}

function contentOf({ packages }: PlatformContents): ReadonlyMap<string, Content> {
  return new Map([...packages].map(([name, { content }]) => [name, content]));
}

async function readCertificates(spec: ImageSpec): Promise<readonly ReadCertificate[]> {
  return Promise.all(
    spec.certificates.map(async (file) => {
      try {
        const bytes = await readFile(file);
        return { name: basename(file), text: bytes.toString('utf8'), sha256: sha256Hex(bytes) };
      } catch (cause) {
        throw new SlimimageError({
          code: 'SOURCE_INVALID',
          message: `certificates: ${file} can't be read`,
          hint: 'Paths are relative to the configuration file.',
          cause,
        });
      }
    }),
  );
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function sourceDateEpoch(env: Session['env']): number | undefined {
  const text = env['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return undefined;
  if (/^[0-9]{1,12}$/.test(text)) return Number(text);
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `SOURCE_DATE_EPOCH is "${text.slice(0, 40)}", expected whole seconds since 1970`,
  });
}
