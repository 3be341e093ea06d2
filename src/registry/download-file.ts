import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { diskError } from '../store/disk-error.ts';
import type { FileDownload } from '../store/target.ts';
import { type Digest, Sha256 } from '../util/digest.ts';
import { readBlob } from './blobs.ts';
import type { RepositoryContext } from './context.ts';

/** Bytes that are written at once. */
const batchBytes = 1024 * 1024;

/**
 * A blob as a file, hashed while it comes. What lies at the path is taken for its beginning: where the digest proves that wrong, the blob is
 * fetched whole. What an interrupted download leaves there is good for the next one.
 * @throws SlimimageError as `readBlob`; STORE where the file can't be written
 */
export async function downloadFile(context: RepositoryContext, digest: Digest, options: FileDownload): Promise<void> {
  const { file } = options;
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT).catch((cause: unknown) => {
    throw diskError(cause, `cannot create ${file}`);
  });
  const job = { context, digest, handle, options };
  try {
    const begun = await hashFile(handle, options);
    if (begun.size > 0) {
      const isRight = begun.size === options.size ? begun.digest() === digest : await resume(job, begun);
      if (isRight) return;
      await handle.truncate(0);
    }
    await fill(job, new Sha256());
  } catch (error) {
    if (isWrongContent(error)) await handle.truncate(0).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

interface Job {
  readonly context: RepositoryContext;
  readonly digest: Digest;
  readonly handle: FileHandle;
  readonly options: FileDownload;
}

/** @returns false where what lay there was not the blob's beginning */
async function resume(job: Job, begun: Sha256): Promise<boolean> {
  try {
    await fill(job, begun);
    return true;
  } catch (error) {
    if (isWrongContent(error)) return false;
    throw error;
  }
}

async function fill({ context, digest, handle, options }: Job, begun: Sha256): Promise<void> {
  const { file, size, onProgress, signal } = options;
  let done = begun.size;
  const writer = new BatchWriter(handle, file, done);
  try {
    for await (const chunk of readBlob(context, digest, { size, begun, signal })) {
      await writer.write(chunk);
      done += chunk.length;
      onProgress?.(done);
    }
  } catch (error) {
    // The line broke: what has come is a beginning for the next try.
    await writer.flush().catch(() => undefined);
    throw error;
  }
  await writer.flush();
}

/** Of what lies there, nothing where it is longer than the blob. */
async function hashFile(handle: FileHandle, { file, size }: FileDownload): Promise<Sha256> {
  const hash = new Sha256();
  try {
    if ((await handle.stat()).size > size) await handle.truncate(0);
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(batchBytes), 0, batchBytes, hash.size);
      if (bytesRead === 0) return hash;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } catch (cause) {
    throw diskError(cause, `cannot read ${file}`);
  }
}

function isWrongContent(error: unknown): boolean {
  return isSlimimageError(error) && ['DIGEST_MISMATCH', 'DOWNLOAD_SHORT', 'DOWNLOAD_TOO_LARGE'].includes(error.code);
}

/** Gathers chunks into large writes; one is under way while the next gathers. */
class BatchWriter {
  readonly #handle: FileHandle;
  readonly #name: string;
  #gathered: Uint8Array[] = [];
  #size = 0;
  #at: number;
  #writing: Promise<void> = Promise.resolve();

  /** @param at byte offset of the first write */
  constructor(handle: FileHandle, name: string, at: number) {
    this.#handle = handle;
    this.#name = name;
    this.#at = at;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#gathered.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= batchBytes) await this.#next();
  }

  async flush(): Promise<void> {
    await this.#next();
    await this.#writing;
  }

  async #next(): Promise<void> {
    await this.#writing;
    if (this.#size === 0) return;
    this.#writing = this.#writeAll(this.#gathered, this.#size);
    // It is told where the next write or the end waits for it.
    this.#writing.catch(() => undefined);
    this.#gathered = [];
    this.#size = 0;
  }

  async #writeAll(chunks: readonly Uint8Array[], size: number): Promise<void> {
    try {
      const { bytesWritten } = await this.#handle.writev(chunks, this.#at);
      this.#at += bytesWritten;
      if (bytesWritten === size) return;
    } catch (cause) {
      throw diskError(cause, `cannot write ${this.#name}`);
    }
    throw new SlimimageError({ code: 'STORE', message: `cannot write ${this.#name}: the disk took a part only` });
  }
}
