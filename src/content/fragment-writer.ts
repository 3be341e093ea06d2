import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { createFragmentCompressor, type FragmentCompressor } from '../codecs/fragment.ts';
import type { Compression } from '../oci/compression.ts';
import { readRange } from './file-source.ts';

export interface FragmentPaths {
  readonly fragment: string;
  /** Undefined: no compressed form is written. */
  readonly compressed: string | undefined;
}

export interface WrittenFragment {
  readonly size: number;
  readonly crc32: number;
  readonly compressedSize: number;
}

/**
 * Writes a run of tar bytes twice in one pass: as it is, and compressed so that fragments concatenate to one layer.
 * Synchronous: it runs in worker threads.
 */
export class FragmentWriter {
  readonly #plain: BufferedFile;
  readonly #compressed: BufferedFile | undefined;
  readonly #compressor: FragmentCompressor | undefined;
  #crc = 0;

  constructor(paths: FragmentPaths, compression: Compression) {
    this.#plain = new BufferedFile(paths.fragment);
    if (paths.compressed !== undefined && compression.algorithm !== 'none') {
      this.#compressed = new BufferedFile(paths.compressed);
      this.#compressor = createFragmentCompressor(compression);
    }
  }

  /** Bytes written so far, uncompressed. */
  get size(): number {
    return this.#plain.size;
  }

  write(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#plain.write(bytes);
    if (this.#compressor === undefined) return;
    for (const block of this.#compressor.push(bytes)) this.#compressed?.write(block);
  }

  finish(): WrittenFragment {
    for (const block of this.#compressor?.finish() ?? []) this.#compressed?.write(block);
    this.close();
    return { size: this.#plain.size, crc32: this.#crc, compressedSize: this.#compressed?.size ?? 0 };
  }

  close(): void {
    this.#plain.close();
    this.#compressed?.close();
  }
}

const bufferSize = 1024 * 1024;

/** Buffers that closed files of this thread gave back. */
const freeBuffers: Uint8Array[] = [];

/** Collects small writes into blocks of a megabyte; large ones go straight through. */
class BufferedFile {
  readonly #descriptor: number;
  readonly #buffer = freeBuffers.pop() ?? new Uint8Array(bufferSize);
  #used = 0;
  #open = true;
  size = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx', 0o644);
  }

  write(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.#used + bytes.length > bufferSize) this.#flush();
    if (bytes.length >= bufferSize) {
      writeAll(this.#descriptor, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  close(): void {
    if (!this.#open) return;
    this.#flush();
    this.#open = false;
    closeSync(this.#descriptor);
    freeBuffers.push(this.#buffer);
  }

  #flush(): void {
    writeAll(this.#descriptor, this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** Compresses a whole file as a fragment; returns the compressed size in bytes. */
export function writeCompressed(source: string, target: string, compression: Compression): number {
  const file = new BufferedFile(target);
  try {
    const compressor = createFragmentCompressor(compression);
    readRange(source, { offset: 0 }, (slice) => {
      for (const block of compressor.push(slice)) file.write(block);
    });
    for (const block of compressor.finish()) file.write(block);
    return file.size;
  } finally {
    file.close();
  }
}
