import { crc32 } from 'node:zlib';
import {
  type CompressedBlock,
  combineCrc32,
  createFragmentCompressor,
  type FragmentCompressor,
} from '../codecs/fragment.ts';
import type { Compression } from '../oci/compression.ts';
import { BufferedFile } from './buffered-file.ts';
import { readBlocks } from './file-source.ts';
import type { FileRange, FragmentFacts } from './types.ts';

/** A finished part of a fragment: one range of the file, one of its compressed form. */
export interface FragmentPart {
  readonly range: FileRange;
  readonly crc32: number;
  /** Known once the writer has settled. */
  compressed: FileRange;
}

export interface FragmentTarget {
  readonly fragment: string;
  /** Undefined: no compressed form is written. */
  readonly compressed: string | undefined;
}

/**
 * Writes runs of tar bytes twice in one pass: as they are, and compressed so that parts concatenate to one layer in
 * whatever order they are wanted later. Writing is synchronous, for worker threads; compressing may lag behind, and
 * whoever writes much calls `settle` now and then.
 */
export class FragmentWriter {
  readonly #plain: BufferedFile;
  readonly #compressed: BufferedFile | undefined;
  readonly #compression: Compression;
  #compressor: FragmentCompressor | undefined;
  /** What the compressed file still lacks, in its order; a part stands for its end. */
  readonly #pending: (CompressedBlock | FragmentPart)[] = [];
  #crc = 0;
  #start = 0;
  #compressedStart = 0;

  constructor(target: FragmentTarget, compression: Compression) {
    this.#plain = new BufferedFile(target.fragment);
    this.#compression = compression;
    if (target.compressed !== undefined) this.#compressed = new BufferedFile(target.compressed);
  }

  /** Bytes of the file so far: where the next byte goes. */
  get position(): number {
    return this.#plain.size;
  }

  write(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#plain.write(bytes);
    if (this.#compressed === undefined) return;
    this.#compressor ??= createFragmentCompressor(this.#compression);
    this.#pending.push(...this.#compressor.push(bytes));
  }

  /** Blocks that are not written yet: at most about a megabyte each. */
  get backlog(): number {
    return this.#pending.length;
  }

  /** Waits until at most `backlog` blocks are under way. */
  async settle(backlog = 0): Promise<void> {
    while (this.#pending.length > backlog) {
      const next = await this.#pending[0];
      this.#pending.shift();
      if (next instanceof Uint8Array) this.#compressed?.write(next);
      else if (next !== undefined) this.#endCompressed(next);
    }
  }

  /** Ends the part that was being written; undefined where nothing was. */
  endPart(): FragmentPart | undefined {
    const length = this.#plain.size - this.#start;
    if (length === 0) return undefined;
    const part: FragmentPart = { range: [this.#start, length], compressed: [0, 0], crc32: this.#crc };
    this.#pending.push(...(this.#compressor?.finish() ?? []), part);
    this.#compressor = undefined;
    this.#start = this.#plain.size;
    this.#crc = 0;
    return part;
  }

  #endCompressed(part: FragmentPart): void {
    const end = this.#compressed?.size ?? 0;
    part.compressed = [this.#compressedStart, end - this.#compressedStart];
    this.#compressedStart = end;
  }

  /** What was written can be read by others. */
  flush(): void {
    this.#plain.flush();
  }

  /** Bytes that were written and flushed, by their position in the file. */
  read(offset: number, length: number): Uint8Array {
    return this.#plain.read(offset, length);
  }

  close(): void {
    this.#plain.close();
    this.#compressed?.close();
  }
}

/** The facts of a fragment made of parts in this order. */
export function factsOf(parts: readonly FragmentPart[]): FragmentFacts {
  let size = 0;
  let crc = 0;
  for (const part of parts) {
    crc = combineCrc32(crc, part.crc32, part.range[1]);
    size += part.range[1];
  }
  return { size, crc32: crc, ranges: parts.map(({ range }) => range) };
}

/** Compresses each range of a fragment's file; returns where each went in `target`. */
export async function compressRanges(
  fragment: { readonly file: string; readonly ranges: readonly FileRange[] },
  target: string,
  compression: Compression,
): Promise<readonly FileRange[]> {
  const file = new BufferedFile(target);
  try {
    const ranges: FileRange[] = [];
    for (const [offset, length] of fragment.ranges) {
      const start = file.size;
      for await (const block of compressed(readBlocks(fragment.file, [offset, length]), compression)) file.write(block);
      ranges.push([start, file.size - start]);
    }
    return ranges;
  } finally {
    file.close();
  }
}

/** One run of bytes, compressed, a few blocks at a time under way. */
export async function* compressed(
  bytes: Iterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  const compressor = createFragmentCompressor(compression);
  const pending: CompressedBlock[] = [];
  for (const chunk of bytes) {
    pending.push(...compressor.push(chunk));
    while (pending.length > blocksUnderWay) yield await (pending.shift() as CompressedBlock);
  }
  pending.push(...compressor.finish());
  for (const block of pending) yield await block;
}

/** Enough to keep two threads of the pool busy, few enough to be forgotten in the memory of a conversion. */
export const blocksUnderWay = 3;
