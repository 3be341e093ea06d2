import { createHash } from 'node:crypto';
import { SlimimageError } from '../errors.ts';
import type { TarHandler } from '../formats/tar/reader.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import { tarPadding } from '../formats/tar/writer.ts';
import { confinePath } from '../rootfs/path.ts';
import type { FragmentPart, FragmentWriter } from './fragment-writer.ts';
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
  content: MemberContent | undefined;
}

/** A small file waits in the spool; a large one lies in the fragment already, with its padding, as a part of its own. */
export type MemberContent =
  | ({ readonly type: 'spooled' } & SpooledFile)
  | { readonly type: 'placed'; readonly size: number; readonly sha256: string; readonly part: FragmentPart };

/**
 * Files from this size on are written and compressed while they are unpacked, each as a part of its own. Part of the
 * format: it says where compression starts anew. A quarter of a megabyte costs less than 1 % of size.
 */
const largeFile = 256 * 1024;

export interface DataTarOptions {
  readonly layout: UsrLayout;
  readonly spool: Spool;
  readonly writer: FragmentWriter;
  /** Does a path stay in the image? */
  readonly keeps: (path: string) => boolean;
  /** Package file, for messages. */
  readonly label: string;
}

/** Receives a package's data.tar: every path confined and placed, every content spooled or written. */
export class DataTar implements TarHandler {
  /** By placed path. */
  readonly members = new Map<string, DataMember>();
  readonly #options: DataTarOptions;
  #current: DataMember | undefined;
  #large: ReturnType<typeof createHash> | undefined;

  constructor(options: DataTarOptions) {
    this.#options = options;
  }

  entry(header: TarHeader): void {
    this.#current = undefined;
    const { layout, label } = this.#options;
    const path = confinePath(header.path, { absolute: 'strip', what: label });
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
    const large = header.type === 'file' && header.size >= largeFile && this.#options.keeps(member.path);
    this.#large = large ? createHash('sha256') : undefined;
    const earlier = this.members.get(member.path);
    if (earlier === undefined || replaces(member, earlier)) this.members.set(member.path, member);
    else if (!replaces(earlier, member)) throw this.#invalid(`/${member.path} is in it twice`);
  }

  data(bytes: Uint8Array): void {
    if (this.#large === undefined) this.#options.spool.append(bytes);
    else {
      this.#large.update(bytes);
      this.#options.writer.write(bytes);
    }
  }

  entryEnd(): void {
    const member = this.#current;
    if (member === undefined || member.header.type !== 'file') return;
    const { spool, writer } = this.#options;
    if (this.#large === undefined) {
      member.content = { type: 'spooled', ...spool.finishFile() };
      return;
    }
    writer.write(tarPadding(member.header.size));
    const part = writer.endPart() as FragmentPart;
    member.content = { type: 'placed', size: member.header.size, sha256: this.#large.digest('hex'), part };
    this.#large = undefined;
  }

  #linkTarget(header: TarHeader, path: string): string {
    const { layout, label } = this.#options;
    const target = placePath(confinePath(header.linkTarget ?? '', { absolute: 'strip', what: label }), layout);
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
