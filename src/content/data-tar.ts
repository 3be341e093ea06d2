import { SlimimageError } from '../errors.ts';
import type { TarHandler } from '../formats/tar/reader.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import { confinePath } from '../rootfs/path.ts';
import type { Spool, SpooledFile } from './spool.ts';
import type { UsrLayout } from './types.ts';
import { placeDirectory, placePath } from './usr-merge.ts';

/** A member of data.tar with its place in the image, its content in the spool. */
export interface DataMember {
  readonly path: string;
  readonly header: TarHeader;
  /** hardlink: the placed path of its target. */
  readonly hardlinkTo: string | undefined;
  /** Set once the member has been read; regular files only. */
  content: SpooledFile | undefined;
}

export interface DataTarOptions {
  readonly layout: UsrLayout;
  readonly spool: Spool;
  /** Package file, for messages. */
  readonly label: string;
}

/** Receives a package's data.tar: every path confined and placed, every content spooled. */
export class DataTar implements TarHandler {
  /** By placed path. */
  readonly members = new Map<string, DataMember>();
  readonly #options: DataTarOptions;
  #current: DataMember | undefined;

  constructor(options: DataTarOptions) {
    this.#options = options;
  }

  entry(header: TarHeader): void {
    this.#current = undefined;
    const { layout } = this.#options;
    const path = confinePath(header.path, { absolute: 'strip' });
    if (path === '') return;
    if (header.type === 'character' || header.type === 'block') {
      throw this.#invalid(`/${path} is a device node`);
    }
    const member: DataMember = {
      path: header.type === 'directory' ? placeDirectory(path, layout) : placePath(path, layout),
      header,
      hardlinkTo: header.type === 'hardlink' ? this.#linkTarget(header, path) : undefined,
      content: undefined,
    };
    this.#current = member;
    const earlier = this.members.get(member.path);
    if (earlier === undefined || replaces(member, earlier)) this.members.set(member.path, member);
    else if (!replaces(earlier, member)) throw this.#invalid(`/${member.path} is in it twice`);
  }

  data(bytes: Uint8Array): void {
    this.#options.spool.append(bytes);
  }

  entryEnd(): void {
    const member = this.#current;
    if (member === undefined || member.header.type !== 'file') return;
    member.content = this.#options.spool.finishFile();
  }

  #linkTarget(header: TarHeader, path: string): string {
    const target = placePath(confinePath(header.linkTarget ?? '', { absolute: 'strip' }), this.#options.layout);
    const file = this.members.get(target);
    if (file === undefined || (file.header.type !== 'file' && file.header.type !== 'hardlink')) {
      throw this.#invalid(`/${path} is a hard link to /${target}, which is no file before it`);
    }
    // A link to a link means the file behind both.
    return file.hardlinkTo ?? target;
  }

  #invalid(what: string): SlimimageError {
    return new SlimimageError({ code: 'DEB_INVALID', message: `${this.#options.label}: ${what}` });
  }
}

/**
 * Two members at one place: the same folder listed twice, or, in a merged layout, `/bin/x` beside a compatibility
 * link `/usr/bin/x`, where the file is meant.
 */
function replaces(later: DataMember, earlier: DataMember): boolean {
  if (later.header.type === 'directory') return earlier.header.type === 'directory';
  return earlier.header.type === 'symlink' && later.header.type !== 'symlink';
}
