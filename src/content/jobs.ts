import type { Compression } from '../oci/compression.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
import type { Digest } from '../util/digest.ts';
import type { CompressedFragment, ConvertOptions, FileRange, FragmentFacts } from './types.ts';

/** Work that runs in a worker thread: plain data in, plain data out, bytes in files. */
export interface Jobs {
  /** Converts a .deb into a folder with `fragment`, `compressed` and `index.json`. */
  convert: { input: ConvertJob; output: undefined };
  /** Compresses an existing fragment. */
  compress: { input: CompressJob; output: undefined };
  /** Writes a fragment made of entries of an existing one. */
  cut: { input: CutJob; output: FragmentFacts };
  /** Writes a fragment from files of the host. */
  pack: { input: PackJob; output: FragmentFacts };
  /** sha256 of whole files, in order. */
  hashFiles: { input: { readonly files: readonly string[] }; output: readonly Digest[] };
  /** SHA-1 of runs of bytes, in order; null for one that has changed. */
  sha1Runs: { input: Sha1Job; output: readonly (string | null)[] };
  /** Digest of the uncompressed bytes of a layer (its diff ID). */
  digestPieces: { input: { readonly pieces: readonly Piece[] }; output: LayerBytes };
  /** Writes the compressed layer file. */
  joinPieces: { input: JoinJob; output: LayerBytes };
}

export type JobName = keyof Jobs;

export interface ConvertJob extends ConvertOptions {
  /** Package file, for messages. */
  readonly label: string;
  readonly deb: string;
  readonly sha256: string;
  /** Empty folder that receives fragment and index. */
  readonly folder: string;
  /** Empty folder that receives the compressed fragment; undefined where there is none. */
  readonly compressedFolder: string | undefined;
}

export interface CompressJob {
  readonly fragment: string;
  readonly ranges: readonly FileRange[];
  /** Empty folder that receives the compressed form. */
  readonly folder: string;
  readonly compression: Compression;
}

export interface CutJob {
  readonly fragment: string;
  /** File that is written. */
  readonly target: string;
  readonly entries: readonly CutEntry[];
}

export interface CutEntry {
  readonly header: TreeEntry;
  /** Byte offset of the content in the source fragment. */
  readonly contentOffset: number;
}

export interface PackJob {
  /** File that is written. */
  readonly target: string;
  readonly entries: readonly PackEntry[];
}

export interface PackEntry {
  readonly header: TreeEntry;
  /** Regular files: where the bytes are, and the sha256 (64 hexadecimal digits) that they had when they were listed. */
  readonly file?: string | undefined;
  readonly sha256?: string | undefined;
}

export interface Sha1Job {
  readonly runs: readonly HashedRun[];
}

/** Bytes of a file that are known by their sha256 (64 hexadecimal digits). */
export interface HashedRun {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

/** A run of a layer's bytes. */
export type Piece =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | ({
      readonly type: 'fragment';
      readonly file: string;
      readonly compressed: CompressedFragment | undefined;
    } & FragmentFacts);

export interface JoinJob {
  readonly pieces: readonly Piece[];
  readonly file: string;
  readonly compression: Compression;
}

export interface LayerBytes {
  readonly digest: Digest;
  readonly size: number;
}
