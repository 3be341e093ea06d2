import { SlimimageError } from '../errors.ts';
import { fromReadableStream, toReadableStream } from './web-stream.ts';
import { checkedLzma, checkedXz } from './xz-walk.ts';

type StreamDecoder = (input: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

export interface XzOptions {
  /** Which decoder: native where there is a prebuilt one, else WebAssembly (half as fast). For tests. */
  readonly decoder?: 'native' | 'wasm' | undefined;
}

/** Decodes xz streams behind each other with their padding (The .xz File Format 1.2.1, 2.2). */
export async function* decodeXz(
  source: AsyncIterable<Uint8Array>,
  options: XzOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const native = options.decoder === 'wasm' ? undefined : await loadNative();
  const decode = native?.xz.decompressStream ?? (await loadWasm());
  yield* throughDecoder(checkedXz(source), decode);
}

/**
 * Decodes `.lzma` files (LZMA_alone). The format has no checksum, and what follows its end is not seen.
 * @throws SlimimageError RUNTIME_UNSUPPORTED where there is no prebuilt decoder.
 */
export async function* decodeLzma(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const native = await loadNative();
  if (native === undefined) {
    throw new SlimimageError({
      code: 'RUNTIME_UNSUPPORTED',
      message: 'there is no LZMA decoder for this system',
      hint: 'Install again with optional dependencies (npm install --include=optional).',
    });
  }
  yield* throughDecoder(checkedLzma(source), native.lzma.decompressStream);
}

async function* throughDecoder(
  source: AsyncGenerator<Uint8Array, void, undefined>,
  decode: StreamDecoder,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* fromReadableStream(decode(toReadableStream(source)));
  } finally {
    // The native decoder does not cancel its input when its output is cancelled.
    await source.return();
  }
}

async function loadNative(): Promise<typeof import('@napi-rs/lzma') | undefined> {
  try {
    return await import('@napi-rs/lzma');
  } catch {
    return undefined;
  }
}

async function loadWasm(): Promise<StreamDecoder> {
  const { XzReadableStream } = (await import('xz-decompress')).default;
  return (input) => new XzReadableStream(input);
}
