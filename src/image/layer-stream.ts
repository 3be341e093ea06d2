import { decompress } from '../codecs/decompress.ts';
import { SlimimageError } from '../errors.ts';
import { compressionHeadSize, detectCompression } from '../formats/compression/detect.ts';
import { limits } from '../limits.ts';
import { throwIfAborted } from '../util/abort.ts';
import { concatBytes } from '../util/bytes.ts';
import { type Digest, Sha256 } from '../util/digest.ts';
import { namingLayer } from './layer-error.ts';
import type { OpenLayerOptions } from './types.ts';

export interface LayerStreamOptions extends OpenLayerOptions {
  /** Names the layer in messages. */
  readonly what: string;
  /** Held against the uncompressed bytes at their end. */
  readonly diffId?: Digest | undefined;
  /** The stored bytes are held against a digest of their own while they are read: nothing is damaged where they end. */
  readonly isHeld?: boolean | undefined;
}

/**
 * A layer's tar, uncompressed. What it is compressed with is read from its first bytes, as engines do: media types of real
 * images are wrong now and then, and the diff ID decides in the end.
 */
export async function* uncompressedLayer(
  blob: AsyncIterable<Uint8Array>,
  options: LayerStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { onStored, signal, what } = options;
  const plain = decompressAny(onStored === undefined ? blob : counted(blob, onStored), what);
  try {
    for await (const chunk of heldAgainstConfig(plain, options)) {
      throwIfAborted(signal);
      yield chunk;
    }
  } catch (error) {
    throw namingLayer(error, what);
  }
}

async function* heldAgainstConfig(
  plain: AsyncIterable<Uint8Array>,
  { diffId, isHeld = false }: LayerStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (diffId === undefined) return yield* plain;
  const hash = new Sha256();
  for await (const chunk of plain) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest();
  if (found === diffId) return;
  throw new SlimimageError({
    code: 'DIGEST_MISMATCH',
    message: `it unpacks to ${found}, and the config's diff ID is ${diffId}`,
    hint: isHeld
      ? 'The layer is whole, and another than the config names: layers were swapped or replaced, or the config was.'
      : 'The layer is damaged, or another than the config names.',
  });
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
async function* decompressAny(
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
