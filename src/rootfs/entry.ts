/**
 * One path of a file tree. `path` is relative to the root, without leading or trailing slash, `/`-separated,
 * without `.` or `..` components; the root itself is ''.
 */
export interface EntryMetadata {
  readonly path: string;
  /** Permission bits with set-user-id, set-group-id and sticky: 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly mtime: number;
  /** Extended attributes by full name (`security.capability`); values as bytes. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
}

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

export interface TreeEntry extends EntryMetadata {
  readonly type: EntryType;
  /** Bytes of a file's content; 0 for every other type. */
  readonly size: number;
  /** symlink: the text of the link. hardlink: the path (as `path` above) of the file it shares. */
  readonly linkTarget?: string | undefined;
  readonly deviceMajor?: number | undefined;
  readonly deviceMinor?: number | undefined;
}

/** An entry of a layer's tar, in the order of the tar. */
export interface LayerEntry extends TreeEntry {
  /** Regular files: byte offset of the content in the uncompressed tar. */
  readonly offset?: number | undefined;
  /** Regular files: hexadecimal sha256 of the content, where it was computed. */
  readonly sha256?: string | undefined;
}
