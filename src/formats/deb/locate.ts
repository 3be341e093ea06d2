import { SlimimageError } from '../../errors.ts';
import { decodeUtf8 } from '../../util/text.ts';
import { arHeaderSize, arMagic, invalidAr, nextArHeader, parseArHeader } from '../ar/header.ts';
import type { CompressionFormat } from '../compression/detect.ts';
import { DebMembers, debVersionBytes } from './members.ts';

/** A tar inside a .deb: `size` bytes at `offset` of the file. */
export interface DebPart {
  readonly offset: number;
  readonly size: number;
  readonly compression: CompressionFormat;
}

export interface DebParts {
  readonly control: DebPart;
  readonly data: DebPart;
}

export interface DebSource {
  /** Names the package in messages. */
  readonly what: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** `length` bytes from `offset` on, always within `size`. */
  read(offset: number, length: number): Uint8Array;
}

/**
 * Where the control and data tars of a .deb are. Reads headers only, so the cost does not grow with the package.
 * @throws SlimimageError AR_INVALID, DEB_INVALID.
 */
export function locateDebParts(source: DebSource): DebParts {
  const { what, size } = source;
  if (size < arMagic.length || decodeUtf8(source.read(0, arMagic.length)) !== arMagic) {
    throw invalidAr(`${what}: not an ar file`);
  }
  const members = new DebMembers(what);
  const parts: Partial<Record<'control' | 'data', DebPart>> = {};
  let at = arMagic.length;
  for (let count = 0; at < size; count++) {
    if (count === maxMembers) {
      throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${what}: more than ${maxMembers} members` });
    }
    if (at + arHeaderSize > size) throw invalidAr(`${what}: cut off in the header at byte ${at}`);
    const member = parseArHeader(source.read(at, arHeaderSize), { offset: at, what });
    if (member.offset + member.size > size) throw invalidAr(`${what}: cut off in ${member.name}`);
    const meaning = members.next(member.name);
    if (meaning.type === 'version') {
      members.checkVersion(source.read(member.offset, Math.min(member.size, debVersionBytes)));
    } else if (meaning.type !== 'ignored') {
      parts[meaning.type] = { offset: member.offset, size: member.size, compression: meaning.compression };
    }
    at = nextArHeader(member);
  }
  members.end();
  const { control, data } = parts;
  if (control === undefined || data === undefined) {
    throw new SlimimageError({ code: 'DEB_INVALID', message: `${what} is not a Debian package: a tar is missing` });
  }
  return { control, data };
}

const maxMembers = 1000;
