import { SlimimageError } from '../errors.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import { plainBytes } from '../util/bytes.ts';
import { Sha256 } from '../util/digest.ts';
import type { Image, ImageLayer } from './types.ts';

/** A file's content in pieces: `file`, then its `data`, then `end`; then the next file. */
export type FileEvent =
  | { readonly type: 'file'; readonly node: RootfsNode }
  /** A view of a chunk: use it before asking for the next event. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'end' };

/**
 * The contents of regular files of an image, each layer read once, in the order in which they lie there, hard linked names
 * once for each of `nodes`' inodes. Each layer is read to its end, where its diff ID is checked: discard what you got if this throws.
 *
 * @param nodes of `readRootfs(image)`; others than regular files are skipped
 */
export async function* readFiles(
  image: Image,
  nodes: Iterable<RootfsNode>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<FileEvent, void, undefined> {
  const byLayer = new Map<number, Map<number, RootfsNode>>();
  for (const node of nodes) {
    if (node.entry.type !== 'file') continue;
    const wanted = byLayer.get(node.origin.layer) ?? new Map<number, RootfsNode>();
    byLayer.set(node.origin.layer, wanted);
    if (!wanted.has(node.origin.index)) wanted.set(node.origin.index, node);
  }
  for (const [index, wanted] of [...byLayer].sort(([a], [b]) => a - b)) {
    const layer = image.layers[index];
    if (layer === undefined) throw missing(image, index);
    // The order in the tar; files without content have no place of their own and come as they are listed.
    const sorted = [...wanted].sort(([a], [b]) => a - b).map(([, node]) => node);
    yield* cutFiles(layer, sorted, options.signal);
  }
}

/**
 * One file, symlinks followed inside the image.
 * @throws SlimimageError IMAGE_NOT_FOUND where there is no such file; DIGEST_MISMATCH at the end where the content is not what the
 *   index (with hashes) says
 */
export async function* readFile(
  image: Image,
  rootfs: Rootfs,
  options: { readonly path: string; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  const node = rootfs.resolve(options.path);
  if (node?.entry.type !== 'file') {
    const what = node === undefined ? 'no file' : `a ${node.entry.type}, not a file, at`;
    throw new SlimimageError({ code: 'IMAGE_NOT_FOUND', message: `${image.name} has ${what} ${options.path}` });
  }
  const { sha256 } = node.entry;
  const hash = new Sha256();
  for await (const event of readFiles(image, [node], options)) {
    if (event.type === 'data') {
      hash.update(event.bytes);
      yield event.bytes;
    }
    // The hash vouches for the file: the rest of the layer need not be read. Without it, the diff ID has to.
    if (event.type === 'end' && sha256 !== undefined) break;
  }
  if (sha256 !== undefined && hash.digest() !== `sha256:${sha256}`) {
    const message = `${options.path} of ${image.name} is not what the index of its layer says`;
    throw new SlimimageError({ code: 'DIGEST_MISMATCH', message });
  }
}

/** Cuts the files' ranges out of the tar, whose index says where they are: no header is parsed again. */
async function* cutFiles(
  layer: ImageLayer,
  files: readonly RootfsNode[],
  signal: AbortSignal | undefined,
): AsyncGenerator<FileEvent, void, undefined> {
  let next = 0;
  let done = 0;
  let position = 0;
  for await (const given of layer.open({ signal })) {
    const chunk = plainBytes(given);
    const end = position + chunk.length;
    for (let node = files[next]; node !== undefined; node = files[next]) {
      const { offset = 0, size } = node.entry;
      if (size > 0 && offset >= end) break;
      if (done === 0) yield { type: 'file', node };
      const from = Math.max(offset + done, position);
      const bytes =
        size === 0 ? new Uint8Array(0) : chunk.subarray(from - position, Math.min(offset + size, end) - position);
      if (bytes.length > 0) yield { type: 'data', bytes };
      done += bytes.length;
      if (done < size) break;
      yield { type: 'end' };
      next++;
      done = 0;
    }
    position = end;
  }
  if (next < files.length)
    throw new SlimimageError({ code: 'TAR_INVALID', message: 'the layer is shorter than its index says' });
}

function missing(image: Image, index: number): SlimimageError {
  return new SlimimageError({ code: 'OCI_INVALID', message: `${image.name} has no layer ${index + 1}` });
}
