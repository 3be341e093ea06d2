import { encodeUtf8 } from '../../util/text.ts';

/**
 * A map from strings in the order in which GLib's GHashTable (with g_str_hash) would walk it: files that GLib's
 * programs write have that order, and equal bytes need it. Open addressing with triangular steps, as in ghash.c since
 * GLib 2.60; what the order depends on (sizes, primes, when it grows, how it moves) is kept, nothing else.
 */
export class StringTable<Value> {
  #slots: (Slot<Value> | undefined)[] = emptySlots(minShift);
  #shift = minShift;
  readonly #byKey = new Map<string, Slot<Value>>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Value | undefined {
    return this.#byKey.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** A key that is there keeps its place and gets the value. */
  set(key: string, value: Value): void {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.value = value;
      return;
    }
    const slot = { key, hash: hashOf(key), value };
    this.#byKey.set(key, slot);
    let at = this.#home(slot.hash);
    for (let step = 1; this.#slots[at] !== undefined; step++) at = (at + step) % this.#slots.length;
    this.#slots[at] = slot;
    if (this.#slots.length <= this.size + Math.floor(this.size / 16)) this.#grow();
  }

  *entries(): Generator<readonly [key: string, value: Value]> {
    for (const slot of this.#slots) if (slot !== undefined) yield [slot.key, slot.value];
  }

  #home(hash: number): number {
    return (Math.imul(hash, 11) >>> 0) % (primes[this.#shift] as number);
  }

  /** Moves in place: whatever stands where something moves to is moved next. */
  #grow(): void {
    const old = this.#slots.length;
    this.#shift = Math.max(bitsOf(Math.floor(this.size * 1.333)), minShift);
    const length = 2 ** this.#shift;
    this.#slots.push(...Array.from({ length: length - old }, () => undefined));
    const settled = new Uint8Array(length);
    for (let from = 0; from < old; from++) {
      let moving = settled[from] === 1 ? undefined : this.#slots[from];
      if (moving === undefined) continue;
      this.#slots[from] = undefined;
      while (moving !== undefined) {
        let at = this.#home(moving.hash);
        for (let step = 1; settled[at] === 1; step++) at = (at + step) % length;
        settled[at] = 1;
        const evicted: Slot<Value> | undefined = this.#slots[at];
        this.#slots[at] = moving;
        moving = evicted;
      }
    }
  }
}

interface Slot<Value> {
  readonly key: string;
  readonly hash: number;
  value: Value;
}

const minShift = 3;

/** The largest prime below each power of two. */
const primes = [
  1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071, 262139, 524287, 1048573,
];

function emptySlots(shift: number): undefined[] {
  return Array.from({ length: 2 ** shift }, () => undefined);
}

function bitsOf(count: number): number {
  return count === 0 ? 0 : 32 - Math.clz32(count);
}

/** g_str_hash: 5381, times 33, plus each byte as a signed char. 0 and 1 are marks of the table. */
function hashOf(key: string): number {
  const hash = djbHash(key);
  return hash < 2 ? 2 : hash;
}

/** Bernstein's hash over the UTF-8 bytes, each signed, as an unsigned 32-bit number. */
export function djbHash(text: string): number {
  let hash = 5381;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return hashOfBytes(text);
    hash = (Math.imul(hash, 33) + code) | 0;
  }
  return hash >>> 0;
}

function hashOfBytes(text: string): number {
  let hash = 5381;
  for (const byte of encodeUtf8(text)) hash = (Math.imul(hash, 33) + (byte > 0x7f ? byte - 256 : byte)) | 0;
  return hash >>> 0;
}
