import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import { concatBytes } from '../util/bytes.ts';
import { isKept } from '../view/kept-files.ts';
import type { LayerPass, LayerReader } from './layer-reader.ts';

/** By ordinal of the entry in the layer's tar: contents of the files that view/kept-files.ts names. */
export type LayerTexts = ReadonlyMap<number, Uint8Array>;

export const textReader: LayerReader<LayerTexts> = {
  namespace: 'layer-texts-1',
  begin: () => new TextPass(),
  encode: (texts) => ({
    indexes: [...texts.keys()],
    sizes: [...texts.values()].map(({ length }) => length),
    // One text, of digits that JSON need not escape.
    bytes: Buffer.from(concatBytes([...texts.values()])).toString('base64'),
  }),
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

function decode(remembered: unknown): LayerTexts | undefined {
  if (typeof remembered !== 'object' || remembered === null) return undefined;
  const { indexes, sizes, bytes } = remembered as { indexes?: unknown; sizes?: unknown; bytes?: unknown };
  if (!Array.isArray(indexes) || !Array.isArray(sizes) || typeof bytes !== 'string') return undefined;
  if (indexes.length !== sizes.length || ![...indexes, ...sizes].every((number) => Number.isInteger(number)))
    return undefined;
  const all = Buffer.from(bytes, 'base64');
  const whole = new Uint8Array(all.buffer, all.byteOffset, all.length);
  const texts = new Map<number, Uint8Array>();
  let at = 0;
  for (const [place, index] of indexes.entries()) {
    texts.set(index, whole.subarray(at, at + sizes[place]));
    at += sizes[place];
  }
  return at === whole.length ? texts : undefined;
}
