import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { sha256Hex } from '../../util/digest.ts';
import { decodeUtf8 } from '../../util/text.ts';
import { bodyStart, type IndexCounts, indexMagic, type Layout, layoutOf, type SectionName } from './packages-layout.ts';
import { parseStanza, type Stanza } from './stanza.ts';

/** Bytes of a Packages file by their place: the file in memory, or a positioned read of it. */
export interface PackagesSource {
  /** Bytes of the file. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`; asked only for what lies inside the file. */
  read(offset: number, length: number): Uint8Array;
}

/** A Packages file that is looked up, not parsed. Stanzas have numbers, 0 to `stanzas - 1`. */
export interface PackagesIndex {
  readonly stanzas: number;
  /** Numbers of the stanzas of that package, in file order. */
  stanzasOf(name: string): readonly number[];
  /** Numbers of the stanzas whose Provides has that name, in the order in which the file first names their packages. */
  providersOf(name: string): readonly number[];
  /** Numbers of the stanzas with `Essential: yes`, ascending. */
  essentials(): readonly number[];
  /** @throws SlimimageError DEB822_INVALID */
  stanza(number: number): Stanza;
  /** Every package name, sorted, each once. */
  names(): readonly string[];
  /** Every name in a Provides field, sorted, each once. */
  providedNames(): readonly string[];
}

export function bytesSource(bytes: Uint8Array): PackagesSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/**
 * Opens what `buildPackagesIndex` made. Every table is checked before it is believed.
 * @throws SlimimageError STORE_CORRUPT where the index is damaged or belongs to another Packages file: make it anew.
 */
export function openPackagesIndex(index: Uint8Array, packages: PackagesSource): PackagesIndex {
  const opened = new OpenedIndex(index, packages);
  opened.check();
  return opened;
}

class OpenedIndex implements PackagesIndex {
  readonly stanzas: number;
  readonly #bytes: Uint8Array;
  readonly #source: PackagesSource;
  readonly #counts: IndexCounts;
  readonly #layout: Layout;
  readonly #names: SortedNames;
  readonly #virtuals: SortedNames;
  #nameList: readonly string[] | undefined;

  constructor(index: Uint8Array, source: PackagesSource) {
    // Tables are read in place, which takes a start that is a multiple of four.
    this.#bytes = index.byteOffset % 4 === 0 ? index : index.slice();
    this.#source = source;
    this.#counts = readCounts(this.#bytes);
    this.#layout = layoutOf(this.#counts);
    if (this.#layout.size !== this.#bytes.length) throw corrupt('its size does not fit its header');
    if (this.#counts.packagesSize !== source.size) throw corrupt('it belongs to a file of another size');
    this.stanzas = this.#counts.stanzas;
    this.#names = { ends: this.#table('nameText'), text: this.#text('names') };
    this.#virtuals = { ends: this.#table('virtualText'), text: this.#text('virtuals') };
  }

  check(): void {
    const { checksum, body } = this.#layout;
    const stored = decodeUtf8(this.#bytes.subarray(checksum, body));
    if (sha256Hex(this.#bytes.subarray(body)) !== stored) throw corrupt('its checksum does not fit');
    this.#checkStanzas();
    checkAscending(this.#table('nameStanza'), this.stanzas);
    checkAscending(this.#table('virtualRefs'), this.#counts.refs);
    checkNames(this.#names);
    checkNames(this.#virtuals);
    for (const table of ['refs', 'essentials'] as const) {
      const isInside = this.#table(table).every((stanza) => stanza < this.stanzas);
      if (!isInside) throw corrupt('it names a stanza that is not there');
    }
  }

  stanzasOf(name: string): readonly number[] {
    const found = find(this.#names, name);
    return found === -1 ? [] : range(this.#table('nameStanza'), found);
  }

  providersOf(name: string): readonly number[] {
    const found = find(this.#virtuals, name);
    if (found === -1) return [];
    const ends = this.#table('virtualRefs');
    return [...this.#table('refs').subarray(ends[found], ends[found + 1])];
  }

  essentials(): readonly number[] {
    return [...this.#table('essentials')];
  }

  stanza(number: number): Stanza {
    const start = this.#table('stanzaStart')[number];
    const size = this.#table('stanzaSize')[number];
    if (start === undefined || size === undefined) throw corrupt(`it has no stanza ${number}`);
    return parseStanza(this.#source.read(start, size), { what: `The stanza at byte ${start} of a Packages file` });
  }

  names(): readonly string[] {
    this.#nameList ??= listNames(this.#names);
    return this.#nameList;
  }

  providedNames(): readonly string[] {
    return listNames(this.#virtuals);
  }

  #checkStanzas(): void {
    const starts = this.#table('stanzaStart');
    const sizes = this.#table('stanzaSize');
    for (let stanza = 0; stanza < starts.length; stanza++) {
      const size = sizes[stanza] as number;
      const inside = (starts[stanza] as number) + size <= this.#source.size;
      if (!inside || size > limits.stanzaBytes) throw corrupt('a stanza lies outside the file');
    }
  }

  #table(section: SectionName): Uint32Array {
    const { start, length } = this.#layout.sections[section];
    return new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  #text(section: SectionName): Uint8Array {
    const { start, length } = this.#layout.sections[section];
    return this.#bytes.subarray(start, start + length);
  }
}

/** Sorted by byte, written one after another; `ends` has one entry more than there are names and begins with 0. */
interface SortedNames {
  readonly ends: Uint32Array;
  readonly text: Uint8Array;
}

function readCounts(bytes: Uint8Array): IndexCounts {
  if (bytes.length < bodyStart) throw corrupt('it is too short');
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, 9);
  const [magic, packagesSize = 0, stanzas = 0, names = 0, virtuals = 0, refs = 0, essentials = 0, ...texts] = header;
  const [nameBytes = 0, virtualBytes = 0] = texts;
  if (magic !== indexMagic) throw corrupt('it is no index of this version');
  return { packagesSize, stanzas, names, virtuals, refs, essentials, nameBytes, virtualBytes };
}

function checkNames(names: SortedNames): void {
  const { ends, text } = names;
  checkAscending(ends, text.length);
  for (let name = 1; name < ends.length - 1; name++) {
    let i = ends[name - 1] as number;
    let j = ends[name] as number;
    const endA = j;
    const endB = ends[name + 1] as number;
    while (i < endA && j < endB && text[i] === text[j]) {
      i++;
      j++;
    }
    const ascending = i === endA ? j < endB : j < endB && (text[i] as number) < (text[j] as number);
    if (!ascending) throw corrupt('its names are not in order');
  }
}

function checkAscending(table: Uint32Array, end: number): void {
  if (table[0] !== 0 || table[table.length - 1] !== end) throw corrupt('a table does not fit');
  for (let at = 1; at < table.length; at++) {
    if ((table[at - 1] as number) >= (table[at] as number)) throw corrupt('a table is not in order');
  }
}

/** Place of `name` among the names by halving, or -1. */
function find(names: SortedNames, name: string): number {
  let low = 0;
  let high = names.ends.length - 2;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareTo(names, middle, name);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function compareTo({ ends, text }: SortedNames, at: number, name: string): number {
  const start = ends[at] as number;
  const length = (ends[at + 1] as number) - start;
  const shared = Math.min(length, name.length);
  for (let i = 0; i < shared; i++) {
    const order = (text[start + i] as number) - name.charCodeAt(i);
    if (order !== 0) return order;
  }
  return length - name.length;
}

function range(table: Uint32Array, at: number): readonly number[] {
  const first = table[at] as number;
  return Array.from({ length: (table[at + 1] as number) - first }, (_, index) => first + index);
}

/** Names are ASCII, so their places in bytes and in characters are the same. */
function listNames({ ends, text }: SortedNames): readonly string[] {
  const all = decodeUtf8(text);
  return Array.from({ length: ends.length - 1 }, (_, name) => all.slice(ends[name], ends[name + 1]));
}

function corrupt(problem: string): SlimimageError {
  return new SlimimageError({
    code: 'STORE_CORRUPT',
    message: `The index of a Packages file cannot be used: ${problem}`,
    hint: 'Indexes are made anew from the Packages file.',
  });
}
