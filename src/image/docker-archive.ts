import * as v from 'valibot';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { ImageConfig } from '../oci/documents.ts';
import { platformOfConfig } from '../oci/encode.ts';
import { parseImageConfig, parseJson } from '../oci/parse.ts';
import type { Platform } from '../oci/platform.ts';
import { familiarReference, parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import { checkPlatform } from './choose-platform.ts';
import type { FileTar } from './file-tar.ts';
import { uncompressedLayer } from './layer-stream.ts';
import type { Image } from './types.ts';

/** `manifest.json` of `docker save` (moby, image/tarexport). */
const manifestSchema = v.array(
  v.looseObject({
    Config: v.string(),
    RepoTags: v.nullish(v.array(v.string())),
    Layers: v.nullable(v.pipe(v.array(v.string()), v.maxLength(limits.imageLayers))),
  }),
);

type ArchivedImage = v.InferOutput<typeof manifestSchema>[number];

export interface DockerArchiveOptions {
  readonly name: string;
  /** Which image of several; default the only one. */
  readonly reference?: Reference | undefined;
  readonly platform?: Platform | undefined;
  readonly close: () => Promise<void>;
}

/**
 * An image in a tar of `docker save`: with `layer.tar` in folders (before 25), with `blobs/` (since), or Kaniko's.
 * @throws SlimimageError OCI_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE
 */
export async function openDockerArchive(tar: FileTar, options: DockerArchiveOptions): Promise<Image> {
  const { name } = options;
  const archived = choose(await readManifest(tar, name), options);
  const bytes = await tar.read(archived.Config, limits.ociDocumentBytes);
  const config: ImageConfig = parseImageConfig(bytes, { name: `config of ${name}` });
  checkPlatform(config, options.platform, name);
  const files = archived.Layers ?? [];
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== files.length) {
    const message = `${name} is damaged: ${files.length} layers, but ${diffIds.length} diff IDs`;
    throw new SlimimageError({ code: 'OCI_INVALID', message });
  }
  return {
    name,
    descriptor: undefined,
    manifest: undefined,
    config,
    configBytes: bytes,
    platform: platformOfConfig(config),
    layers: files.map((file, index) => {
      const what = `layer ${index + 1} of ${files.length} of ${name}`;
      return {
        what,
        descriptor: undefined,
        diffId: diffIds[index],
        storedSize: tar.member(file)?.size,
        open: (opened) => uncompressedLayer(tar.stream(file), { what, diffId: diffIds[index], ...opened }),
      };
    }),
    close: options.close,
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

function choose(images: readonly ArchivedImage[], options: DockerArchiveOptions): ArchivedImage {
  const names = images.flatMap((image) => image.RepoTags ?? []);
  const { reference } = options;
  const wanted = reference === undefined ? undefined : familiarReference(withDefaultTag(reference));
  const found =
    wanted === undefined ? images : images.filter((image) => image.RepoTags?.some((tag) => familiar(tag) === wanted));
  const [first] = found;
  if (first !== undefined && (wanted !== undefined || found.length === 1)) return first;
  throw new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message:
      wanted === undefined
        ? `${options.name} holds ${images.length} images`
        : `${options.name} does not hold ${wanted}`,
    hint:
      names.length === 0 ? undefined : `It holds: ${names.slice(0, 20).join(', ')}. Write docker-archive:FILE:NAME.`,
  });
}

/** Archives write names as the engine that made them shows them: `nginx:1`, `docker.io/library/nginx:1`. */
function familiar(tag: string): string | undefined {
  try {
    return familiarReference(withDefaultTag(parseReference(tag)));
  } catch {
    return undefined;
  }
}
