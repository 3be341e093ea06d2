import type { LayerEntry } from '../rootfs/entry.ts';
import type { Digest } from '../util/digest.ts';

/**
 * One kind of fact about the files of a layer: its list, its programs, its secrets. All kinds that are wanted and not known are
 * read in one pass over the layer (read-layer.ts), and each is remembered by the layer's diff ID under its own namespace. So a kind
 * depends on the layer's bytes alone, never on other layers or on the image.
 */
export interface LayerReader<T> extends LayerScan<T> {
  /** Of the memo. Ends in a number that rises with each change of what is found or how it is written down. */
  readonly namespace: string;
  /** What `encode` gives and `decode` takes; undefined: a JSON value. */
  readonly form?: 'bytes' | undefined;
  /**
   * As a JSON value that `decode` takes, or as bytes, which are kept as they are. Large kinds are read back much faster as few long columns
   * than as many small objects.
   */
  encode(value: T): unknown;
  /** Undefined for what this reader has not written: a damaged memo is forgotten, and the layer read again. Never throws. */
  decode(remembered: unknown): T | undefined;
}

export interface LayerScan<T> {
  /** Begins with a layer. Layers are read two at a time: what is under way belongs to the pass, never to the reader. */
  begin(): LayerPass<T> | Promise<LayerPass<T>>;
}

/**
 * What a reader sees of a layer, in the order of the tar: for each entry `entry`, for one with content `data` in pieces, `entryEnd`; in the
 * end `end`. After an error nothing but `close` is called.
 */
export interface LayerPass<T> {
  /**
   * @param entry without offset and sha256, which nobody knows yet; whiteouts and hard links are entries, too
   * @param index its ordinal in the tar, as in `RootfsNode.origin.index`
   */
  entry(entry: LayerEntry, index: number): void;
  /** A piece of the content of the last entry: a view that is overwritten later, to be copied if it is to be kept. */
  data(bytes: Uint8Array): void;
  /** @param offset where the content starts in the uncompressed tar, bytes; 0 for an entry without content */
  entryEnd(offset: number): void;
  end(tar: WholeTar): T;
  /** Lets go of files and the like: the last call in any case. */
  close?(): Promise<void>;
}

/** The uncompressed tar. */
export interface WholeTar {
  readonly diffId: Digest;
  /** Bytes. */
  readonly size: number;
}
