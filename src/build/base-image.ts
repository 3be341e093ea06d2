import type { ImageSpec, LayersSetting } from '../config/spec.ts';
import type { UsrLayout } from '../content/types.ts';
import { readInstalled } from '../distro/debian/installed.ts';
import type { OsRelease } from '../distro/os-release.ts';
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { indexLayers } from '../image/layer-index.ts';
import { openImage } from '../image/open-image.ts';
import { readFiles } from '../image/read-files.ts';
import type { Image, ImageLayer } from '../image/types.ts';
import { limits } from '../limits.ts';
import { debianOfPlatform } from '../oci/debian-architecture.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig } from '../oci/documents.ts';
import { mediaTypes } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import { Rootfs, type RootfsNode } from '../rootfs/rootfs.ts';
import { aliasNames } from '../rootfs/usr-aliases.ts';
import type { Digest } from '../util/digest.ts';
import type { AssembleBase } from './assemble.ts';
import { readRelease } from './base-release.ts';
import { imageDigest } from './image-digest.ts';
import { reading, type Session } from './session.ts';
import type { TreeNode } from './tree.ts';
import type { LayerResult } from './types.ts';

/** The image of `on:`, its layers in the local store. */
export interface BaseImage extends AssembleBase {
  /** Of its manifest; where the form keeps none (docker-archive), of its config as canonical JSON. */
  readonly digest: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly Descriptor[];
  readonly layerResults: readonly LayerResult[];
  /** Its packages: they count as installed. */
  readonly installed: readonly PackageRecord[];
  readonly layout: UsrLayout;
  /** What its os-release says. */
  readonly release: OsRelease;
}

/** Files of the image below that effects read, besides dpkg's metadata. */
const effectFiles = [
  ...['etc/passwd', 'etc/group', 'etc/nsswitch.conf', 'etc/ld.so.cache'],
  ...['etc/ssl/certs/ca-certificates.crt', 'etc/ssl/certs/java/cacerts'],
];

/** Opens the image of `on:` for one platform; undefined where the configuration has none. */
export async function openBase(spec: ImageSpec, platform: Platform, session: Session): Promise<BaseImage | undefined> {
  if (spec.on === undefined) return undefined;
  const { store, signal } = session;
  const image = await openImage(spec.on, { ...reading(session), platform, cwd: spec.directory });
  try {
    const { config, digest } = configOf(spec.on, image);
    checkLayerCount(spec.on, { count: image.layers.length, setting: spec.layers });
    const indexes = await indexLayers(image, { memo: store.memo, signal });
    const rootfs = Rootfs.of(indexes.map(({ entries }) => entries));
    const { files, statusD } = await readBaseFiles(image, rootfs, signal);
    const release = await readRelease(image, { rootfs, digest, memo: store.memo, signal });
    const layers = [];
    for (const [at, layer] of image.layers.entries())
      layers.push(await keepLayer(layer, { session, size: indexes[at]?.size ?? 0 }));
    const created = Date.parse(config.created ?? '');
    return {
      digest,
      config,
      layers: layers.map(({ descriptor }) => descriptor),
      layerResults: layers.map(({ result }) => result),
      installed: readInstalled({
        architecture: debianOfPlatform(platform),
        status: files.get('var/lib/dpkg/status'),
        statusD,
      }),
      layout: aliasNames.some((name) => rootfs.get(name)?.entry.type === 'symlink') ? 'merged' : 'split',
      release,
      created: Number.isNaN(created) ? undefined : Math.max(0, Math.floor(created / 1000)),
      nodes: [...rootfs.walk()].filter(({ entry }) => entry.path !== '').map(baseNode),
      files,
    };
  } finally {
    await image.close();
  }
}

/** The digest of the image of `on:`, of which no layer is read; undefined where the configuration has none. */
export async function baseDigest(spec: ImageSpec, platform: Platform, session: Session): Promise<Digest | undefined> {
  if (spec.on === undefined) return undefined;
  const image = await openImage(spec.on, { ...reading(session), platform, cwd: spec.directory });
  try {
    return configOf(spec.on, image).digest;
  } finally {
    await image.close();
  }
}

function configOf(name: string, { config, descriptor }: Image): Pick<BaseImage, 'config' | 'digest'> {
  const digest = imageDigest({ descriptor, config });
  if (config !== undefined && digest !== undefined) return { config, digest };
  throw new SlimimageError({
    code: 'SOURCE_INVALID',
    message: `on: ${name} is a bare file tree, not an image`,
    hint: 'Copy it with files: { source: FOLDER, path: / } instead.',
  });
}

/** The layers of this build come on top. */
function checkLayerCount(
  name: string,
  { count, setting }: { readonly count: number; readonly setting: LayersSetting },
): void {
  const room = limits.builtLayers - count;
  const has = `on: ${name} has ${count} ${count === 1 ? 'layer' : 'layers'}, and engines take ${limits.builtLayers} at most`;
  if (room < 1) {
    throw new SlimimageError({
      code: 'LIMIT_EXCEEDED',
      message: `${has}, this build's among them`,
      hint: 'Build on an image with fewer layers, or copy from it with files: { image: ... }.',
    });
  }
  if (setting.type !== 'budget' || setting.budget <= room) return;
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${has}, so a budget of ${setting.budget} is too much for this build`,
    hint: `layers: { budget: ${room} } is what there is room for.`,
  });
}

function baseNode({ entry }: RootfsNode): TreeNode {
  return { entry, source: { type: 'base' } };
}

async function readBaseFiles(image: Image, rootfs: Rootfs, signal: AbortSignal | undefined) {
  const database = [...(rootfs.list('var/lib/dpkg/status.d') ?? [])];
  const wanted = [...effectFiles, 'var/lib/dpkg/status'].flatMap((path) => rootfs.resolve(path) ?? []);
  for (const { entry } of [...wanted, ...database]) {
    if (entry.size <= limits.baseFileBytes) continue;
    const message = `on: /${entry.path} of ${image.name} has ${entry.size} bytes; at most ${limits.baseFileBytes} are read`;
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
  }
  const files = new Map<string, Uint8Array>();
  let chunks: Uint8Array[] = [];
  let path = '';
  for await (const event of readFiles(image, [...wanted, ...database], { signal })) {
    if (event.type === 'file') {
      path = event.node.entry.path;
      chunks = [];
    } else if (event.type === 'data') chunks.push(event.bytes.slice());
    else files.set(path, Buffer.concat(chunks));
  }
  const statusD = [...files].flatMap(([name, bytes]): (readonly [string, Uint8Array])[] =>
    name.startsWith('var/lib/dpkg/status.d/') ? [[name.slice('var/lib/dpkg/status.d/'.length), bytes]] : [],
  );
  return { files, statusD };
}

/** Copies a layer into the local store as it is; one of a form that keeps no blobs as a plain tar. */
async function keepLayer(layer: ImageLayer, { session, size }: { readonly session: Session; readonly size: number }) {
  const { store } = session;
  const { descriptor, openBlob, diffId } = layer;
  if (diffId === undefined)
    throw new SlimimageError({ code: 'OCI_INVALID', message: 'a layer of the image below has no diff ID' });
  const facts = { diffId, size, inherited: true, what: undefined };
  if (descriptor !== undefined && openBlob !== undefined) {
    if (!(await store.has(descriptor.digest)))
      await store.write(openBlob(), { digest: descriptor.digest, size: descriptor.size });
    const { digest, mediaType } = descriptor;
    return { descriptor, result: { ...facts, digest, mediaType, compressedSize: descriptor.size } };
  }
  const blob = await store.write(layer.open({ signal: session.signal }), { digest: diffId });
  const plain: Descriptor = { mediaType: mediaTypes.ociLayer, digest: blob.digest, size: blob.size };
  return {
    descriptor: plain,
    result: { ...facts, digest: plain.digest, mediaType: plain.mediaType, compressedSize: plain.size },
  };
}
