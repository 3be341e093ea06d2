/** Facts about an ELF file, for the closure and the check. */
export interface ElfFacts {
  /** `x86_64`, `i386`, `aarch64`, `arm`, `riscv64`, `ppc64le`, `s390x`, ...; `machine-N` where the number has no name here. */
  readonly machine: string;
  readonly bits: 32 | 64;
  /** A position-independent executable counts as `executable`, although its header says "shared". */
  readonly type: 'executable' | 'shared' | 'relocatable' | 'core' | 'other';
  readonly interpreter?: string | undefined;
  readonly soname?: string | undefined;
  readonly needed: readonly string[];
  readonly rpath?: string | undefined;
  readonly runpath?: string | undefined;
  /** DF_1_NODEFLIB: its libraries are not looked for in the default folders. */
  readonly noDefaultFolders?: true | undefined;
  /** library -> versions that must be there (`libc.so.6` -> [`GLIBC_2.34`]), in the file's order; weak ones left out. */
  readonly versionsNeeded: Readonly<Record<string, readonly string[]>>;
  /** Versions that this library offers, in the file's order, without the base definition that repeats its soname. */
  readonly versionsDefined: readonly string[];
  readonly hardening: {
    readonly pie: boolean;
    readonly relro: 'full' | 'partial' | 'none';
    readonly nx: boolean;
    readonly canary: boolean;
  };
}
