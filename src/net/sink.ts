import { type FileHandle, open, rm } from 'node:fs/promises';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { type Digest, Sha256 } from '../util/digest.ts';

/** Where a transfer's bytes gather; nothing is appended after the digest was asked for, unless by restart. */
export interface Sink {
  /** Bytes held. */
  readonly size: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Forgets everything. */
  restart(): Promise<void>;
  /** Missing where nobody asks for it. */
  digest?(): Digest;
}

export interface MemorySink extends Sink {
  digest(): Digest;
  bytes(): Uint8Array;
}

export function createMemorySink(): MemorySink {
  let chunks: Uint8Array[] = [];
  let hash = new Sha256();
  let digest: Digest | undefined;
  return {
    get size() {
      return hash.size;
    },
    async append(chunk) {
      chunks.push(chunk);
      hash.update(chunk);
    },
    async restart() {
      chunks = [];
      hash = new Sha256();
      digest = undefined;
    },
    digest: () => (digest ??= hash.digest()),
    bytes() {
      const whole = new Uint8Array(hash.size);
      let at = 0;
      for (const chunk of chunks) {
        whole.set(chunk, at);
        at += chunk.length;
      }
      return whole;
    },
  };
}

export interface FileSink extends Sink {
  digest(): Digest;
  /** Ends writing; the file stays. */
  close(): Promise<void>;
  /** Ends writing and removes the file. */
  discard(): Promise<void>;
}

/**
 * A sink in `file`. With `keep`, what lies there already counts as received (and is hashed first).
 * Its methods throw SlimimageError IO when the disk does not play along.
 */
export async function openFileSink(file: string, options: { readonly keep: boolean }): Promise<FileSink> {
  let hash = new Sha256();
  let digest: Digest | undefined;
  const handle = await io(file, () => open(file, options.keep ? 'a+' : 'w+'));
  try {
    if (options.keep) await io(file, () => hashFile(handle, hash));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    get size() {
      return hash.size;
    },
    async append(chunk) {
      await io(file, async () => {
        for (let at = 0; at < chunk.length; ) {
          const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, hash.size + at);
          at += bytesWritten;
        }
      });
      hash.update(chunk);
    },
    async restart() {
      hash = new Sha256();
      digest = undefined;
      await io(file, () => handle.truncate(0));
    },
    digest: () => (digest ??= hash.digest()),
    close: () => io(file, () => handle.close()),
    async discard() {
      await io(file, () => handle.close());
      await io(file, () => rm(file, { force: true }));
    },
  };
}

/** @throws SlimimageError IO in place of what the file system threw. */
export async function io<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isSlimimageError(cause)) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new SlimimageError({
      code: 'IO',
      message: `${file} can't be written (${code})`,
      hint: code === 'ENOSPC' ? 'Make room on the disk.' : undefined,
      cause,
    });
  }
}

async function hashFile(handle: FileHandle, hash: Sha256): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, hash.size);
    if (bytesRead === 0) return;
    hash.update(buffer.subarray(0, bytesRead));
  }
}
