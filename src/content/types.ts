import type { ElfFacts } from '../formats/elf/facts.ts';
import type { Compression } from '../oci/compression.ts';
import type { TreeEntry } from '../rootfs/entry.ts';

export type { ElfFacts } from '../formats/elf/facts.ts';

/**
 * Where files of /bin, /sbin, /lib* go: `merged` moves them below /usr (every suite since bookworm),
 * `split` leaves them.
 */
export type UsrLayout = 'merged' | 'split';

/** Which paths of a package are left out when it is converted. Globs as in `include:`/`exclude:`; `name` and version make the key. */
export interface FilterSet {
  /** Paths (picomatch globs, without leading slash, after /usr merging) that are left out. */
  readonly exclude: readonly string[];
  /** Paths that stay although `exclude` names them. */
  readonly include: readonly string[];
}

export interface ConvertOptions {
  readonly layout: UsrLayout;
  readonly filters: FilterSet;
  readonly compression: Compression;
}

/** One path of a content. Directories have no bytes in the fragment. */
export interface ContentEntry extends TreeEntry {
  /** Set-user-id and set-group-id bits and `security.capability` that the fragment's header leaves out. */
  readonly stripped?: { readonly mode?: number | undefined; readonly capability?: string | undefined } | undefined;
  /** Regular files: hexadecimal sha256 of the content. */
  readonly sha256?: string | undefined;
  /** Owner and group names as the .deb writes them, where they are not root. */
  readonly userName?: string | undefined;
  readonly groupName?: string | undefined;
  /** Byte offset in the uncompressed fragment at which the entry's headers start; -1 for directories. */
  readonly offset: number;
  /** Bytes in the fragment: headers, content, padding. */
  readonly length: number;
  readonly elf?: ElfFacts | undefined;
  /** A script's interpreter: the text after `#!`, trimmed. */
  readonly shebang?: string | undefined;
}

export interface OmittedPath {
  readonly path: string;
  readonly size: number;
  /** Type letter as in `ls`. */
  readonly type: TreeEntry['type'];
}

/** The index of a content, stored as JSON. */
export interface ContentIndex {
  readonly format: 1;
  /** The control stanza as text, exactly as in the .deb. */
  readonly control: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Sorted by path, every one once. */
  readonly entries: readonly ContentEntry[];
  /** What the filters left out, sorted by path. */
  readonly omitted: readonly OmittedPath[];
  /** path -> hexadecimal MD5, for regular files in `entries` and the omitted. */
  readonly md5sums: Readonly<Record<string, string>>;
  readonly conffiles: readonly string[];
  /** preinst, postinst, prerm, postrm, config, triggers, shlibs, symbols: control member name -> text. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly fragment: { readonly size: number; readonly crc32: number };
}

/** A converted .deb in the local store. */
export interface Content {
  /** Hexadecimal key: deb sha256, converter version, layout, filters. */
  readonly key: string;
  readonly index: ContentIndex;
  /** File with the uncompressed tar fragment (no end-of-archive blocks). */
  readonly fragmentPath: string;
  /**
   * File with the compressed fragment. gzip: raw deflate blocks ended by a sync flush, to be placed between one
   * gzip header and trailer. zstd: whole frames. Undefined for `none`.
   */
  readonly compressedPath: string | undefined;
  readonly compressedSize: number;
}
