import { createHash, type Hash, hash } from 'node:crypto';
import type { LayerPass, LayerScan } from '../../image/layer-reader.ts';
import type { LayerEntry } from '../../rootfs/entry.ts';

/** By ordinal of a regular file in the layer's tar: hexadecimal MD5, which package databases have. */
export type FileSums = ReadonlyMap<number, string>;

export const sumScan: LayerScan<FileSums> = { begin: () => new SumPass() };

class SumPass implements LayerPass<FileSums> {
  readonly #sums = new Map<number, string>();
  #entry: LayerEntry | undefined;
  #index = 0;
  #sum: string | undefined;
  #content: Hash | undefined;

  entry(entry: LayerEntry, index: number): void {
    this.#entry = entry;
    this.#index = index;
    this.#sum = undefined;
    this.#content = undefined;
  }

  data(bytes: Uint8Array): void {
    if (this.#entry?.type !== 'file') return;
    // Most files come in one piece: one call is much less than making a hash, feeding and asking it.
    if (bytes.length === this.#entry.size) this.#sum = hash('md5', bytes);
    else {
      this.#content ??= createHash('md5');
      this.#content.update(bytes);
    }
  }

  entryEnd(): void {
    if (this.#entry?.type !== 'file') return;
    this.#sums.set(this.#index, this.#sum ?? this.#content?.digest('hex') ?? emptySum);
  }

  end(): FileSums {
    return this.#sums;
  }
}

const emptySum = hash('md5', '');
