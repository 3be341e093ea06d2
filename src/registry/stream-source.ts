import { SlimimageError } from '../errors.ts';
import { BlobCheck } from '../store/blob-check.ts';
import type { ExpectedBlob, StoredBlob } from '../store/types.ts';
import { bytesSource, cut, type PartRange, type UploadPart, type UploadSource } from './upload-source.ts';

/** Bytes of a stream that are held, to be sent again where the line breaks. */
const windowBytes = 16 * 1024 * 1024;

/** What a registry may ask to have at once, held in memory. */
const maxWindowBytes = 128 * 1024 * 1024;

/**
 * A stream that comes once. A window of it is held at a time, so that an upload which breaks goes on; one that has to begin again
 * can't. What fits into the window is like any bytes in memory.
 */
export async function streamSource(bytes: AsyncIterable<Uint8Array>, expected: ExpectedBlob): Promise<StreamSource> {
  const reader = bytes[Symbol.asyncIterator]();
  const close = async () => {
    await reader.return?.();
  };
  try {
    const window = new Window(reader, expected);
    await window.fill(windowBytes);
    if (!window.ended) return slidingSource(window, { expected, close });
    return { ...bytesSource(window.chunks, window.finish()), close };
  } catch (error) {
    await close();
    throw error;
  }
}

export interface StreamSource extends UploadSource {
  /** Ends the stream where it stands. */
  close(): Promise<void>;
}

function slidingSource(
  window: Window,
  { expected, close }: { readonly expected: ExpectedBlob; readonly close: () => Promise<void> },
): StreamSource {
  async function part(offset: number, { atLeast, atMost }: PartRange): Promise<UploadPart | undefined> {
    if (offset < window.start) throw goneBy(offset, expected);
    if (offset >= window.end) window.forget();
    if (atLeast > maxWindowBytes) throw tooMuchAtOnce(atLeast);
    if (window.end - offset < atLeast || window.end === offset) await window.fill(Math.max(windowBytes, atLeast));
    const from = offset - window.start;
    const end = Math.min(window.end - window.start, from + atMost);
    const { chunks } = window;
    return from === end ? undefined : { size: end - from, open: () => cut(chunks, from, end) };
  }

  return {
    get size() {
      return window.ended ? window.end : undefined;
    },
    digest: expected.digest,
    isRepeatable: false,
    part,
    finish: () => window.finish(),
    close,
  };
}

class Window {
  /** Offset of its first byte, and of the byte behind its last one. */
  start = 0;
  end = 0;
  ended = false;
  chunks: readonly Uint8Array[] = [];
  readonly #reader: AsyncIterator<Uint8Array>;
  readonly #check: BlobCheck;
  #stored: StoredBlob | undefined;

  constructor(reader: AsyncIterator<Uint8Array>, expected: ExpectedBlob) {
    this.#reader = reader;
    this.#check = new BlobCheck(expected);
  }

  forget(): void {
    this.start = this.end;
    this.chunks = [];
  }

  /** Reads until `size` bytes are held, or the stream has ended; its check comes before its last bytes are sent. */
  async fill(size: number): Promise<void> {
    const chunks = [...this.chunks];
    while (!this.ended && this.end - this.start < size) {
      const next = await this.#reader.next();
      if (next.done === true) {
        this.ended = true;
        this.finish();
        break;
      }
      this.#check.update(next.value);
      // Whoever made the chunk may write into it again.
      chunks.push(next.value.slice());
      this.end += next.value.length;
    }
    this.chunks = chunks;
  }

  finish(): StoredBlob {
    this.#stored ??= this.#check.finish();
    return this.#stored;
  }
}

function goneBy(offset: number, { digest }: ExpectedBlob): SlimimageError {
  return new SlimimageError({
    code: 'REGISTRY_INVALID',
    message: `the registry lost ${digest ?? 'a blob'} behind byte ${offset} while it was sent, and the stream that it came from has gone by`,
    hint: 'Try again; a copy by way of the local store can be sent anew by itself.',
  });
}

function tooMuchAtOnce(bytes: number): SlimimageError {
  return new SlimimageError({
    code: 'REGISTRY_INVALID',
    message: `the registry wants ${bytes} bytes of a stream at once, more than are held in memory`,
    hint: 'Copy by way of the local store.',
  });
}
