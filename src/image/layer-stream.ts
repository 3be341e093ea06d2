import { decompress } from '../codecs/decompress.ts';
import { compressionHeadSize, detectCompression } from '../formats/compression/detect.ts';
import { limits } from '../limits.ts';
import { checkedBytes } from '../store/blob-check.ts';
import { throwIfAborted } from '../util/abort.ts';
import { concatBytes } from '../util/bytes.ts';
import type { Digest } from '../util/digest.ts';
import { namingLayer } from './layer-error.ts';
import type { OpenLayerOptions } from './types.ts';

export interface LayerStreamOptions extends OpenLayerOptions {
  /** Names the layer in messages. */
  readonly what: string;
  /** Held against the uncompressed bytes at their end. */
  readonly diffId?: Digest | undefined;
}

/**
 * A layer's tar, uncompressed. What it is compressed with is read from its first bytes, as engines do: media types of real
 * images are wrong now and then, and the diff ID decides in the end.
 */
export async function* uncompressedLayer(
  blob: AsyncIterable<Uint8Array>,
  options: LayerStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { diffId, onStored, signal, what } = options;
  const plain = decompressAny(onStored === undefined ? blob : counted(blob, onStored), what);
  try {
    for await (const chunk of diffId === undefined ? plain : checkedBytes(plain, { digest: diffId })) {
      throwIfAborted(signal);
      yield chunk;
    }
  } catch (error) {
    throw namingLayer(error, what);
  }
}

async function* counted(
  blob: AsyncIterable<Uint8Array>,
  onStored: (done: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of blob) {
    done += chunk.length;
    onStored(done);
    yield chunk;
  }
}

/** Any stream, uncompressed where its first bytes say how. @throws SlimimageError COMPRESSION_INVALID, LIMIT_EXCEEDED */
export async function* decompressAny(
  bytes: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    const head: Uint8Array[] = [];
    for (let size = 0; size < compressionHeadSize; ) {
      const { value, done } = await iterator.next();
      if (done) break;
      head.push(value);
      size += value.length;
    }
    const first = concatBytes(head);
    const format = detectCompression(first.subarray(0, compressionHeadSize));
    const whole = withHead(first, iterator);
    yield* format === 'none' ? whole : decompress(whole, { format, maxOutput: limits.dataTarBytes, what });
  } finally {
    await iterator.return?.(undefined);
  }
}

async function* withHead(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  for (;;) {
    const { value, done } = await rest.next();
    if (done) return;
    yield value;
  }
}
