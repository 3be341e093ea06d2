/** A Python in the image. */
export interface ImagePython {
  /** `3.13`: what names its folder and its byte code. */
  readonly minor: string;
  /** The number that its byte code begins with (PEP 3147), where its own importlib says it. */
  readonly magic: number | undefined;
}

/** Modules of one package: they are compiled and remembered together. */
export interface ModuleSet {
  readonly package: string;
  /** Sorted by path. */
  readonly modules: readonly PythonModule[];
}

export interface PythonModule {
  /** Path in the image without leading slash; the code names it as its file. */
  readonly path: string;
  /** Bytes of the source. */
  readonly size: number;
  /** Of the source, hexadecimal. */
  readonly sha256: string;
  readonly read: () => Uint8Array;
}

export interface CompiledModule {
  /** Of the module, not of its byte code. */
  readonly path: string;
  /** The whole .pyc file. */
  readonly code: Uint8Array;
}

export interface CompiledModules {
  /** Name and version of what compiled: another one may give other bytes. */
  readonly compiler: string;
  readonly modules: readonly CompiledModule[];
  /** Paths of what is no Python of that version, sorted. */
  readonly failed: readonly string[];
}

/** Compiles; undefined where the text is no Python of this version. */
export type Compile = (path: string, source: Uint8Array) => Promise<Uint8Array | undefined>;
