import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import type { ElfSource } from '../formats/elf/bytes.ts';
import { elfSource, readElf } from '../formats/elf/read-elf.ts';
import { readShebang, shebangBytes } from '../formats/shebang/read-shebang.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { LocalStore } from '../store/local-store.ts';
import type { ProgramFacts } from '../view/types.ts';
import { type FileEvent, readFiles } from './read-files.ts';
import type { Image, ImageLayer } from './types.ts';

/** By ordinal of the entry in the layer's tar; only files that are programs or scripts. */
export type LayerPrograms = ReadonlyMap<number, ProgramFacts>;

export interface LayerProgramsOptions {
  readonly store: LocalStore;
  readonly signal?: AbortSignal | undefined;
}

const namespace = 'layer-programs-1';

/** Bytes of a file that are kept in memory; larger ELF files go to a temporary file. */
const memoryBytes = 4 * 1024 * 1024;

/** Bytes of a file that are looked at; the largest libraries there are have 2 GB. What lies behind is cut off: damaged. */
const spoolBytes = 4 * 1024 * 1024 * 1024;

/**
 * Reads what the check needs to know of each file of a layer, in one pass and in bounded memory. A layer with a diff ID
 * is read once, ever.
 * @param entries of `indexLayer`
 * @throws SlimimageError as reading the layer does
 */
export async function layerPrograms(
  layer: ImageLayer,
  entries: readonly LayerEntry[],
  options: LayerProgramsOptions,
): Promise<LayerPrograms> {
  const { store } = options;
  const { diffId } = layer;
  if (diffId !== undefined) {
    const known = decode(await store.memo.get(namespace, diffId));
    if (known !== undefined) return known;
  }
  const programs = await readPrograms(layer, entries, options);
  if (diffId !== undefined) await store.memo.set(namespace, diffId, [...programs]);
  return programs;
}

async function readPrograms(
  layer: ImageLayer,
  entries: readonly LayerEntry[],
  { store, signal }: LayerProgramsOptions,
): Promise<LayerPrograms> {
  const programs = new Map<number, ProgramFacts>();
  const nodes = entries.flatMap((entry, index) =>
    entry.type === 'file' && entry.size > 2
      ? [{ entry, layer: 0, origin: { layer: 0, index }, inode: index, implicit: false }]
      : [],
  );
  const temporary = await store.temporaryFile('program');
  const spool = new Spool(temporary);
  const image: Image = {
    name: layer.descriptor?.digest ?? layer.diffId ?? 'the tar',
    descriptor: undefined,
    manifest: undefined,
    config: undefined,
    platform: undefined,
    layers: [layer],
    close: async () => {},
  };
  try {
    let index = 0;
    for await (const event of readFiles(image, nodes, { signal })) {
      index = take(event, spool) ?? index;
      if (event.type !== 'end') continue;
      const facts = factsOf(spool);
      if (facts !== undefined) programs.set(index, facts);
    }
    return programs;
  } finally {
    spool.close();
    await unlink(temporary).catch(() => undefined);
  }
}

function take(event: FileEvent, spool: Spool): number | undefined {
  if (event.type === 'data') spool.write(event.bytes);
  if (event.type !== 'file') return undefined;
  spool.begin();
  return event.node.origin.index;
}

function factsOf(spool: Spool): ProgramFacts | undefined {
  const start = spool.start();
  const shebang = readShebang(start);
  if (shebang !== undefined) return { shebang };
  if (!isElf(start)) return undefined;
  return elfFacts(spool.source());
}

/** The facts of an ELF file; that it is damaged is one. */
export function elfFacts(source: ElfSource): ProgramFacts | undefined {
  try {
    const elf = readElf(source);
    return elf === undefined ? undefined : { elf };
  } catch (error) {
    if (isSlimimageError(error, 'ELF_INVALID')) return { damaged: true };
    throw error;
  }
}

/** The facts of a file in memory. */
export function factsOfBytes(bytes: Uint8Array): ProgramFacts | undefined {
  const shebang = readShebang(bytes.subarray(0, shebangBytes));
  if (shebang !== undefined) return { shebang };
  return isElf(bytes) ? elfFacts(elfSource(bytes)) : undefined;
}

/** The facts of a file of this machine. @throws SlimimageError IO */
export function factsOfFile(path: string): ProgramFacts | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new SlimimageError({ code: 'IO', message: `cannot read ${path}`, cause });
  }
  try {
    const start = readAt(descriptor, 0, shebangBytes);
    const shebang = readShebang(start);
    if (shebang !== undefined) return { shebang };
    if (!isElf(start)) return undefined;
    const read = (offset: number, length: number) => readAt(descriptor, offset, length);
    return elfFacts({ size: fstatSync(descriptor).size, read });
  } finally {
    closeSync(descriptor);
  }
}

function isElf(start: Uint8Array): boolean {
  return start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
}

function readAt(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** The file that is read just now: its start, and the rest where it is an ELF file. */
class Spool {
  readonly #path: string;
  readonly #buffer = new Uint8Array(memoryBytes);
  #descriptor: number | undefined;
  #size = 0;
  #isWanted = true;

  constructor(path: string) {
    this.#path = path;
  }

  begin(): void {
    this.#size = 0;
    this.#isWanted = true;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isWanted) return;
    const before = this.#size;
    const kept = bytes.subarray(0, Math.max(0, memoryBytes - before));
    if (kept.length > 0) this.#buffer.set(kept, before);
    const end = Math.min(before + bytes.length, spoolBytes);
    const spilled = bytes.subarray(kept.length, Math.max(kept.length, end - before));
    if (spilled.length > 0) this.#spill(spilled, before + kept.length);
    this.#size = end;
    if (this.#size >= shebangBytes && !isElf(this.#buffer)) this.#isWanted = false;
  }

  start(): Uint8Array {
    return this.#buffer.subarray(0, Math.min(this.#size, shebangBytes));
  }

  source(): ElfSource {
    const memory = this.#buffer;
    const descriptor = this.#descriptor;
    return {
      size: this.#size,
      read: (offset, length) => {
        if (offset + length <= memoryBytes) return memory.subarray(offset, offset + length);
        const bytes = new Uint8Array(length);
        const first = memory.subarray(Math.min(offset, memoryBytes), memoryBytes);
        bytes.set(first);
        if (descriptor !== undefined)
          bytes.set(readAt(descriptor, offset + first.length, length - first.length), first.length);
        return bytes;
      },
    };
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }

  #spill(bytes: Uint8Array, offset: number): void {
    this.#descriptor ??= openSync(this.#path, 'w+', 0o600);
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
  }
}

function decode(value: unknown): LayerPrograms | undefined {
  if (!Array.isArray(value)) return undefined;
  const programs = new Map<number, ProgramFacts>();
  for (const row of value as readonly unknown[]) {
    if (!Array.isArray(row) || typeof row[0] !== 'number' || typeof row[1] !== 'object' || row[1] === null)
      return undefined;
    programs.set(row[0], row[1] as ProgramFacts);
  }
  return programs;
}
