import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import type { Memo } from '../store/memo.ts';
import { concatBytes } from '../util/bytes.ts';
import { keptNodes } from '../view/kept-files.ts';
import { readFiles } from './read-files.ts';
import { rememberIfPossible } from './remember.ts';
import type { Image } from './types.ts';

export interface StrayTextsOptions {
  /** undefined: nothing remembered is believed. */
  readonly memo: Memo | undefined;
  readonly isKnown: (node: RootfsNode) => boolean;
  readonly signal?: AbortSignal | undefined;
}

const namespace = 'stray-texts-1';

/**
 * Contents of the files that a view keeps and that no layer has under the path that says so: /etc/passwd is a link into
 * /nix/store, or a hard link to an object of ostree. Remembered by the layer's diff ID and the file's place in it.
 * @throws SlimimageError as reading layers does
 */
export async function strayTexts(
  image: Image,
  rootfs: Rootfs,
  options: StrayTextsOptions,
): Promise<(node: Pick<RootfsNode, 'origin'>) => Uint8Array | undefined> {
  const { memo, isKnown, signal } = options;
  const texts = new Map<string, Uint8Array>();
  const missing: RootfsNode[] = [];
  for (const node of keptNodes(rootfs).filter((kept) => !isKnown(kept))) {
    const memoKey = memoKeyOf(image, node);
    const known = memoKey === undefined ? undefined : await memo?.get(namespace, memoKey);
    if (typeof known === 'string') texts.set(keyOf(node), new Uint8Array(Buffer.from(known, 'base64')));
    else missing.push(node);
  }
  const size = missing.reduce((sum, { entry }) => sum + entry.size, 0);
  if (size > limits.keptLayerBytes) {
    const message = `${image.name} has package databases and accounts of more than ${limits.keptLayerBytes} bytes`;
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
  }
  for await (const { node, bytes } of wholeFiles(image, missing, signal)) {
    texts.set(keyOf(node), bytes);
    const memoKey = memoKeyOf(image, node);
    if (memoKey === undefined) continue;
    await rememberIfPossible(memo?.set(namespace, memoKey, Buffer.from(bytes).toString('base64')));
  }
  return (node) => texts.get(keyOf(node));
}

async function* wholeFiles(image: Image, nodes: readonly RootfsNode[], signal: AbortSignal | undefined) {
  let chunks: Uint8Array[] = [];
  let node: RootfsNode | undefined;
  for await (const event of readFiles(image, nodes, { signal })) {
    if (event.type === 'file') {
      node = event.node;
      chunks = [];
    } else if (event.type === 'data') chunks.push(event.bytes.slice());
    else if (node !== undefined) yield { node, bytes: concatBytes(chunks) };
  }
}

function keyOf({ origin }: Pick<RootfsNode, 'origin'>): string {
  return `${origin.layer} ${origin.index}`;
}

function memoKeyOf(image: Image, { origin }: RootfsNode): string | undefined {
  const diffId = image.layers[origin.layer]?.diffId;
  return diffId === undefined ? undefined : `${diffId} ${origin.index}`;
}
