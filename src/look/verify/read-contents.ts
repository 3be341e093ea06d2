/** What the files of an image hold, read from its layers now: no remembered index is believed. */
import { createHash } from 'node:crypto';
import { readFiles } from '../../image/read-files.ts';
import type { Image, ImageLayer } from '../../image/types.ts';
import type { Rootfs, RootfsNode } from '../../rootfs/rootfs.ts';
import { mapLimit } from '../../util/concurrency.ts';
import { hexOf, Sha256 } from '../../util/digest.ts';
import { isDamage } from './open-subject.ts';

export interface FileHashes {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly md5: string;
}

export interface ReadContents {
  /** Undefined where its layer can't be read. */
  of(node: RootfsNode): FileHashes | undefined;
  /** What is wrong with each layer, lowest first; undefined where nothing is. */
  readonly problems: readonly (string | undefined)[];
}

/** Layers read at once. */
const parallel = 2;

/**
 * Reads every layer to its end, where its digest and diff ID are checked.
 * @param rootfs undefined where the tree can't be made: layers are checked alone
 * @throws SlimimageError ABORTED and what keeps a place from answering at all
 */
export async function readContents(
  image: Image,
  rootfs: Rootfs | undefined,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadContents> {
  const wanted = image.layers.map((): RootfsNode[] => []);
  for (const node of rootfs?.walk() ?? []) if (node.entry.type === 'file') wanted[node.origin.layer]?.push(node);
  const hashes = new Map<string, FileHashes>();
  const problems = await mapLimit(
    image.layers.map((layer, at) => ({ layer, nodes: wanted[at] ?? [] })),
    async ({ layer, nodes }) => {
      const found = new Map<string, FileHashes>();
      try {
        if (nodes.length === 0) await drain(layer, options.signal);
        else await hashFiles(image, { nodes, found, signal: options.signal });
      } catch (error) {
        if (!isDamage(error)) throw error;
        return error.message;
      }
      // Only what a whole layer held: its diff ID is known at its end.
      for (const [key, value] of found) hashes.set(key, value);
      return undefined;
    },
    { limit: parallel, signal: options.signal },
  );
  return { of: (node) => hashes.get(keyOf(node)), problems };
}

async function hashFiles(
  image: Image,
  {
    nodes,
    found,
    signal,
  }: {
    readonly nodes: readonly RootfsNode[];
    readonly found: Map<string, FileHashes>;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  let sha256 = new Sha256();
  let md5 = createHash('md5');
  let key = '';
  for await (const event of readFiles(image, nodes, { signal })) {
    if (event.type === 'file') {
      sha256 = new Sha256();
      md5 = createHash('md5');
      key = keyOf(event.node);
    } else if (event.type === 'data') {
      sha256.update(event.bytes);
      md5.update(event.bytes);
    } else found.set(key, { sha256: hexOf(sha256.digest()), md5: md5.digest('hex') });
  }
}

async function drain(layer: ImageLayer, signal: AbortSignal | undefined): Promise<void> {
  for await (const _ of layer.open({ signal })) {
    // Digest and diff ID are checked at the end.
  }
}

function keyOf({ origin }: RootfsNode): string {
  return `${origin.layer} ${origin.index}`;
}
