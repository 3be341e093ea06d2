import type { BitReader } from './bit-reader.ts';
import { damagedStream } from './damaged-stream.ts';

export interface BlockOptions {
  /** Room for the block's bytes before the transform, one entry a byte; used again for each block. */
  readonly work: Uint32Array;
  /** CRC-32 of the block's bytes, as the block header has it. */
  readonly crc: number;
}

/**
 * Decodes a block from behind its CRC on. Yields pieces of at most `pieceSize` bytes, because a block of 900 kB may
 * hold runs of 45 MB.
 * @throws SlimimageError COMPRESSION_INVALID.
 */
export function* decodeBzip2Block(bits: BitReader, options: BlockOptions): Generator<Uint8Array, void, undefined> {
  const { work } = options;
  if (bits.read(1) === 1) throw damagedStream('a randomised block, which no bzip2 since 1999 writes');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const selectorsAndTables = readTables(bits, alphabet.length + 2);
  const counts = new Uint32Array(256);
  const length = readSymbols(bits, { ...selectorsAndTables, alphabet, work, counts });
  if (origin >= length) throw damagedStream('a block whose origin is outside it');
  linkBack(work, length, counts);
  yield* runs(work, { length, origin, crc: options.crc });
}

const pieceSize = 256 * 1024;
const groupSize = 50;
const maxCodeLength = 20;
const maxSelectors = 18_002;
/** Codes up to this many bits are looked up in one step. */
const lookupBits = 10;

/** The byte values that the block has, in order. */
function readAlphabet(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const alphabet: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const used = bits.read(16);
    for (let value = 0; value < 16; value++) {
      if ((used & (0x8000 >> value)) !== 0) alphabet.push(range * 16 + value);
    }
  }
  if (alphabet.length === 0) throw damagedStream('a block without symbols');
  return Uint8Array.from(alphabet);
}

/** A Huffman code: codes of one length are consecutive numbers (canonical). */
interface CodeTable {
  /** `lookupBits` bits to `symbol << 5 | length`, 0 where the code is longer. */
  readonly lookup: Uint16Array;
  /** By length: the first code, and where its symbols begin. */
  readonly firstCode: Int32Array;
  readonly firstSymbol: Int32Array;
  readonly symbolCount: Int32Array;
  readonly symbols: Uint16Array;
}

function readTables(bits: BitReader, symbols: number): { selectors: Uint8Array; tables: readonly CodeTable[] } {
  const tableCount = bits.read(3);
  const selectorCount = bits.read(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount === 0) throw damagedStream('a block with impossible tables');
  const selectors = new Uint8Array(Math.min(selectorCount, maxSelectors));
  const order = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < selectorCount; i++) {
    let position = 0;
    while (bits.read(1) === 1) {
      if (++position >= tableCount) throw damagedStream('a block with an impossible selector');
    }
    const [table = 0] = order.splice(position, 1);
    order.unshift(table);
    // Writers may give more than a block can use (bzip2 1.0.8 ignores them).
    if (i < selectors.length) selectors[i] = table;
  }
  const tables = Array.from({ length: tableCount }, () => makeTable(readLengths(bits, symbols)));
  return { selectors, tables };
}

function readLengths(bits: BitReader, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > maxCodeLength) throw damagedStream('a code of an impossible length');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

function makeTable(lengths: Uint8Array): CodeTable {
  const table: CodeTable = {
    lookup: new Uint16Array(1 << lookupBits),
    firstCode: new Int32Array(maxCodeLength + 2),
    firstSymbol: new Int32Array(maxCodeLength + 2),
    symbolCount: new Int32Array(maxCodeLength + 2),
    symbols: new Uint16Array(lengths.length),
  };
  let code = 0;
  let at = 0;
  for (let length = 1; length <= maxCodeLength; length++, code *= 2) {
    table.firstCode[length] = code;
    table.firstSymbol[length] = at;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      table.symbols[at++] = symbol;
      if (length <= lookupBits) {
        const shift = lookupBits - length;
        table.lookup.fill((symbol << 5) | length, code << shift, (code + 1) << shift);
      }
      code++;
    }
    table.symbolCount[length] = at - (table.firstSymbol[length] as number);
  }
  return table;
}

function readSymbol(bits: BitReader, table: CodeTable): number {
  const found = table.lookup[bits.peek(lookupBits)] as number;
  if (found !== 0) {
    bits.skip(found & 31);
    return found >> 5;
  }
  for (let length = 1; length <= maxCodeLength; length++) {
    const index = bits.peek(length) - (table.firstCode[length] as number);
    if (index >= 0 && index < (table.symbolCount[length] as number)) {
      bits.skip(length);
      return table.symbols[(table.firstSymbol[length] as number) + index] as number;
    }
  }
  throw damagedStream('a code that stands for nothing');
}

interface SymbolInput {
  readonly selectors: Uint8Array;
  readonly tables: readonly CodeTable[];
  readonly alphabet: Uint8Array;
  readonly work: Uint32Array;
  readonly counts: Uint32Array;
}

/** Undoes Huffman codes, run lengths and move-to-front into `work`; returns how many bytes there are. */
function readSymbols(bits: BitReader, { selectors, tables, alphabet, work, counts }: SymbolInput): number {
  const recent = alphabet.slice();
  const endOfBlock = alphabet.length + 1;
  let length = 0;
  let run = 0;
  let runWeight = 1;
  const put = (value: number, times: number): void => {
    if (length + times > work.length) throw damagedStream('a block longer than it may be');
    work.fill(value, length, length + times);
    length += times;
    counts[value] = (counts[value] as number) + times;
  };
  for (const selector of selectors) {
    const table = tables[selector];
    if (table === undefined) throw damagedStream('a block with an impossible selector');
    for (let i = 0; i < groupSize; i++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        run += runWeight << symbol;
        runWeight *= 2;
        if (run > work.length) throw damagedStream('a block longer than it may be');
        continue;
      }
      if (run > 0) {
        put(recent[0] as number, run);
        run = 0;
        runWeight = 1;
      }
      if (symbol === endOfBlock) return length;
      const value = recent[symbol - 1] as number;
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = value;
      if (length >= work.length) throw damagedStream('a block longer than it may be');
      work[length++] = value;
      counts[value] = (counts[value] as number) + 1;
    }
  }
  throw damagedStream('a block without end');
}

/** Prepares the inverse of the Burrows-Wheeler transform: the upper 24 bits of each entry say which one follows. */
function linkBack(work: Uint32Array, length: number, counts: Uint32Array): void {
  const starts = new Uint32Array(256);
  let sum = 0;
  for (let value = 0; value < 256; value++) {
    starts[value] = sum;
    sum += counts[value] as number;
  }
  for (let i = 0; i < length; i++) {
    const value = (work[i] as number) & 0xff;
    const at = starts[value] as number;
    starts[value] = at + 1;
    work[at] = (work[at] as number) | (i << 8);
  }
}

/** Walks the links and undoes the first run lengths: four equal bytes are followed by how many more come. */
function* runs(
  work: Uint32Array,
  { length, origin, crc }: { readonly length: number; readonly origin: number; readonly crc: number },
): Generator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(pieceSize);
  let used = 0;
  let sum = 0xffff_ffff;
  let last = -1;
  let equal = 0;
  let entry = work[origin] as number;
  for (let i = 0; i < length; i++) {
    entry = work[entry >>> 8] as number;
    const value = entry & 0xff;
    const isCount = equal === 4;
    const times = isCount ? value : 1;
    if (isCount) equal = 0;
    else equal = value === last ? equal + 1 : 1;
    if (!isCount) last = value;
    for (let n = 0; n < times; n++) {
      piece[used++] = last;
      sum = (sum << 8) ^ (crcTable[(sum >>> 24) ^ last] as number);
    }
    if (used > pieceSize - 256) {
      yield piece.subarray(0, used);
      piece = new Uint8Array(pieceSize);
      used = 0;
    }
  }
  if (~sum >>> 0 !== crc) throw damagedStream('the checksum of a block is wrong');
  if (used > 0) yield piece.subarray(0, used);
}

/** bzip2 takes the bits of a byte from the highest on, unlike zlib's CRC-32. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ 0x04c1_1db7 : sum << 1;
  return sum;
});
