import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import type { ElfSource } from '../formats/elf/bytes.ts';
import { shebangBytes } from '../formats/shebang/read-shebang.ts';
import { diskError } from '../store/disk-error.ts';

/** Bytes of a file that are kept in memory; larger ELF files go to a temporary file. */
const memoryBytes = 4 * 1024 * 1024;

/** Bytes of a file that are looked at; the largest libraries there are have 2 GB. What lies behind is cut off: damaged. */
const spoolBytes = 4 * 1024 * 1024 * 1024;

/** The file that is read just now: its start, and the rest where it is an ELF file. */
export class ProgramSpool {
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

  async close(): Promise<void> {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    await unlink(this.#path).catch(() => undefined);
  }

  #spill(bytes: Uint8Array, offset: number): void {
    try {
      this.#descriptor ??= openSync(this.#path, 'wx+', 0o600);
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    } catch (cause) {
      throw diskError(cause, `cannot write the temporary file ${this.#path}`, 'IO');
    }
  }
}

export function isElf(start: Uint8Array): boolean {
  return start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
}

/** As many bytes as there are, at most `length`. */
export function readAt(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
