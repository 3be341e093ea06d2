import { SlimimageError } from '../errors.ts';
import { TarReader } from '../formats/tar/reader.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import { confinePath } from '../rootfs/path.ts';

/** A member of a tar on disk. */
export interface TarMember {
  readonly type: TarHeader['type'];
  /** Byte offset of the content. */
  readonly offset: number;
  readonly size: number;
  readonly linkTarget: string | undefined;
}

/** Something that is read in any order. */
export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /** Fills the buffer as far as it can from that position; 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
}

const blockSize = 512;
const windowSize = 64 * 1024;
const zeros = new Uint8Array(1024 * 1024);

/**
 * Lists a tar. Contents are skipped, the parser gets zeros instead of them: so a tar of many gigabytes is listed in a
 * moment, and whoever reads a content has to check its digest. Of members with the same name the last one counts.
 *
 * @throws SlimimageError TAR_INVALID, PATH_UNSAFE, LIMIT_EXCEEDED
 */
export async function listMembers(source: RandomAccess, what: string): Promise<ReadonlyMap<string, TarMember>> {
  const members = new Map<string, TarMember>();
  let position = 0;
  let skip = 0;
  const reader = new TarReader(
    {
      entry(header) {
        const { type, size, linkTarget } = header;
        members.set(confinePath(header.path, { absolute: 'strip' }), { type, size, linkTarget, offset: position });
        skip = Math.ceil(size / blockSize) * blockSize;
      },
      data() {},
      entryEnd() {},
    },
    { what, endOptional: true },
  );
  const window = new Uint8Array(windowSize);
  let windowStart = 0;
  let windowEnd = 0;
  while (position < source.size && !reader.ended) {
    if (position < windowStart || position >= windowEnd) {
      windowStart = position;
      windowEnd = position + (await fill(source, window, position));
    }
    const block = window.slice(
      position - windowStart,
      Math.min(position - windowStart + blockSize, windowEnd - windowStart),
    );
    if (block.length === 0) throw cutOff(what);
    position += block.length;
    reader.push(block);
    if (skip > 0 && position + skip > source.size) throw cutOff(what);
    position += skip;
    for (; skip > 0; skip -= Math.min(skip, zeros.length)) reader.push(zeros.subarray(0, Math.min(skip, zeros.length)));
  }
  reader.end();
  return members;
}

async function fill(source: RandomAccess, window: Uint8Array, position: number): Promise<number> {
  let used = 0;
  while (used < window.length) {
    const read = await source.read(window.subarray(used), position + used);
    if (read === 0) break;
    used += read;
  }
  return used;
}

function cutOff(what: string): SlimimageError {
  return new SlimimageError({
    code: 'TAR_INVALID',
    message: `${what} is cut off`,
    hint: 'The file is damaged: make or fetch it again.',
  });
}
