import { open, unlink, writeFile } from 'node:fs/promises';
import { compressionHeadSize, detectCompression } from '../formats/compression/detect.ts';
import { readFileChunks } from '../store/blob-file.ts';
import { diskError } from '../store/disk-error.ts';
import type { LocalStore } from '../store/local-store.ts';
import { FileTar } from './file-tar.ts';
import { uncompressedLayer } from './layer-stream.ts';
import { scratchFile } from './scratch-file.ts';

export interface ArchiveFileOptions {
  /** For a temporary file. */
  readonly store: LocalStore;
  readonly signal?: AbortSignal | undefined;
}

/** Opens the tar, unpacked into a temporary file where it is compressed as a whole; closes it where `read` fails. */
export async function withTar<T>(
  file: string,
  options: ArchiveFileOptions,
  read: (tar: FileTar, close: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const plain = await plainFile(file, options);
  let tar: FileTar | undefined;
  const close = async () => {
    await tar?.close();
    if (plain !== file) await unlink(plain).catch(() => undefined);
  };
  try {
    tar = await FileTar.open(plain);
    return await read(tar, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function plainFile(file: string, options: ArchiveFileOptions): Promise<string> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw diskError(cause, `cannot read ${file}`, 'IMAGE_NOT_FOUND');
  });
  const head = new Uint8Array(compressionHeadSize);
  try {
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (detectCompression(head.subarray(0, bytesRead)) === 'none') return file;
  } catch (cause) {
    throw diskError(cause, `cannot read ${file}`, 'IO');
  } finally {
    await handle.close();
  }
  const temporary = await scratchFile(options.store, 'archive');
  try {
    const bytes = uncompressedLayer(readFileChunks(file), { what: file, signal: options.signal });
    await writeFile(temporary, bytes, { flag: 'wx' });
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw diskError(cause, `cannot unpack ${file}`, 'IO');
  }
  return temporary;
}
