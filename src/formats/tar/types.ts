/** One member of a tar, as its headers describe it (PAX and GNU extensions already applied). */
export interface TarHeader {
  /** As written, any leading `./` kept; a directory's trailing slash is removed. Not yet confined: see rootfs/path.ts. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
  /** 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  /** Bytes of content that follow. */
  readonly size: number;
  /** Whole seconds since the epoch (fractions of PAX are cut off, negative allowed). */
  readonly mtime: number;
  readonly linkTarget: string | undefined;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** From `SCHILY.xattr.*` and `LIBARCHIVE.xattr.*`. */
  readonly xattrs: ReadonlyMap<string, Uint8Array> | undefined;
}
