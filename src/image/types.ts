import type { OnEvent, OperationOptions } from '../events.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig, Manifest } from '../oci/documents.ts';
import type { Platform } from '../oci/platform.ts';
import type { Registries } from '../registry/types.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { LocalStore } from '../store/local-store.ts';
import type { Digest } from '../util/digest.ts';

/** An image of one platform, opened to be read, wherever it is. Close it when done. */
export interface Image {
  /** The name under which it was opened, for messages. */
  readonly name: string;
  /** The manifest's descriptor; undefined where the form keeps no digests (docker-archive, dir, tar). */
  readonly descriptor: Descriptor | undefined;
  readonly manifest: Manifest | undefined;
  /** Undefined for a bare file tree (dir, tar). */
  readonly config: ImageConfig | undefined;
  /** The config as it lies there, where the form keeps it and no manifest (docker-archive). */
  readonly configBytes?: Uint8Array | undefined;
  readonly platform: Platform | undefined;
  /** Of an image for several platforms, those that were not opened. */
  readonly otherPlatforms?: readonly Platform[] | undefined;
  /** Of the index that it was chosen from; undefined where the name means a manifest. */
  readonly indexDigest?: Digest | undefined;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  close(): Promise<void>;
}

export interface ImageLayer {
  /** `layer 3 of 12 of store:app:latest`. */
  readonly what: string;
  /** The compressed blob's; undefined where the form keeps none. */
  readonly descriptor: Descriptor | undefined;
  /** Digest of the uncompressed tar; undefined for a bare file tree. */
  readonly diffId: Digest | undefined;
  /**
   * The uncompressed tar. Blob digest and diff ID are checked at its end: a reader that stops early has unverified bytes.
   * Errors name the layer.
   * @throws SlimimageError DIGEST_MISMATCH, COMPRESSION_INVALID, LIMIT_EXCEEDED, LAYER_FOREIGN, STORE, IO
   */
  open(options?: OpenLayerOptions): AsyncIterable<Uint8Array>;
  /** Bytes of the layer as it is stored, compressed or not; undefined where nobody knows before it is read. */
  readonly storedSize?: number | undefined;
  /** The blob of `descriptor` as it is stored, for copies that keep it. Undefined where the form keeps none. */
  readonly openBlob?: (() => AsyncIterable<Uint8Array>) | undefined;
}

export interface OpenLayerOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears now and then how many of `storedSize` have been read. */
  readonly onStored?: ((done: number) => void) | undefined;
}

/** What a layer's tar holds. */
export interface LayerIndex {
  /** In the order of the tar, files with their sha256. */
  readonly entries: readonly LayerEntry[];
  /** Of the uncompressed tar. */
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
}

export interface OpenImageOptions {
  /** The local store: `store:` images, temporary files, remembered layer indexes. */
  readonly store: LocalStore;
  /** Of an index, this one; default the host's architecture with Linux, or the only one there is. */
  readonly platform?: Platform | undefined;
  /** Folder that relative paths mean; default the process's own. */
  readonly cwd?: string | undefined;
  /** For images of registries. */
  readonly registries?: Registries | undefined;
  /** Where engines are found, for `docker-daemon:`; default: nowhere. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenViewOptions extends OperationOptions {
  /** Where what is known of layers is remembered. */
  readonly store: LocalStore;
  /** For an audit: look for secrets in the contents of files, and take their MD5. */
  readonly contents?: boolean | undefined;
}
