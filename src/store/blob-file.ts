import { constants, copyFile, type FileHandle, open, unlink } from 'node:fs/promises';
import type { Digest } from '../util/digest.ts';
import { BlobCheck } from './blob-check.ts';
import { diskError } from './disk-error.ts';
import type { ExpectedBlob, StoredBlob } from './types.ts';

const chunkBytes = 256 * 1024;

/**
 * Writes a new file, hashing on the way. On failure the file is gone.
 * @throws SlimimageError STORE, or what `expected` or the source brings about.
 */
export async function writeBlobFile(
  file: string,
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  expected: ExpectedBlob = {},
): Promise<StoredBlob> {
  const handle = await open(file, 'wx').catch((cause: unknown) => {
    throw diskError(cause, `cannot create ${file}`);
  });
  try {
    const check = new BlobCheck(expected);
    const sink = new FileSink(handle, file);
    if (bytes instanceof Uint8Array) {
      check.update(bytes);
      await sink.write(bytes);
    } else {
      for await (const chunk of bytes) {
        check.update(chunk);
        await sink.write(chunk);
      }
    }
    await sink.flush();
    const stored = check.finish();
    await handle.close();
    return stored;
  } catch (error) {
    await handle.close().catch(ignore);
    await unlink(file).catch(ignore);
    throw error;
  }
}

/** Copies a file as a blob and checks the copy. On failure the copy is gone. */
export async function copyBlobFile(source: string, file: string, expected: ExpectedBlob): Promise<StoredBlob> {
  try {
    await copyFile(source, file, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    return await checkFile(file, expected);
  } catch (error) {
    await unlink(file).catch(ignore);
    throw diskError(error, `cannot copy ${source} to ${file}`);
  }
}

/** Size and digest of a file, held against `expected`. */
export async function checkFile(file: string, expected: ExpectedBlob): Promise<StoredBlob> {
  const check = new BlobCheck(expected);
  for await (const chunk of readFileChunks(file)) check.update(chunk);
  return check.finish();
}

/** A blob's file as a checked stream. @throws SlimimageError STORE, DIGEST_MISMATCH */
export async function* readBlobFile(file: string, digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
  const check = new BlobCheck({ digest });
  for await (const chunk of readFileChunks(file)) {
    check.update(chunk);
    yield chunk;
  }
  check.finish();
}

/** @throws SlimimageError STORE */
export async function* readFileChunks(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw diskError(cause, `cannot read ${file}`);
  });
  try {
    for (;;) {
      // A new buffer each time: the consumer may keep what it got.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw diskError(cause, `cannot read ${file}`);
  } finally {
    await handle.close();
  }
}

/** Gathers small chunks, because each write is a trip to another thread. */
class FileSink {
  readonly #handle: FileHandle;
  readonly #name: string;
  #pending: Uint8Array | undefined;
  #used = 0;

  constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length >= chunkBytes / 4) {
      await this.flush();
      await this.#writeAll(chunk);
      return;
    }
    if (this.#used + chunk.length > chunkBytes) await this.flush();
    this.#pending ??= Buffer.allocUnsafeSlow(chunkBytes);
    this.#pending.set(chunk, this.#used);
    this.#used += chunk.length;
  }

  async flush(): Promise<void> {
    if (this.#pending !== undefined && this.#used > 0) await this.#writeAll(this.#pending.subarray(0, this.#used));
    this.#used = 0;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at)).bytesWritten;
    } catch (cause) {
      throw diskError(cause, `cannot write ${this.#name}`);
    }
  }
}

function ignore(): void {}
