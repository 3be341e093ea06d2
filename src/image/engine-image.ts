import { unlink } from 'node:fs/promises';
import { type EngineImage, findImage, saveImage } from '../engine/save.ts';
import { SlimimageError } from '../errors.ts';
import { familiarReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Memo } from '../store/memo.ts';
import { plainBytes } from '../util/bytes.ts';
import { type Digest, digestOf } from '../util/digest.ts';
import { withTar } from './archive-file.ts';
import { imageOfConfig, openDockerArchive } from './docker-archive.ts';
import { rememberIfPossible } from './remember.ts';
import { scratchFile } from './scratch-file.ts';
import type { Image, OpenImageOptions } from './types.ts';

/**
 * An image of Docker or Podman. Engines give an image away as a whole only, which takes as long as writing it: so its config is remembered
 * by the engine's ID of it, and it is saved, to a temporary file, when the first layer has to be read.
 * @throws SlimimageError ENGINE, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, OCI_INVALID
 */
export async function openEngineImage(reference: Reference, options: OpenImageOptions): Promise<Image> {
  const { store, platform, signal, env = {}, onEvent } = options;
  const name = `docker-daemon:${familiarReference(withDefaultTag(reference))}`;
  const found = await findImage(withDefaultTag(reference), { env, signal, onEvent });
  const saved = new SavedImage(found, { ...options, name });
  try {
    const config = (await recallConfig(store.memo, found.id)) ?? (await remembered(store.memo, found.id, saved));
    const close = () => saved.close();
    return imageOfConfig(config, { name, platform, close }, (_layer, index) => ({
      open: async function* (opened) {
        const layer = (await saved.image()).layers[index];
        if (layer === undefined || digestOf(await saved.config()) !== digestOf(config)) throw otherImage(found);
        yield* layer.open(opened);
      },
    }));
  } catch (error) {
    await saved.close();
    throw error;
  }
}

/** What an engine saves, once somebody asks for it. */
class SavedImage {
  readonly #image: EngineImage;
  readonly #options: OpenImageOptions & { readonly name: string };
  #file: string | undefined;
  #opened: Promise<Image> | undefined;

  constructor(image: EngineImage, options: OpenImageOptions & { readonly name: string }) {
    this.#image = image;
    this.#options = options;
  }

  image(): Promise<Image> {
    this.#opened ??= this.#save();
    return this.#opened;
  }

  async config(): Promise<Uint8Array> {
    return (await this.image()).configBytes ?? new Uint8Array();
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.close();
    if (this.#file !== undefined) await unlink(this.#file).catch(() => undefined);
  }

  async #save(): Promise<Image> {
    const { store, signal, onEvent, name, platform } = this.#options;
    const file = await scratchFile(store, 'saved');
    this.#file = file;
    await saveImage(this.#image, { file, signal, onEvent });
    return withTar(file, this.#options, (tar, close) => openDockerArchive(tar, { name, platform, close }));
  }
}

const namespace = 'engine-config-1';

async function recallConfig(memo: Memo, id: Digest): Promise<Uint8Array | undefined> {
  const known = await memo.get(namespace, id);
  if (typeof known !== 'object' || known === null || !('digest' in known) || !('bytes' in known)) return undefined;
  const { digest, bytes } = known;
  if (typeof bytes !== 'string') return undefined;
  const config = plainBytes(Buffer.from(bytes, 'base64'));
  return digestOf(config) === digest ? config : undefined;
}

/** With its digest, which is the ID, or with containerd's image store something else. */
async function remembered(memo: Memo, id: Digest, saved: SavedImage): Promise<Uint8Array> {
  const config = await saved.config();
  const value = { digest: digestOf(config), bytes: Buffer.from(config).toString('base64') };
  await rememberIfPossible(memo.set(namespace, id, value));
  return config;
}

function otherImage({ engine, name, id }: EngineImage): SlimimageError {
  return new SlimimageError({
    code: 'ENGINE',
    message: `${engine.name} saved another image than ${name} (${id})`,
    hint: 'Was it replaced meanwhile? Try once more.',
  });
}
