import type { ElfFacts } from '../formats/elf/facts.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { HistoryEntry, ImageConfig } from '../oci/documents.ts';
import type { Platform } from '../oci/platform.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import type { Digest } from '../util/digest.ts';

/**
 * All that is known of an image of one platform, as a value: nothing is unpacked, no file is read when it is asked. Whoever
 * judges images (inspect, diff, audit) is a function of this.
 */
export interface ImageView {
  /** The name under which it was opened. */
  readonly name: string;
  /** The manifest's descriptor; undefined where the form keeps no digests (docker-archive, engines, dir, tar). */
  readonly descriptor: Descriptor | undefined;
  /** sha256 of the config as it lies there: what Docker calls the image's ID. Undefined for a bare file tree. */
  readonly configDigest: Digest | undefined;
  /** Undefined for a bare file tree (dir, tar). */
  readonly config: ImageConfig | undefined;
  readonly platform: Platform | undefined;
  /** Lowest first. */
  readonly layers: readonly ViewedLayer[];
  /** What the layers make, with the changes that each one made (`Rootfs.changes`). */
  readonly rootfs: Rootfs;
  /**
   * Content of a small file that judgements need (view/kept-files.ts says which), links followed. Undefined where there is no
   * such file, or its content is not kept.
   */
  text(path: string): Uint8Array | undefined;
  /** The same of a node, also of one that a later layer hides. */
  textOf(node: Pick<RootfsNode, 'origin'>): Uint8Array | undefined;
  /** What a kernel and a loader see of a file; undefined for what is neither program nor script. */
  program(node: Pick<RootfsNode, 'origin'>): ProgramFacts | undefined;
  /** What looks like a secret in a file; [] where nothing does, or nobody asked for it when the view was made. */
  secrets(node: Pick<RootfsNode, 'origin'>): readonly SecretHit[];
  /** Hexadecimal MD5 of a file, as `ImagePackage.md5sums` has them; undefined without content, or where nobody asked for it. */
  md5(node: Pick<RootfsNode, 'origin'>): string | undefined;
}

export interface ViewedLayer {
  /** Of the uncompressed tar. */
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** The blob as it is stored, with its size; undefined where the form keeps none. */
  readonly descriptor: Descriptor | undefined;
  /** The entry of the config's history that made it; undefined where the history does not say. */
  readonly history: HistoryEntry | undefined;
  /** In the order of the tar, files with their sha256. */
  readonly entries: readonly LayerEntry[];
}

/** What a kernel and a loader would see of a file; nothing of it for a file that is neither program nor script. */
export interface ProgramFacts {
  readonly elf?: ElfFacts | undefined;
  /** As in content/types.ts. */
  readonly shebang?: string | undefined;
  /** It begins as an ELF file, and the tables that a loader reads are damaged. */
  readonly damaged?: boolean | undefined;
}

/** A place where something looks like a secret. Never holds the secret itself. */
export interface SecretHit {
  /** Id of the rule: `private-key`, `aws-access-key`, ... */
  readonly rule: string;
  /** Line in the text, from 1. */
  readonly line: number;
  /** What stands there with the secret struck out: `AWS_KEY=AKIA****`. */
  readonly excerpt: string;
}
