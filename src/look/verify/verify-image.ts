import { resolve } from 'node:path';
import { type LockFile, readLock } from '../../build/lock/file.ts';
import { currentForms } from '../../build/lock/open.ts';
import { readInput } from '../../build/read-input.ts';
import type { SessionOptions } from '../../build/session.ts';
import { type Places, type PlacesOptions, withPlaces } from '../../build/with-places.ts';
import type { ImageSpec } from '../../config/spec.ts';
import type { Image } from '../../image/types.ts';
import { createHttpClient } from '../../net/client.ts';
import { loadCredentials } from '../../net/load-credentials.ts';
import { retryEvent } from '../../net/retry.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { readVerifyingKey } from '../../signing/verifying-key.ts';
import { type Digest, digestOf } from '../../util/digest.ts';
import { readPackages } from '../../view/read-packages.ts';
import { archivePlaces } from './archive-places.ts';
import { checkArchived } from './check-archived.ts';
import { checkArchives } from './check-archives.ts';
import { type FoundImage, holdDocuments } from './check-blobs.ts';
import { checkDebs } from './check-debs.ts';
import { checkFiles } from './check-files.ts';
import { checkLock } from './check-lock.ts';
import { checkPapers } from './check-papers.ts';
import { checkProvenance, type LookedPlatform } from './check-provenance.ts';
import { checkSignatures } from './check-signatures.ts';
import { checkUnheld } from './check-unheld.ts';
import { debianArchitecture } from './debian-architecture.ts';
import { attachedProvenances, findReferred, provenanceBeside } from './find-papers.ts';
import { filesUnread, layersClaim, lockUnread, notOpened, notRead } from './layer-claims.ts';
import { type LockedSpec, lockedSpec } from './locked-spec.ts';
import { isDamage, openSubject, type Subject } from './open-subject.ts';
import { readContents } from './read-contents.ts';
import type { Claim, ImageVerification } from './types.ts';
import { isVerified, provenBy } from './verdict.ts';

export interface VerifyImageOptions extends PlacesOptions {
  /** Files of this platform alone; undefined: of all that are there. Blobs are those of the whole index. */
  readonly platform?: string | undefined;
  /** A lock to hold it against; absolute, or against `cwd`. */
  readonly lock?: string | undefined;
  /** The configuration that the lock is of; undefined: the one beside the lock. Without a lock it tells where archives are. */
  readonly config?: string | undefined;
  /** Public keys, one of which has to have signed it: files as PEM, or `env://NAME`. */
  readonly keys?: readonly string[] | undefined;
  /** Conversions at the same time. */
  readonly jobs?: number | undefined;
}

/**
 * Says of an image what is proven, by what, and what is not. What is wrong with it is the answer, wherever reading can go on.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, KEY_INVALID, LOCK_NOT_FOUND, LOCK_INVALID, PLATFORM_UNAVAILABLE, ABORTED, and
 *   what keeps the place from answering
 */
export async function verifyImage(name: string, options: VerifyImageOptions): Promise<ImageVerification> {
  const { cwd, env, keys: named = [] } = options;
  const keys = await Promise.all(named.map((key) => readVerifyingKey(key, { cwd, env })));
  const lock = options.lock === undefined ? undefined : await openLock(options.lock, options);
  const spec = lock === undefined ? await archivesOf(options) : lock.locked.isWhole ? lock.locked.spec : undefined;
  return withPlaces(options, async (places) => {
    const subject = await openSubject(name, { ...places, ...pick(options) });
    try {
      return await new Verification(subject, { ...options, ...places, lock, spec }).run(keys);
    } finally {
      await subject.close();
    }
  });
}

interface OpenedLock {
  readonly file: LockFile;
  readonly locked: LockedSpec;
}

async function openLock(text: string, { cwd, config, onEvent }: VerifyImageOptions): Promise<OpenedLock> {
  const path = resolve(cwd, text);
  const file = await readLock(path, { cwd });
  const { document } = file;
  const locked = await lockedSpec({ document, file: path, config, cwd });
  if (locked.passedOver !== undefined)
    onEvent?.({ type: 'warning', message: `What the lock says is held alone: ${locked.passedOver}` });
  const { contentFormat, layerFormat } = document.compressor;
  if (contentFormat !== currentForms.contentFormat || layerFormat !== currentForms.layerFormat)
    onEvent?.({
      type: 'warning',
      message: 'The lock was made by another version of slimimage: what it generated may differ from what follows now',
      hint: 'Verify with the version that built the image, or read what fails of generated files with that in mind.',
    });
  return { file, locked };
}

/** Without a lock the configuration says no more than where archives are, and whose keys they have. */
async function archivesOf({ config, cwd }: VerifyImageOptions): Promise<ImageSpec | undefined> {
  return config === undefined ? undefined : readInput({ config }, { cwd });
}

function pick({ cwd, env, offline, onEvent, signal }: VerifyImageOptions) {
  return { cwd, env, offline, onEvent, signal };
}

type Settings = Omit<VerifyImageOptions, 'lock' | 'store'> &
  Places & { readonly lock: OpenedLock | undefined; readonly spec: ImageSpec | undefined };

class Verification {
  readonly #subject: Subject;
  readonly #settings: Settings;
  readonly #claims: Claim[] = [];
  readonly #looked: LookedPlatform[] = [];
  /** Of an image of which nothing but the config is known for certain. */
  #config: Digest | undefined;

  constructor(subject: Subject, settings: Settings) {
    this.#subject = subject;
    this.#settings = settings;
  }

  async run(keys: Parameters<typeof checkSignatures>[0]['keys']): Promise<ImageVerification> {
    const { root, name } = this.#subject;
    const { onEvent } = this.#settings;
    onEvent?.({ type: 'phase', phase: 'read', state: 'start' });
    const images = await this.#readImages();
    onEvent?.({ type: 'phase', phase: 'read', state: 'end' });
    await this.#papers(images, keys);
    return {
      image: name,
      digest: root?.descriptor.digest,
      verified: isVerified(this.#claims, { isLocked: this.#settings.lock !== undefined, isKeyed: keys.length > 0 }),
      against: provenBy(this.#claims),
      claims: this.#claims,
    };
  }

  /** Blobs, documents, layers, files; the manifests that were found. */
  async #readImages(): Promise<readonly FoundImage[]> {
    const { root } = this.#subject;
    if (root === undefined) {
      await this.#look(undefined);
      const { archive } = this.#subject;
      if (archive !== undefined)
        this.#claims.unshift(...(await checkArchived(archive, { ...this.#settings, config: this.#config })));
      return [];
    }
    const { images, rest } = await holdDocuments(root.blobs, root.descriptor, this.#settings);
    const wanted = this.#settings.platform;
    const chosen =
      wanted === undefined
        ? images
        : images.filter(({ platform }) => platform === formatPlatform(parsePlatform(wanted)));
    if (images.length > 0 && chosen.length === 0) this.#claims.push(notRead(`it has no image for ${wanted}`, wanted));
    if (images.length === 0) this.#claims.push(notRead('its manifest is damaged'));
    for (const one of chosen) await this.#look(one);
    this.#claims.unshift(...(await rest()));
    return images;
  }

  /** One platform: layers, files, lock. */
  async #look(found: FoundImage | undefined): Promise<void> {
    if (found !== undefined && found.config === undefined) {
      this.#claims.push(notRead('its config is damaged', found.platform));
      return;
    }
    let image: Image;
    try {
      image = await this.#subject.open(found?.descriptor);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const about = found?.descriptor.digest ?? this.#subject.name;
      this.#claims.push(notOpened({ about, message: error.message, platform: found?.platform }));
      return;
    }
    try {
      await this.#hold(image);
    } finally {
      if (found === undefined) await image.close();
    }
  }

  async #hold(image: Image): Promise<void> {
    const platform = image.platform === undefined ? undefined : formatPlatform(image.platform);
    if (image.configBytes !== undefined) this.#config = digestOf(image.configBytes);
    const { problems, contents } = await readContents(image, this.#settings);
    if (image.config !== undefined) this.#claims.push(layersClaim(image, { problems, contents, platform }));
    if (typeof contents === 'string') {
      this.#claims.push(filesUnread(contents, platform));
      if (this.#settings.lock !== undefined) this.#claims.push(lockUnread(platform));
      return;
    }
    const packages = readPackages({ ...contents, platform: image.platform });
    this.#looked.push({ platform: platform ?? '', packages, contents });
    this.#claims.push(...checkFiles({ packages, contents, platform }));
    const { lock } = this.#settings;
    if (lock === undefined || platform === undefined) {
      if (packages.packages.length > 0)
        this.#claims.push(...checkUnheld({ packages, rootfs: contents.rootfs, platform }));
      return;
    }
    const settings = image.config?.config;
    const created = image.config?.created;
    const input = { lock: lock.file, locked: lock.locked, platform, settings, created, packages, contents };
    this.#claims.push(...(await checkLock(input, this.#sessionOptions)));
  }

  get #sessionOptions(): SessionOptions {
    const { cwd, env, offline, jobs, onEvent, signal, insecureRegistries, caFile, store } = this.#settings;
    return { cwd, env, offline, jobs, onEvent, signal, insecureRegistries, caFile, store: store.root };
  }

  async #papers(images: readonly FoundImage[], keys: Parameters<typeof checkSignatures>[0]['keys']): Promise<void> {
    const { target, root, name } = this.#subject;
    const { store, cwd, platform, lock, onEvent, signal } = this.#settings;
    const subjects: readonly Descriptor[] =
      root === undefined ? [] : [root.descriptor, ...images.map(({ descriptor }) => descriptor)];
    if (target !== undefined) this.#claims.push(await checkPapers(target, subjects));
    const referred = target === undefined ? [] : await findReferred(target, subjects, { onEvent, signal });
    const named = subjects.map(({ digest }) => digest);
    const shown = platform ?? this.#looked[0]?.platform;
    const beside = await provenanceBeside(name, { store, cwd, platform: shown, digests: named, signal });
    const papers = [...beside.papers, ...(target === undefined ? [] : await attachedProvenances(target, referred))];
    const isWhole = this.#looked.length >= images.length;
    const looked = { platforms: this.#looked, isWhole, digests: beside.digests, papers, lock: lock?.file };
    const { claims, provenances } = checkProvenance(looked);
    this.#claims.push(
      ...claims,
      ...(await this.#archives(provenances)),
      ...(await checkSignatures({ target, referred, keys })),
    );
  }

  async #archives(provenances: Parameters<typeof checkArchives>[0]['provenances']): Promise<readonly Claim[]> {
    const { store, env, offline, onEvent, signal, lock, spec } = this.#settings;
    const architectures = [
      ...new Set([
        ...this.#looked.flatMap(({ platform }) => debianArchitecture(platform) ?? []),
        ...provenances.flatMap(({ packages }) => packages.map(({ architecture }) => architecture)),
      ]),
    ].filter((name) => name !== 'all' && name !== '');
    const [architecture = 'amd64'] = architectures;
    const now = Date.now;
    const onRetry = (notice: Parameters<typeof retryEvent>[0]) => onEvent?.(retryEvent(notice));
    const http = createHttpClient({ env, credentials: await loadCredentials({ env }), onRetry });
    try {
      const { claims, debs, unlisted } = await checkArchives({
        provenances,
        architectures,
        specOf: archivePlaces({
          spec,
          architecture,
          env,
          now,
        }),
        context: { store, http, offline, now, onEvent, signal },
      });
      // With a lock its .debs were held, and more of them.
      if (lock !== undefined || provenances.length === 0) return claims;
      const platforms = this.#looked;
      return [...claims, ...(await checkDebs({ debs, unlisted, platforms }, this.#sessionOptions))];
    } finally {
      await http.close();
    }
  }
}
