import { SlimimageError } from '../errors.ts';
import type { CompressionFormat } from '../formats/compression/detect.ts';
import { limits } from '../limits.ts';
import { concatBytes, plainBytes } from '../util/bytes.ts';
import { decodeBzip2 } from './bzip2.ts';
import { decodeGzip } from './gzip.ts';
import { decodeLzma, decodeXz } from './xz.ts';
import { decodeZstd } from './zstd.ts';

export interface DecompressOptions {
  readonly format: CompressionFormat;
  /** Unpacked bytes that are believed. */
  readonly maxOutput: number;
  /** Names the stream in messages. */
  readonly what: string;
  /** Unpacked bytes for each packed one, past `limits.ratioFreeBytes`. */
  readonly maxRatio?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a stream, in memory that does not grow with it. Chunks are the consumer's to keep
 * (`none`: they are the source's own). Every stream, member or
 * frame behind the first is unpacked, too; all checksums that the format has are verified by the time it ends.
 * Errors of the source pass through unchanged; a consumer that stops early stops the source.
 * @throws SlimimageError COMPRESSION_INVALID (damaged, cut off, bytes after the end), LIMIT_EXCEEDED (more bytes than
 * `maxOutput`, or a bomb), ABORTED, RUNTIME_UNSUPPORTED (LZMA on a system without a prebuilt decoder).
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new WatchedInput(source, options);
  let unpacked = 0;
  try {
    for await (const chunk of decoders[options.format](input.chunks())) {
      if (chunk.length === 0) continue;
      unpacked += chunk.length;
      checkSize(unpacked, input.packed, options);
      yield chunk;
    }
  } catch (error) {
    if (input.failure !== undefined) throw input.failure.error;
    throw explain(error, options);
  }
}

/** The whole of a small stream that is at hand. Throws as `decompress`. */
export async function decompressAll(bytes: Uint8Array, options: DecompressOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompress(slices(bytes), options)) chunks.push(chunk);
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : concatBytes(chunks);
}

type Decoder = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const decoders: Readonly<Record<CompressionFormat, Decoder>> = {
  none: (source) => source,
  gzip: decodeGzip,
  zstd: decodeZstd,
  xz: decodeXz,
  bzip2: decodeBzip2,
  lzma: decodeLzma,
};

/** Decoders see sources through this, so that their failures can be told from the source's. */
class WatchedInput {
  readonly #source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly #options: DecompressOptions;
  /** Bytes read so far. */
  packed = 0;
  failure: { readonly error: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: DecompressOptions) {
    this.#source = source;
    this.#options = options;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.#source) {
        this.#checkSignal();
        this.packed += chunk.length;
        yield plainBytes(chunk);
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  #checkSignal(): void {
    const { signal, what } = this.#options;
    if (signal?.aborted !== true) return;
    throw new SlimimageError({ code: 'ABORTED', message: `stopped while unpacking ${what}`, cause: signal.reason });
  }
}

function checkSize(unpacked: number, packed: number, options: DecompressOptions): void {
  const { what, maxOutput, maxRatio = limits.compressionRatio } = options;
  if (unpacked > maxOutput) {
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${what} unpacks to more than ${maxOutput} bytes` });
  }
  if (unpacked > limits.ratioFreeBytes && unpacked > packed * maxRatio) {
    throw new SlimimageError({
      code: 'LIMIT_EXCEEDED',
      message: `${what} unpacks to more than ${maxRatio} times its size: it looks like a bomb`,
    });
  }
}

function explain(error: unknown, { what, format }: DecompressOptions): SlimimageError {
  if (error instanceof SlimimageError && error.code !== 'COMPRESSION_INVALID') return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SlimimageError({
    code: 'COMPRESSION_INVALID',
    message: `${what} is not a sound ${format} stream: ${reason}`,
    cause: error,
  });
}

const sliceSize = 64 * 1024;

function* slices(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += sliceSize) yield bytes.subarray(at, at + sliceSize);
}
