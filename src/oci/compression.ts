/** How a layer is compressed. Levels: gzip 1..9, zstd 1..19; `none` has level 0. */
export interface Compression {
  readonly algorithm: 'gzip' | 'zstd' | 'none';
  readonly level: number;
}

/** Short stable name used in keys and annotations, for example `gzip-6`. */
export function compressionName(compression: Compression): string {
  return compression.algorithm === 'none' ? 'none' : `${compression.algorithm}-${compression.level}`;
}
