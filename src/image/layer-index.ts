import type { LayerEntry } from '../rootfs/entry.ts';
import { mapLimit } from '../util/concurrency.ts';
import { hexOf, Sha256, sha256Hex } from '../util/digest.ts';
import { EntryCount } from './entry-count.ts';
import { decodeIndex, encodeIndex } from './layer-index-memo.ts';
import type { LayerPass, LayerReader, WholeTar } from './layer-reader.ts';
import { type ReadLayerOptions, readLayer } from './read-layer.ts';
import type { Image, ImageLayer, LayerIndex } from './types.ts';

/** What a layer's tar holds, files with their sha256. */
export const indexReader: LayerReader<LayerIndex> = {
  namespace: 'layer-index-4',
  form: 'bytes',
  begin: () => new IndexPass(),
  encode: encodeIndex,
  decode: decodeIndex,
};

/** Lists a layer. A layer with a diff ID is read once, ever. @throws SlimimageError as `readLayer` */
export async function indexLayer(layer: ImageLayer, options: ReadLayerOptions = {}): Promise<LayerIndex> {
  return (await readLayer(layer, { index: indexReader }, options)).index;
}

/** Of an image's layers, lowest first, read two at a time. @throws SlimimageError as `readLayer` */
export async function indexLayers(image: Image, options: ReadLayerOptions = {}): Promise<readonly LayerIndex[]> {
  const count = new EntryCount();
  return mapLimit(
    image.layers,
    async (layer, { signal }) => {
      const index = await indexLayer(layer, { ...options, signal });
      count.add(index.entries.length, layer);
      return index;
    },
    { limit: 2, signal: options.signal },
  );
}

class IndexPass implements LayerPass<LayerIndex> {
  readonly #entries: LayerEntry[] = [];
  #entry: LayerEntry | undefined;
  #sha256: string | undefined;
  #content: Sha256 | undefined;

  entry(entry: LayerEntry): void {
    this.#entry = entry;
    this.#sha256 = undefined;
    this.#content = undefined;
  }

  data(bytes: Uint8Array): void {
    if (this.#entry?.type !== 'file') return;
    // Most files come in one piece: one call is much less than making a hash, feeding and asking it.
    if (bytes.length === this.#entry.size) {
      this.#sha256 = sha256Hex(bytes);
      return;
    }
    this.#content ??= new Sha256();
    this.#content.update(bytes);
  }

  entryEnd(offset: number): void {
    const entry = this.#entry;
    if (entry === undefined) return;
    if (entry.type !== 'file') {
      this.#entries.push(entry);
      return;
    }
    const { path, type, mode, uid, gid, mtime, size, xattrs } = entry;
    const sha256 = this.#sha256 ?? (this.#content === undefined ? emptySha256 : hexOf(this.#content.digest()));
    // Spelled out: a hundred thousand objects of one form take less than half of what spreads make.
    this.#entries.push(
      xattrs === undefined
        ? { path, type, mode, uid, gid, mtime, size, offset, sha256 }
        : { path, type, mode, uid, gid, mtime, size, offset, sha256, xattrs },
    );
  }

  end({ diffId, size }: WholeTar): LayerIndex {
    return { entries: this.#entries, diffId, size };
  }
}

const emptySha256 = sha256Hex('');
