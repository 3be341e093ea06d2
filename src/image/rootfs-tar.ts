import { TarReader } from '../formats/tar/reader.ts';
import { encodeTarEntry, endOfTar, tarPadding } from '../formats/tar/writer.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { plainBytes } from '../util/bytes.ts';
import { readFiles } from './read-files.ts';
import type { ReadLayerOptions } from './read-layer.ts';
import { readRootfs } from './read-rootfs.ts';
import type { Image, ImageLayer } from './types.ts';

/**
 * The image's root file system as one tar, for `docker import` and a Dockerfile's `ADD`: the only layer's own bytes where that is all, else the
 * layers flattened: folders first, sorted; then the files as they lie in their layers; then links and the rest.
 */
export async function* rootfsTar(
  image: Image,
  options: ReadLayerOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const [only, ...more] = image.layers;
  if (only !== undefined && more.length === 0 && !(await hidesSomething(only, options.signal))) {
    yield* only.open({ signal: options.signal });
    return;
  }
  const rootfs = await readRootfs(image, options);
  if (!rootfs.root.implicit) yield encode(rootfs.root.entry);
  yield* treeTar(image, [...rootfs.walk()], options);
}

/** A tar of these nodes of an image's tree: folders first, then files as they lie in their layers, then links and the rest. */
export async function* treeTar(
  image: Image,
  nodes: readonly RootfsNode[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { entry } of nodes) if (entry.type === 'directory') yield encode(entry);
  const written = new Map<number, string>();
  let size = 0;
  for await (const event of readFiles(image, nodes, options)) {
    if (event.type === 'file') {
      const { entry, inode } = event.node;
      written.set(inode, entry.path);
      size = entry.size;
      yield encode(entry);
    } else if (event.type === 'data') yield event.bytes;
    else yield tarPadding(size);
  }
  yield* rest(nodes, written);
  yield endOfTar();
}

/** Further names of what was written, symlinks, devices and pipes. */
function* rest(nodes: readonly RootfsNode[], written: Map<number, string>): Generator<Uint8Array, void, undefined> {
  for (const { entry, inode } of nodes) {
    const first = written.get(inode);
    if (entry.type === 'directory' || first === entry.path) continue;
    if (first !== undefined) {
      yield encode({ ...entry, type: 'hardlink', size: 0, linkTarget: first });
      continue;
    }
    written.set(inode, entry.path);
    yield encode(entry);
  }
}

function encode(entry: LayerEntry): Uint8Array {
  return encodeTarEntry(entry);
}

/** Whether a layer has whiteouts: then its tar is not yet a file system. */
async function hidesSomething(layer: ImageLayer, signal: AbortSignal | undefined): Promise<boolean> {
  let found = false;
  const reader = new TarReader(
    {
      entry({ path }) {
        if (path.includes('.wh.')) found = true;
      },
      data() {},
      entryEnd() {},
    },
    { endOptional: true },
  );
  for await (const chunk of layer.open({ signal })) {
    reader.push(plainBytes(chunk));
    if (found) return true;
  }
  return found;
}
