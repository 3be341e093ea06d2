import * as v from 'valibot';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { ImageConfig } from '../oci/documents.ts';
import { platformOfConfig } from '../oci/encode.ts';
import { parseImageConfig, parseJson } from '../oci/parse.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { familiarReference, parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Digest } from '../util/digest.ts';
import { checkPlatform, chooseAmong } from './choose-platform.ts';
import type { FileTar } from './file-tar.ts';
import { uncompressedLayer } from './layer-stream.ts';
import type { Image, ImageLayer } from './types.ts';

/** `manifest.json` of `docker save` (moby, image/tarexport). */
const manifestSchema = v.array(
  v.looseObject({
    Config: v.string(),
    RepoTags: v.nullish(v.array(v.string())),
    Layers: v.nullable(v.pipe(v.array(v.string()), v.maxLength(limits.imageLayers))),
  }),
);

type ArchivedImage = v.InferOutput<typeof manifestSchema>[number];

/** Images of one name that are looked at: each has a config of some MB, which may be the same of all. */
const maxPlatforms = 64;

export interface ConfigImageOptions {
  readonly name: string;
  readonly platform?: Platform | undefined;
  readonly close: () => Promise<void>;
}

export interface DockerArchiveOptions extends ConfigImageOptions {
  /** Which image of several; default the only one. */
  readonly reference?: Reference | undefined;
}

/**
 * An image in a tar of `docker save`: with `layer.tar` in folders (before 25), with `blobs/` (since), or Kaniko's.
 * @throws SlimimageError OCI_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE
 */
export async function openDockerArchive(tar: FileTar, options: DockerArchiveOptions): Promise<Image> {
  const { name } = options;
  const candidates = await readPlatforms(tar, choose(await readManifest(tar, name), options), name);
  const { archived, bytes, platform } = chooseAmong(candidates, options);
  const files = archived.Layers ?? [];
  const image = imageOfConfig(bytes, options, ({ what, diffId }, index) => {
    const file = files[index] ?? '';
    return {
      storedSize: tar.member(file)?.size,
      open: (opened) => uncompressedLayer(tar.stream(file), { what: `${what} (${diffId})`, diffId, ...opened }),
    };
  });
  const otherPlatforms = candidates.flatMap((one) => (one.platform === platform ? [] : [one.platform]));
  if (image.layers.length === files.length) return { ...image, otherPlatforms };
  const message = `${name} is damaged: ${files.length} layers, but ${image.layers.length} diff IDs`;
  throw new SlimimageError({ code: 'OCI_INVALID', message });
}

/**
 * An image of which nothing but the config is known for certain.
 * @param bytes the config as it lies there
 * @param layerOf how each of its layers is read
 * @throws SlimimageError OCI_INVALID, PLATFORM_UNAVAILABLE
 */
export function imageOfConfig(
  bytes: Uint8Array,
  { name, platform, close }: ConfigImageOptions,
  layerOf: (
    layer: { readonly what: string; readonly diffId: Digest },
    index: number,
  ) => Pick<ImageLayer, 'open' | 'storedSize'>,
): Image {
  const config: ImageConfig = parseImageConfig(bytes, { name: `config of ${name}` });
  checkPlatform(config, platform, name);
  const { diff_ids: diffIds } = config.rootfs;
  return {
    name,
    descriptor: undefined,
    manifest: undefined,
    config,
    configBytes: bytes,
    platform: platformOfConfig(config),
    layers: diffIds.map((diffId, index) => {
      const what = `layer ${index + 1} of ${diffIds.length} of ${name}`;
      return { what, descriptor: undefined, diffId, ...layerOf({ what, diffId }, index) };
    }),
    close,
  };
}

async function readManifest(tar: FileTar, name: string): Promise<readonly ArchivedImage[]> {
  const bytes = await tar.read('manifest.json', limits.ociDocumentBytes);
  const result = v.safeParse(manifestSchema, parseJson(bytes, `manifest.json of ${name}`, {}), { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const message = `manifest.json of ${name} is not valid: ${v.getDotPath(issue) ?? ''}: ${issue.message.slice(0, 200)}`;
  throw new SlimimageError({ code: 'OCI_INVALID', message });
}

/** Images of one name are one image for several platforms: `docker save` has no other word for it. */
function choose(images: readonly ArchivedImage[], options: DockerArchiveOptions): readonly ArchivedImage[] {
  const names = images.flatMap((image) => image.RepoTags ?? []);
  const { reference } = options;
  const wanted = reference === undefined ? undefined : familiarReference(withDefaultTag(reference));
  const found =
    wanted === undefined ? images : images.filter((image) => image.RepoTags?.some((tag) => familiar(tag) === wanted));
  const tags = new Set(found.map(({ RepoTags }) => JSON.stringify([...(RepoTags ?? [])].sort())));
  const isOne = wanted !== undefined || found.length === 1 || (tags.size === 1 && !tags.has('[]'));
  if (found.length > 0 && isOne) return found.slice(0, maxPlatforms);
  const unnamed = images.length > 1 ? 'They have no names to choose from: save one image alone.' : undefined;
  throw new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message:
      wanted === undefined
        ? `${options.name} holds ${images.length} images`
        : `${options.name} does not hold ${wanted}`,
    hint: names.length === 0 ? unnamed : `It holds: ${names.slice(0, 20).join(', ')}. Write docker-archive:FILE:NAME.`,
  });
}

interface Candidate {
  readonly archived: ArchivedImage;
  /** Of its config. */
  readonly bytes: Uint8Array;
  readonly platform: Platform;
}

/** Of each platform the first: which of two equals is meant nobody can say. */
async function readPlatforms(
  tar: FileTar,
  images: readonly ArchivedImage[],
  name: string,
): Promise<readonly Candidate[]> {
  const found = new Map<string, Candidate>();
  for (const archived of images) {
    const bytes = await tar.read(archived.Config, limits.ociDocumentBytes);
    const platform = platformOfConfig(parseImageConfig(bytes, { name: `config of ${name}` }));
    const key = formatPlatform(platform);
    if (!found.has(key)) found.set(key, { archived, bytes, platform });
  }
  return [...found.values()];
}

/** Archives write names as the engine that made them shows them: `nginx:1`, `docker.io/library/nginx:1`. */
function familiar(tag: string): string | undefined {
  try {
    return familiarReference(withDefaultTag(parseReference(tag)));
  } catch {
    return undefined;
  }
}
