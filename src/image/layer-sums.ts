import { createHash, hash } from 'node:crypto';
import type { LayerEntry } from '../rootfs/entry.ts';
import { concatBytes } from '../util/bytes.ts';
import type { LayerPass, LayerReader } from './layer-reader.ts';

/** By ordinal of the entry in the layer's tar: hexadecimal MD5 of the files that have content. */
export interface LayerSums {
  of(index: number): string | undefined;
}

/** Ordinal (32 bits, the highest first) and MD5. */
const rowBytes = 4 + 16;

/** What package managers know their files by, as sums of a layer in rows by ordinal: a hundred thousand are two megabytes. */
export const sumReader: LayerReader<LayerSums> = {
  namespace: 'layer-sums-1',
  form: 'bytes',
  begin: () => new SumPass(),
  encode: (sums) => (sums as SumTable).rows,
  decode: (remembered) =>
    remembered instanceof Uint8Array && remembered.length % rowBytes === 0 ? new SumTable(remembered) : undefined,
};

/** Of a layer that nobody asked. */
export const noSums: LayerSums = { of: () => undefined };

class SumPass implements LayerPass<LayerSums> {
  readonly #rows: Uint8Array[] = [];
  #index = 0;
  /** Bytes of a file; undefined for what has no content. */
  #size: number | undefined;
  #whole: Buffer | undefined;
  #pieces: ReturnType<typeof createHash> | undefined;

  entry({ type, size }: LayerEntry, index: number): void {
    this.#index = index;
    this.#size = type === 'file' && size > 0 ? size : undefined;
    this.#whole = undefined;
    this.#pieces = undefined;
  }

  data(bytes: Uint8Array): void {
    if (this.#size === undefined) return;
    // Most files come in one piece: one call is less than making a hash, feeding and asking it.
    if (bytes.length === this.#size) this.#whole = hash('md5', bytes, 'buffer');
    else {
      this.#pieces ??= createHash('md5');
      this.#pieces.update(bytes);
    }
  }

  entryEnd(): void {
    const sum = this.#whole ?? this.#pieces?.digest();
    if (sum === undefined) return;
    const row = new Uint8Array(rowBytes);
    new DataView(row.buffer).setUint32(0, this.#index);
    row.set(sum, 4);
    this.#rows.push(row);
  }

  end(): LayerSums {
    return new SumTable(concatBytes(this.#rows));
  }
}

class SumTable implements LayerSums {
  readonly rows: Uint8Array;
  readonly #view: DataView;

  constructor(rows: Uint8Array) {
    this.rows = rows;
    this.#view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  }

  of(index: number): string | undefined {
    let low = 0;
    let high = this.rows.length / rowBytes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#view.getUint32(middle * rowBytes) < index) low = middle + 1;
      else high = middle;
    }
    const at = low * rowBytes;
    if (at >= this.rows.length || this.#view.getUint32(at) !== index) return undefined;
    return Buffer.from(this.rows.subarray(at + 4, at + rowBytes)).toString('hex');
  }
}
