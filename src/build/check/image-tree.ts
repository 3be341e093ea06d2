import { type CheckFile, type CheckTree, wantedTexts } from '../../check/types.ts';
import { type OsRelease, parseOsRelease } from '../../distro/os-release.ts';
import { indexLayer } from '../../image/layer-index.ts';
import { type LayerPrograms, layerPrograms } from '../../image/layer-programs.ts';
import { readFiles } from '../../image/read-files.ts';
import type { Image } from '../../image/types.ts';
import { limits } from '../../limits.ts';
import type { LayerEntry } from '../../rootfs/entry.ts';
import { Rootfs, type RootfsNode } from '../../rootfs/rootfs.ts';
import type { LocalStore } from '../../store/local-store.ts';
import { type ImageDatabase, readImageDatabase } from '../why/image-database.ts';

export interface ImageTreeOptions {
  readonly store: LocalStore;
  /** Debian's name of the image's. */
  readonly architecture: string;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedImageTree {
  readonly tree: CheckTree;
  /** The distribution that it is of, as far as it says. */
  readonly release: OsRelease;
  readonly database: ImageDatabase;
}

/**
 * What the layers of an image make, as the check sees it. Each layer's list and programs are read once, ever (by its diff
 * ID), the few files whose content counts each time.
 */
export async function openImageTree(image: Image, options: ImageTreeOptions): Promise<OpenedImageTree> {
  const { architecture, signal } = options;
  const read = await readLayers(image, options);
  const database = await readImageDatabase(image, read.rootfs, { architecture, lists: true, signal });
  const text = releaseFiles.map((path) => read.texts.get(path)).find((bytes) => bytes !== undefined);
  const release = parseOsRelease(text ?? new Uint8Array());
  return { release, tree: imageTree(read, (path) => ownerOf(path, database.owners)), database };
}

/** Packages may name either side of a merged /usr. */
function ownerOf(path: string, owners: ReadonlyMap<string, readonly string[]>): string | undefined {
  const alias = path.startsWith('usr/') ? path.slice('usr/'.length) : `usr/${path}`;
  return (owners.get(path) ?? owners.get(alias))?.[0];
}

interface ReadLayers {
  readonly rootfs: Rootfs;
  readonly programs: readonly LayerPrograms[];
  readonly texts: ReadonlyMap<string, Uint8Array>;
}

async function readLayers(image: Image, { store, signal }: ImageTreeOptions): Promise<ReadLayers> {
  const layers: (readonly LayerEntry[])[] = [];
  const programs: LayerPrograms[] = [];
  for (const layer of image.layers) {
    const { entries } = await indexLayer(layer, { memo: store.memo, signal });
    layers.push(entries);
    programs.push(await layerPrograms(layer, entries, { store, signal }));
  }
  const rootfs = Rootfs.of(layers);
  return { rootfs, programs, texts: await readTexts(image, rootfs, signal) };
}

/** os-release(5) */
const releaseFiles = ['etc/os-release', 'usr/lib/os-release'] as const;

/** By the path that was asked for, links followed. */
async function readTexts(image: Image, rootfs: Rootfs, signal: AbortSignal | undefined) {
  const musl = (rootfs.list('etc') ?? []).filter(({ entry }) => /^etc\/ld-musl-[^/]+\.path$/.test(entry.path));
  const wanted = [...wantedTexts, ...releaseFiles, ...musl.map(({ entry }) => entry.path)].flatMap((path) => {
    const node = rootfs.resolve(path);
    return node?.entry.type === 'file' && node.entry.size <= limits.baseFileBytes ? [[path, node] as const] : [];
  });
  const found = new Map<string, Uint8Array>();
  let chunks: Uint8Array[] = [];
  let path = '';
  const nodes = wanted.map(([, node]) => node);
  for await (const event of readFiles(image, nodes, { signal })) {
    if (event.type === 'file') {
      path = event.node.entry.path;
      chunks = [];
    } else if (event.type === 'data') chunks.push(event.bytes.slice());
    else found.set(path, Buffer.concat(chunks));
  }
  return new Map(
    wanted.flatMap(([name, node]) => {
      const bytes = found.get(node.entry.path);
      return bytes === undefined ? [] : [[name, bytes] as const];
    }),
  );
}

/** Hard links share one content: each name is a file of its own here. */
function imageTree(
  { rootfs, programs, texts }: ReadLayers,
  packageOf: (path: string) => string | undefined,
): CheckTree {
  const files = new Map<string, CheckFile>();
  const fileOf = (node: RootfsNode): CheckFile => {
    const { path, type, mode, uid, gid, linkTarget } = node.entry;
    const known = files.get(path);
    if (known !== undefined) return known;
    const facts = type === 'file' ? programs[node.origin.layer]?.get(node.origin.index) : undefined;
    const file = { path, type, mode, uid, gid, linkTarget, ...facts };
    files.set(path, file);
    return file;
  };
  return {
    get: (path) => {
      const node = rootfs.get(path);
      return node === undefined ? undefined : fileOf(node);
    },
    *entries() {
      for (const node of rootfs.walk()) yield fileOf(node);
    },
    packageOf,
    read: (path) => texts.get(path),
  };
}
