import { type FileHandle, open } from 'node:fs/promises';
import { SlimimageError } from '../errors.ts';
import { BlobCheck } from '../store/blob-check.ts';
import { diskError } from '../store/disk-error.ts';
import type { ExpectedBlob, StoredBlob } from '../store/types.ts';
import type { Digest } from '../util/digest.ts';

/** The bytes of one upload, to be read again from where the registry lost them. */
export interface UploadSource {
  /** Bytes in all; undefined for a stream until its end has been seen. */
  readonly size: number | undefined;
  /** Where it is known before the last byte was read. */
  readonly digest: Digest | undefined;
  /** False for a stream, of which only a window can be read again. */
  readonly isRepeatable: boolean;
  /**
   * The next bytes to send, checked as they are read: `end` is thrown before the last byte is given where the whole is not what was
   * expected. undefined behind the last byte.
   *
   * @param offset bytes before it; what lies behind `offset` has not been taken by the registry
   * @param range.atLeast bytes that a part has to have, unless it is the last; `atMost`: bytes that it may have
   * @throws SlimimageError REGISTRY_INVALID where a stream has gone by already
   */
  part(offset: number, range: PartRange): Promise<UploadPart | undefined>;
  /** Of the whole, after the last byte. */
  finish(): StoredBlob;
}

export interface PartRange {
  readonly atLeast: number;
  readonly atMost: number;
}

export interface UploadPart {
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** Bytes in memory. @throws SlimimageError DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE */
export function bytesSource(chunks: readonly Uint8Array[], stored: StoredBlob): UploadSource {
  return {
    ...stored,
    isRepeatable: true,
    async part(offset, { atMost }) {
      const end = Math.min(stored.size, offset + atMost);
      return offset >= stored.size ? undefined : { size: end - offset, open: () => cut(chunks, offset, end) };
    },
    finish: () => stored,
  };
}

/** Something that can be read from any place, as often as it takes. */
function seekableSource(
  read: (from: number) => AsyncIterable<Uint8Array>,
  expected: ExpectedBlob & { readonly size: number },
): UploadSource {
  const { size, digest } = expected;
  const check = new BlobCheck(expected);
  let checked = 0;
  let stored: StoredBlob | undefined;

  /** Bytes count once, however often they are sent. */
  function take(chunk: Uint8Array, at: number): void {
    if (at + chunk.length <= checked) return;
    check.update(chunk.subarray(checked - at));
    checked = at + chunk.length;
    if (checked === size) stored = check.finish();
  }

  async function* pass(from: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    let at = from;
    for await (const chunk of read(from)) {
      const rest = chunk.subarray(0, end - at);
      take(rest, at);
      yield rest;
      at += rest.length;
      if (at === end) return;
    }
  }

  return {
    size,
    digest,
    isRepeatable: true,
    async part(offset, { atMost }) {
      const end = Math.min(size, offset + atMost);
      return offset >= size ? undefined : { size: end - offset, open: () => pass(offset, end) };
    },
    finish() {
      stored ??= check.finish();
      return stored;
    },
  };
}

/** A file of this host. @throws SlimimageError STORE; DOWNLOAD_SHORT or DOWNLOAD_TOO_LARGE where it has another size */
export async function fileSource(file: string, expected: ExpectedBlob): Promise<FileSource> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw diskError(cause, `cannot read ${file}`);
  });
  try {
    const { size } = await handle.stat();
    const limit = expected.size ?? expected.maxSize ?? size;
    if (size > limit || size < (expected.size ?? 0)) {
      throw new SlimimageError({
        code: size > limit ? 'DOWNLOAD_TOO_LARGE' : 'DOWNLOAD_SHORT',
        message: `${file} has ${size} bytes, not ${limit}`,
        hint: '"slimimage cache verify" checks the local store.',
      });
    }
    const source = seekableSource((from) => readFrom(handle, file, from), { ...expected, size });
    return { ...source, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export interface FileSource extends UploadSource {
  close(): Promise<void>;
}

/** Large reads, one ahead of the reader. */
async function* readFrom(handle: FileHandle, name: string, from: number): AsyncGenerator<Uint8Array, void, undefined> {
  const read = async (at: number): Promise<Uint8Array> => {
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(readBytes), 0, readBytes, at);
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      throw diskError(cause, `cannot read ${name}`);
    }
  };
  let at = from;
  let next = read(at);
  try {
    for (;;) {
      const chunk = await next;
      if (chunk.length === 0) return;
      at += chunk.length;
      next = read(at);
      yield chunk;
    }
  } finally {
    // Nothing reads on once the file may be closed.
    await next.catch(() => undefined);
  }
}

const readBytes = 1024 * 1024;

/** Bytes `from` to `end` of chunks that follow each other. */
export async function* cut(
  chunks: readonly Uint8Array[],
  from: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for (const chunk of chunks) {
    const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, end - at));
    if (piece.length > 0) yield piece;
    at += chunk.length;
  }
}
