import { closeSync, fstatSync, openSync } from 'node:fs';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import type { ElfSource } from '../formats/elf/bytes.ts';
import type { ElfFacts } from '../formats/elf/facts.ts';
import { elfSource, readElf } from '../formats/elf/read-elf.ts';
import { readShebang, shebangBytes } from '../formats/shebang/read-shebang.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { LocalStore } from '../store/local-store.ts';
import type { ProgramFacts } from '../view/types.ts';
import type { LayerPass, LayerReader } from './layer-reader.ts';
import { isElf, ProgramSpool, readAt } from './program-spool.ts';
import { scratchFile } from './scratch-file.ts';

/** By ordinal of the entry in the layer's tar; only files that are programs or scripts. */
export type LayerPrograms = ReadonlyMap<number, ProgramFacts>;

/** What a kernel and a loader see of each file of a layer. @param store for a temporary file: tables of ELF files lie at their end */
export function programReader(store: LocalStore): LayerReader<LayerPrograms> {
  return {
    namespace: 'layer-programs-1',
    begin: async () => new ProgramPass(new ProgramSpool(await scratchFile(store, 'program'))),
    encode: (programs) => [...programs],
    decode,
  };
}

class ProgramPass implements LayerPass<LayerPrograms> {
  readonly #spool: ProgramSpool;
  readonly #programs = new Map<number, ProgramFacts>();
  /** Undefined where the entry can be no program. */
  #index: number | undefined;

  constructor(spool: ProgramSpool) {
    this.#spool = spool;
  }

  entry({ type, size }: LayerEntry, index: number): void {
    this.#index = type === 'file' && size > 2 ? index : undefined;
    this.#spool.begin();
  }

  data(bytes: Uint8Array): void {
    if (this.#index !== undefined) this.#spool.write(bytes);
  }

  entryEnd(): void {
    if (this.#index === undefined) return;
    const facts = factsOf(this.#spool);
    if (facts !== undefined) this.#programs.set(this.#index, facts);
  }

  end(): LayerPrograms {
    return this.#programs;
  }

  close(): Promise<void> {
    return this.#spool.close();
  }
}

function factsOf(spool: ProgramSpool): ProgramFacts | undefined {
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

function decode(value: unknown): LayerPrograms | undefined {
  if (!Array.isArray(value)) return undefined;
  const programs = new Map<number, ProgramFacts>();
  for (const row of value as readonly unknown[]) {
    if (!Array.isArray(row) || typeof row[0] !== 'number' || !isFacts(row[1])) return undefined;
    programs.set(row[0], row[1]);
  }
  return programs;
}

function isFacts(value: unknown): value is ProgramFacts {
  if (typeof value !== 'object' || value === null) return false;
  const { elf } = value as { readonly elf?: unknown };
  if (elf === undefined) return true;
  const { needed, versionsNeeded, versionsDefined, hardening } = (elf ?? {}) as Partial<
    Record<keyof ElfFacts, unknown>
  >;
  return [needed, versionsNeeded, versionsDefined, hardening].every(
    (part) => typeof part === 'object' && part !== null,
  );
}
