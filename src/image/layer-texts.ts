import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import { concatBytes } from '../util/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { isKept, keptVersion } from '../view/kept-files.ts';
import type { LayerPass, LayerReader } from './layer-reader.ts';

/** By ordinal of the entry in the layer's tar: contents of the files that view/kept-files.ts names. */
export type LayerTexts = ReadonlyMap<number, Uint8Array>;

export const textReader: LayerReader<LayerTexts> = {
  namespace: `layer-texts-${keptVersion}`,
  form: 'bytes',
  begin: () => new TextPass(),
  encode,
  decode,
};

class TextPass implements LayerPass<LayerTexts> {
  readonly #texts = new Map<number, Uint8Array>();
  #kept = 0;
  #index = 0;
  #text: Uint8Array | undefined;
  #done = 0;

  entry(entry: LayerEntry, index: number): void {
    this.#text = undefined;
    if (!isKept(entry)) return;
    this.#kept += entry.size;
    if (this.#kept > limits.keptLayerBytes) {
      const message = `package databases and accounts of more than ${limits.keptLayerBytes} bytes`;
      throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
    }
    this.#index = index;
    this.#text = new Uint8Array(entry.size);
    this.#done = 0;
  }

  data(bytes: Uint8Array): void {
    this.#text?.set(bytes, this.#done);
    this.#done += bytes.length;
  }

  entryEnd(): void {
    if (this.#text !== undefined) this.#texts.set(this.#index, this.#text);
  }

  end(): LayerTexts {
    return this.#texts;
  }
}

/** A line of JSON with indexes and sizes, then the texts one behind the other. */
function encode(texts: LayerTexts): Uint8Array {
  const sizes = [...texts].map(([index, { length }]) => [index, length] as const);
  return concatBytes([encodeUtf8(`${JSON.stringify(sizes)}\n`), ...texts.values()]);
}

function decode(remembered: unknown): LayerTexts | undefined {
  if (!(remembered instanceof Uint8Array)) return undefined;
  let at = remembered.indexOf(0x0a) + 1;
  const sizes = parseSizes(decodeUtf8(remembered.subarray(0, at)));
  const texts = new Map<number, Uint8Array>();
  for (const [index, size] of sizes ?? []) {
    texts.set(index, remembered.subarray(at, at + size));
    at += size;
  }
  return sizes !== undefined && at === remembered.length ? texts : undefined;
}

function parseSizes(text: string): readonly (readonly [index: number, size: number])[] | undefined {
  try {
    const rows: unknown = JSON.parse(text);
    const isRow = (row: unknown) => Array.isArray(row) && row.length === 2 && row.every((value) => value >= 0);
    return Array.isArray(rows) && rows.every(isRow) ? rows : undefined;
  } catch {
    return undefined;
  }
}
