import { type FileHandle, open } from 'node:fs/promises';
import { SlimimageError } from '../errors.ts';
import { diskError } from '../store/disk-error.ts';
import type { FileDownload } from '../store/target.ts';
import type { Digest } from '../util/digest.ts';
import { readBlob } from './blobs.ts';
import type { RepositoryContext } from './context.ts';

/** Bytes that are written at once. */
const batchBytes = 1024 * 1024;

/**
 * A blob as a file, hashed while it comes. What lies at the path is begun anew: nothing vouches for its bytes.
 * @throws SlimimageError as `readBlob`; STORE where the file can't be written
 */
export async function downloadFile(context: RepositoryContext, digest: Digest, options: FileDownload): Promise<void> {
  const { file, size, onProgress, signal } = options;
  const handle = await open(file, 'w').catch((cause: unknown) => {
    throw diskError(cause, `cannot create ${file}`);
  });
  const writer = new BatchWriter(handle, file);
  try {
    let done = 0;
    for await (const chunk of readBlob(context, digest, { size, signal })) {
      await writer.write(chunk);
      done += chunk.length;
      onProgress?.(done);
    }
    await writer.flush();
  } catch (error) {
    // What was not checked to the end is no use to the next.
    await writer.settle();
    await handle.truncate(0).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Gathers chunks into large writes; one is under way while the next gathers. */
class BatchWriter {
  readonly #handle: FileHandle;
  readonly #name: string;
  #gathered: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
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

  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined);
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
      const { bytesWritten } = await this.#handle.writev(chunks);
      if (bytesWritten === size) return;
    } catch (cause) {
      throw diskError(cause, `cannot write ${this.#name}`);
    }
    throw new SlimimageError({ code: 'STORE', message: `cannot write ${this.#name}: the disk took a part only` });
  }
}
