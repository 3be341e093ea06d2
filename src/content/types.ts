import type { ElfFacts } from '../formats/elf/facts.ts';
import type { Compression } from '../oci/compression.ts';
import type { FileReach } from '../prune/facts.ts';
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
  /** Regular files: byte offset of the content in the fragment file; -1 for every other type. */
  readonly offset: number;
  readonly elf?: ElfFacts | undefined;
  /** It begins as an ELF file, and no loader could load it. */
  readonly damaged?: true | undefined;
  /** A script's interpreter: the text after `#!`, trimmed. */
  readonly shebang?: string | undefined;
  readonly reach?: FileReach | undefined;
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
  /** path -> hexadecimal MD5, for regular files and hard links in `entries`, configuration files included. */
  readonly md5sums: Readonly<Record<string, string>>;
  readonly conffiles: readonly string[];
  /** preinst, postinst, prerm, postrm, config, triggers, shlibs, symbols: control member name -> text. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly fragment: FragmentFacts;
}

/** A run of bytes of a file. */
export type FileRange = readonly [offset: number, length: number];

/** Describes a tar fragment (no end-of-archive blocks) that lies in a file in parts. */
export interface FragmentFacts {
  /** Bytes of the tar. */
  readonly size: number;
  readonly crc32: number;
  /**
   * Where the tar's bytes are in the file, in the tar's order. Large files of a package lie where they arrived, so that
   * they are written and compressed while the rest is still being unpacked. Compression starts anew at each range.
   */
  readonly ranges: readonly FileRange[];
}

/**
 * The compressed form of a fragment: a range for each of the fragment's. gzip: raw deflate blocks ended by a sync
 * flush, to be placed between one gzip header and trailer. zstd: whole frames.
 */
export interface CompressedFragment {
  readonly file: string;
  readonly ranges: readonly FileRange[];
}

/** A converted .deb in the local store. */
export interface Content {
  /** Hexadecimal key: deb sha256, converter version, layout, filters. */
  readonly key: string;
  readonly index: ContentIndex;
  /** File with the uncompressed fragment, in `index.fragment.ranges`. */
  readonly fragmentPath: string;
  /** Undefined for `none`. */
  readonly compressed: CompressedFragment | undefined;
}
