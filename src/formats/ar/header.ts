import { SlimimageError } from '../../errors.ts';
import { decodeByteText } from '../../util/byte-text.ts';

/** One member of an ar file. */
export interface ArMember {
  /** Without the slash that some writers put at its end. */
  readonly name: string;
  /** Bytes of content. */
  readonly size: number;
  /** Offset of the content from the start of the ar file, in bytes. */
  readonly offset: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** `!<arch>\n`, the first bytes of every ar file. */
export const arMagic = '!<arch>\n';
export const arHeaderSize = 60;

/** Where a member's header is: `offset` in bytes from the start, `what` names the ar file in messages. */
export interface ArHeaderPlace {
  readonly offset: number;
  readonly what: string;
}

/**
 * Reads a member header: deb(5), "common archive format" of ar(5).
 * Long names (GNU `//`, BSD `#1/`) and symbol tables have no place in a package and are refused.
 * @throws SlimimageError AR_INVALID.
 */
export function parseArHeader(header: Uint8Array, place: ArHeaderPlace): ArMember {
  const invalid = (what: string) => invalidAr(`${place.what}: member at byte ${place.offset}: ${what}`);
  if (header.length < arHeaderSize || header[58] !== 0x60 || header[59] !== 0x0a) {
    throw invalid('not a member header');
  }
  const text = (offset: number, length: number) => decodeByteText(header.subarray(offset, offset + length)).trimEnd();
  const number = (name: string, range: readonly [offset: number, length: number], radix: 8 | 10): number => {
    const digits = text(...range);
    if (digits === '' && name !== 'size') return 0;
    if (!(radix === 8 ? /^[0-7]+$/ : /^[0-9]+$/).test(digits)) throw invalid(`its ${name} is no number`);
    return Number.parseInt(digits, radix);
  };
  const name = text(0, 16).replace(/\/$/, '');
  if (!/^[!-.0-~][ -.0-~]*$/.test(name)) {
    throw invalid(`the name ${JSON.stringify(text(0, 16))} is not one that a package can have`);
  }
  return {
    name,
    size: number('size', [48, 10], 10),
    offset: place.offset + arHeaderSize,
    mtime: number('time', [16, 12], 10),
    uid: number('owner', [28, 6], 10),
    gid: number('group', [34, 6], 10),
    mode: number('mode', [40, 8], 8),
  };
}

/** Offset of the header after a member: contents begin at even offsets. */
export function nextArHeader(member: ArMember): number {
  return member.offset + member.size + (member.size % 2);
}

export function invalidAr(message: string): SlimimageError {
  return new SlimimageError({ code: 'AR_INVALID', message });
}
