/** What /etc/ld.so.cache says: which library of a name is where, in the order in which the loader finds them. */
export interface LibraryCache {
  readonly entries: readonly CacheEntry[];
  /** The writer, as `ldconfig (Debian GLIBC 2.41-12) stable release version 2.41`; undefined before glibc 2.33. */
  readonly generator: string | undefined;
  readonly byteOrder: 'little' | 'big';
}

export interface CacheEntry {
  /** What programs need: `libc.so.6`. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Kind and architecture: `0x0303` for libraries of amd64 (glibc, ldconfig.h). */
  readonly flags: number;
  /** Only for processors that know more: the folder below glibc-hwcaps that it is in. */
  readonly hwcaps?: HwcapsFolder | undefined;
  /** Capabilities as glibc before 2.37 had them (bits), 0 for none. */
  readonly legacyHwcap?: bigint | undefined;
  /** Oldest kernel, as glibc before 2.36 wrote it; 0 for any. */
  readonly osVersion?: number | undefined;
}

export interface HwcapsFolder {
  /** `x86-64-v3`. */
  readonly name: string;
  /** Number of the highest bit of GNU_PROPERTY_X86_ISA_1_NEEDED in the file; 0 where it has none. */
  readonly isaLevel: number;
}
