import { resolve } from 'node:path';
import type { ImageSpec } from '../config/spec.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeIndex, withPlatform } from '../oci/encode.ts';
import { type Platform, parsePlatform } from '../oci/platform.ts';
import type { SigningKey } from '../signing/types.ts';
import type { PackageRequest } from '../solver/types.ts';
import { whileAskingRegistries } from './ask-registries.ts';
import { type AssemblePlatformOptions, assemblePlatform } from './assemble-platform.ts';
import { openBase } from './base-image.ts';
import { type BuildCheck, checkBuild, tellUnused } from './check/check-build.ts';
import { imageDocuments } from './image.ts';
import { buildLayers } from './layers/build-layers.ts';
import type { LockFile } from './lock/file.ts';
import { findImages, pinImages } from './lock/locked-images.ts';
import { checkedPlan, platformOf } from './lock/locked-resolve.ts';
import { openLock } from './lock/open.ts';
import { candidateNames } from './may-be-cut.ts';
import { clearMetadataFile } from './metadata-file.ts';
import { findEarly } from './papers/early-facts.ts';
import { makePapers, type WantedPapers, wantedPapers } from './papers/make-papers.ts';
import type { PaperedPlatform } from './papers/provenance-facts.ts';
import { planOf } from './plan.ts';
import { publish, referencesOf } from './publish.ts';
import { type BuildInput, readInput } from './read-input.ts';
import { type ResolvedPlatform, resolvePlatform } from './resolve.ts';
import { platformResult } from './result.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import type { BuildPlan, BuildResult, PlatformResult } from './types.ts';
import { unusedSettings } from './unused-settings.ts';

/**
 * Builds an image: into the local store always, and from there wherever `options.outputs` and `options.load` say.
 * @throws SlimimageError for everything that can go wrong; nothing half-written is left anywhere.
 */
export async function build(input: BuildInput, options: SessionOptions): Promise<BuildResult> {
  if (options.metadataFile !== undefined) await clearMetadataFile(options.metadataFile, options);
  return whileAskingRegistries(options, async (session, asked) => {
    const spec = await readInput(input, { cwd: session.cwd });
    const lock = await givenLock(spec, { options, session });
    // Before any work: a key that can't be opened would be found out after all of it.
    const key = options.sign === undefined ? undefined : await readKey(options.sign, session);
    const platforms: BuiltPlatform[] = [];
    for (const text of spec.platforms) {
      const platform = parsePlatform(text);
      platforms.push(
        await buildPlatform(spec, {
          platform,
          session,
          lock: lock?.document,
          papers: wantedPapers(options),
          reference: referencesOf(spec, options)[0] ?? spec.name,
        }),
      );
    }
    tellUnused(platforms, session);
    const root = await writeRoot(spec, platforms, session);
    const created = Math.max(0, ...platforms.map((platform) => platform.created));
    const papers = await makePapers({ spec, options, root, platforms, lock: lock?.digest }, session);
    const signatures = key === undefined ? [] : await sign(root, { key, session });
    const results = platforms.map(({ result }) => result);
    await asked;
    return publish({ spec, options, root, created, papers, signatures, platforms: results }, session);
  });
}

/** What `build` would do, without fetching a package. A key that it could not open is refused here too. */
export async function plan(input: BuildInput, options: SessionOptions): Promise<BuildPlan> {
  const session = await openSession(options);
  try {
    const spec = await readInput(input, { cwd: session.cwd });
    const lock = await givenLock(spec, { options, session });
    if (options.sign !== undefined) await readKey(options.sign, session);
    const platforms = [];
    for (const text of spec.platforms) {
      const platform = parsePlatform(text);
      const locked = lock === undefined ? undefined : platformOf(lock.document, platform);
      const base = await openBase(locked === undefined ? spec : pinImages(spec, locked), platform, session);
      const about = { platform, installed: base?.installed ?? [] };
      const resolved =
        lock === undefined
          ? await resolvePlatform(spec, session, about)
          : await checkedPlan(spec, {
              ...about,
              on: base?.digest,
              images: await findImages(spec, { platform, session, locked }),
              lock: lock.document,
              session,
            });
      platforms.push(planOf(resolved, candidatesOf(spec, { resolved, lock, platform })));
    }
    return { name: spec.name, platforms };
  } finally {
    await session.close();
  }
}

function candidatesOf(spec: ImageSpec, { resolved, lock, platform }: CandidateOptions): ReadonlySet<string> {
  if (lock === undefined) return candidateNames({ spec, resolved });
  return new Set(platformOf(lock.document, platform).cuts.map(({ name }) => name));
}

interface CandidateOptions {
  readonly resolved: ResolvedPlatform;
  readonly lock: LockFile | undefined;
  readonly platform: Platform;
}

async function givenLock(
  spec: ImageSpec,
  { options, session }: { readonly options: SessionOptions; readonly session: Session },
): Promise<LockFile | undefined> {
  if (options.lock === undefined) return undefined;
  return openLock(resolve(options.cwd, options.lock), { spec, session, somePlatforms: true });
}

async function readKey(text: string, { env, cwd, onEvent }: Session): Promise<SigningKey> {
  const { readSigningKey } = await import('../signing/read-key.ts');
  return readSigningKey(text, { env, cwd, onEvent });
}

/** Into the local store: from there the signatures go with the image, as its papers do. */
async function sign(root: Descriptor, { key, session }: { readonly key: SigningKey; readonly session: Session }) {
  const { signImage } = await import('../deliver/sign.ts');
  const { store, onEvent, signal } = session;
  const report = await session.phase('papers', () => signImage(store, root, { key, onEvent, signal }));
  return report.signatures;
}

interface BuiltPlatform extends PaperedPlatform, Pick<BuildCheck, 'unused'> {
  readonly result: PlatformResult;
  /** Seconds since the epoch. */
  readonly created: number;
}

interface BuildPlatformOptions extends AssemblePlatformOptions {
  readonly papers: WantedPapers;
  /** By which the image goes in the local store. */
  readonly reference: string;
}

async function buildPlatform(spec: ImageSpec, options: BuildPlatformOptions): Promise<BuiltPlatform> {
  const { platform, session, papers } = options;
  const assembly = await assemblePlatform(spec, options);
  const { base, resolved, contents, assembled, pruning, scripts } = assembly;
  const { store, onEvent } = session;
  const check = await checkBuild(spec, assembly, { ...session, reference: options.reference });
  return session.phase('assemble', async () => {
    const summary = summaryOf(resolved.requests, contents.packages.size);
    const early = findEarly(spec, assembly, session);
    if (papers.provenance || papers.sboms.length > 0) void early.sources();
    const onWrite = papers.sboms.length > 0 ? early.readContents : undefined;
    const layers = await buildLayers(spec, { platform: assembly, session, summary, onWrite });
    const documents = imageDocuments({
      spec,
      platform,
      created: assembled.created,
      user: assembled.effects.user.text,
      layers,
      base,
    });
    await store.write(documents.config.bytes, { digest: documents.config.descriptor.digest });
    await store.write(documents.manifest.bytes, { digest: documents.manifest.descriptor.digest });
    const parts = {
      spec,
      resolved,
      contents,
      assembled,
      layers,
      documents,
      base,
      pruning,
      scripts,
      check: check.result,
    };
    const result = platformResult(parts);
    const unused = unusedSettings(spec, { tree: assembled.tree, packages: contents.packages });
    for (const message of [...assembled.effects.warnings, ...scripts.warnings, ...unused])
      onEvent({ type: 'warning', message });
    const manifest = withPlatform(documents.manifest.descriptor, platform);
    return { ...assembly, result, manifest, early, unused: check.unused, created: assembled.created };
  });
}

/** One platform: its manifest. Several: an index of them, in the configuration's order. */
async function writeRoot(spec: ImageSpec, platforms: readonly BuiltPlatform[], session: Session): Promise<Descriptor> {
  const manifests = platforms.map(({ manifest }) => manifest);
  const [first] = manifests;
  if (first !== undefined && manifests.length === 1) {
    const { platform: _, ...manifest } = first;
    return manifest;
  }
  const index = encodeIndex({ manifests, annotations: spec.annotations });
  await session.store.write(index.bytes, { digest: index.descriptor.digest });
  return index.descriptor;
}

/** Goes into the image: a .deb is called by its package, because its place on this machine is nobody's business. */
function summaryOf(requests: readonly PackageRequest[], packages: number): string {
  if (packages === 0) return 'files';
  const texts = requests.map(({ text, name, sha256 }) => (sha256 === undefined ? text : name));
  return `${texts.join(' ')} (${packages} ${packages === 1 ? 'package' : 'packages'})`;
}
