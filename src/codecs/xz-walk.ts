import { damagedStream } from './damaged-stream.ts';

/** Bytes of the largest dictionary that is decoded; `xz -9` uses 64 MiB. Decoders allocate what the header names. */
export const dictionaryLimit = 256 * 1024 * 1024;

/**
 * Passes an xz file on unchanged and refuses what the decoders let through: dictionaries above the limit and padding
 * that is no multiple of four bytes. It steps over the compressed data by its chunk headers, without decoding.
 * Source: The .xz File Format 1.2.1; LZMA2 chunk headers as in XZ Utils, `lzma2_decoder.c`.
 */
export async function* checkedXz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const walker = new Walker(streams());
  let size = 0;
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    walker.push(chunk);
    size += chunk.length;
    yield chunk;
  }
  if (size === 0) throw damagedStream('it is empty');
  if (size % 4 !== 0) throw damagedStream('its size is no multiple of four bytes');
}

/** Passes a `.lzma` file on unchanged and refuses dictionaries above the limit. */
export async function* checkedLzma(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const walker = new Walker(lzmaHeader());
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    walker.push(chunk);
    yield chunk;
  }
}

/** A walk asks for the next bytes (`take`, answered with them) or steps over them (`skip`). */
type Step = { readonly take: number } | { readonly skip: number };
type Walk<Result = void> = Generator<Step, Result, Uint8Array>;

class Walker {
  readonly #walk: Walk;
  readonly #held = new Uint8Array(1024);
  #heldLength = 0;
  #step: Step | undefined;
  #left = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#resume(this.#held.subarray(0, 0));
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#step !== undefined) {
      const used = Math.min(this.#left, chunk.length - at);
      const isTake = 'take' in this.#step;
      if (isTake) {
        this.#held.set(chunk.subarray(at, at + used), this.#heldLength);
        this.#heldLength += used;
      }
      at += used;
      this.#left -= used;
      if (this.#left === 0) this.#resume(this.#held.subarray(0, this.#heldLength));
    }
  }

  #resume(answer: Uint8Array): void {
    this.#heldLength = 0;
    do {
      const { done, value } = this.#walk.next(answer);
      this.#step = done === true ? undefined : value;
      this.#left = this.#step === undefined ? 0 : 'take' in this.#step ? this.#step.take : this.#step.skip;
    } while (this.#step !== undefined && this.#left === 0);
  }
}

function* lzmaHeader(): Walk {
  const header = yield { take: 13 };
  checkDictionary(new DataView(header.buffer, header.byteOffset, header.length).getUint32(1, true));
}

/** The generator runs until the source ends: whether it may end there is the decoder's to say. */
function* streams(): Walk {
  for (let isFirst = true; ; isFirst = false) {
    let head = yield { take: 4 };
    while (!isFirst && head.every((byte) => byte === 0)) head = yield { take: 4 };
    if (!startsWith(head, [0xfd, 0x37, 0x7a, 0x58])) {
      throw damagedStream(isFirst ? 'it does not begin with a stream' : 'there are bytes after its end');
    }
    const rest = yield { take: 8 };
    yield* stream(checkSizes[(rest[3] as number) & 0x0f] as number);
  }
}

/** Bytes of the check after each block, by the stream's check type (2.1.1.2). */
const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

function* stream(checkSize: number): Walk {
  for (let blocks = 0; ; blocks++) {
    const [headerSize = 0] = yield { take: 1 };
    if (headerSize === 0) {
      yield* index(blocks);
      yield { skip: 12 };
      return;
    }
    checkBlockHeader(yield { take: (headerSize + 1) * 4 - 1 });
    const size = yield* lzma2Chunks();
    yield { skip: ((4 - (size % 4)) % 4) + checkSize };
  }
}

/** Looks for the dictionary in the properties of LZMA2, always the last filter (3.1). */
function checkBlockHeader(header: Uint8Array): void {
  const flags = header[0] as number;
  const at = { offset: 1 };
  if ((flags & 0x40) !== 0) variableInteger(header, at);
  if ((flags & 0x80) !== 0) variableInteger(header, at);
  for (let filter = flags & 3; filter >= 0; filter--) {
    const id = variableInteger(header, at);
    const propertiesSize = variableInteger(header, at);
    const bits = header[at.offset] ?? 0;
    at.offset += propertiesSize;
    if (filter > 0) continue;
    if (id !== 0x21 || propertiesSize !== 1 || bits > 40) throw damagedStream('a block without LZMA2');
    checkDictionary((2 + (bits & 1)) * 2 ** (11 + (bits >> 1)));
  }
}

function checkDictionary(size: number): void {
  if (size > dictionaryLimit) throw damagedStream(`a dictionary of ${size} bytes, more than ${dictionaryLimit}`);
}

/** Returns the bytes of the compressed data, its end mark included. */
function* lzma2Chunks(): Walk<number> {
  for (let total = 1; ; total++) {
    const [control = 0] = yield { take: 1 };
    if (control === 0) return total;
    if (control > 2 && control < 0x80) throw damagedStream('an LZMA2 chunk of an unknown type');
    const headerSize = control < 0x80 ? 2 : control < 0xc0 ? 4 : 5;
    const header = yield { take: headerSize };
    const sizeAt = control < 0x80 ? 0 : 2;
    const size = ((header[sizeAt] as number) << 8) + (header[sizeAt + 1] as number) + 1;
    yield { skip: size };
    total += headerSize + size;
  }
}

/** The index after its first byte: as many records as there were blocks, padding, CRC32 (4). */
function* index(blocks: number): Walk {
  let size = 1;
  const integer = function* (): Walk<number> {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const [byte = 0] = yield { take: 1 };
      size++;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw damagedStream('a malformed number');
  };
  if ((yield* integer()) !== blocks) throw damagedStream('its index does not fit its blocks');
  for (let i = 0; i < 2 * blocks; i++) yield* integer();
  yield { skip: ((4 - (size % 4)) % 4) + 4 };
}

function variableInteger(bytes: Uint8Array, at: { offset: number }): number {
  let value = 0;
  for (let shift = 0; shift < 63; shift += 7) {
    const byte = bytes[at.offset++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw damagedStream('a malformed number');
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}
