import type { PackagesScan } from './packages-scan.ts';

/**
 * Where a Packages file first speaks of the package of each providing stanza, as a byte offset: in a relation field of
 * some earlier package, or in its own stanza. Where several packages provide a name and nothing else tells them apart,
 * apt takes the one that it met last, so this order is part of what a resolver has to know. 0 for other stanzas.
 */
export function firstMentions(bytes: Uint8Array, scan: PackagesScan): Float64Array {
  const table = new NameTable(bytes, scan);
  for (const stanzas of scan.provided.values()) for (const stanza of stanzas) table.add(stanza);
  for (let at = 0; at < scan.relations.length; at += 2) {
    table.mention(scan.relations[at] as number, scan.relations[at + 1] as number);
  }
  return Float64Array.from(scan.starts, (_, stanza) => table.firstOf(stanza));
}

/** Names that are byte ranges of the file, found by hash without making a string of each of half a million mentions. */
class NameTable {
  readonly #bytes: Uint8Array;
  readonly #scan: PackagesScan;
  readonly #slots: Int32Array;
  /** Entry of each stanza, -1 where it has none. */
  readonly #entryOf: Int32Array;
  readonly #stanzas: number[] = [];
  readonly #first: number[] = [];

  constructor(bytes: Uint8Array, scan: PackagesScan) {
    this.#bytes = bytes;
    this.#scan = scan;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(scan.starts.length * 2 + 2))).fill(-1);
    this.#entryOf = new Int32Array(scan.starts.length).fill(-1);
  }

  add(stanza: number): void {
    if (this.#entryOf[stanza] !== -1) return;
    const start = this.#scan.nameStarts[stanza] as number;
    const end = this.#scan.nameEnds[stanza] as number;
    const slot = this.#find(start, end, hashOf(this.#bytes, start, end));
    const own = this.#scan.starts[stanza] as number;
    let entry = this.#slots[slot] as number;
    if (entry === -1) {
      entry = this.#stanzas.push(stanza) - 1;
      this.#first.push(own);
      this.#slots[slot] = entry;
    }
    this.#first[entry] = Math.min(this.#first[entry] as number, own);
    this.#entryOf[stanza] = entry;
  }

  /** Reads the names of a relation field; what follows a name up to the next comma or bar is passed over. */
  mention(from: number, to: number): void {
    const bytes = this.#bytes;
    let at = from;
    while (at < to) {
      while (at < to && !isNameByte(bytes[at] as number)) at++;
      const start = at;
      let hash = hashStart;
      for (; at < to && isNameByte(bytes[at] as number); at++) hash = nextHash(hash, bytes[at] as number);
      const entry = at === start ? -1 : (this.#slots[this.#find(start, at, hash)] as number);
      if (entry !== -1 && start < (this.#first[entry] as number)) this.#first[entry] = start;
      while (at < to && bytes[at] !== comma && bytes[at] !== bar) at++;
    }
  }

  firstOf(stanza: number): number {
    return this.#first[this.#entryOf[stanza] as number] ?? 0;
  }

  /** The slot that holds the name, or the empty one where it would go. */
  #find(start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let entry = this.#slots[slot] as number; entry !== -1; entry = this.#slots[slot] as number) {
      if (this.#isName(this.#stanzas[entry] as number, start, end)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isName(stanza: number, start: number, end: number): boolean {
    const own = this.#scan.nameStarts[stanza] as number;
    if ((this.#scan.nameEnds[stanza] as number) - own !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (this.#bytes[own + i] !== this.#bytes[start + i]) return false;
    return true;
  }
}

const comma = 44;
const bar = 124;
const hashStart = 0x811c9dc5 | 0;

/** FNV-1a. */
function nextHash(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = hashStart;
  for (let at = start; at < end; at++) hash = nextHash(hash, bytes[at] as number);
  return hash;
}

/** Letters, digits and `+-._`, by a table because it is asked for every byte. */
function isNameByte(byte: number): boolean {
  return nameBytes[byte] === 1;
}

const nameBytes = new Uint8Array(256);
for (const character of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-._') {
  nameBytes[character.charCodeAt(0)] = 1;
}
