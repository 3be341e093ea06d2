import assert from 'node:assert/strict';
import { isSlimimageError } from '../../errors.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { readTarSync } from './events.ts';
import { checksums, field } from './layout.ts';
import { writeOctal } from './numbers.ts';
import { encodePaxRecords } from './pax.ts';
import type { TarReaderOptions } from './reader.ts';
import type { TarHeader } from './types.ts';
import { encodeTarEntry, endOfTar, type TarEntryInput, tarPadding } from './writer.ts';

export const plain = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 } as const;

export interface Member {
  readonly header: TarHeader;
  readonly content: Uint8Array;
}

export function pack(...members: readonly (readonly [TarEntryInput, (Uint8Array | string)?])[]): Uint8Array {
  const chunks = members.flatMap(([input, given = new Uint8Array(0)]) => {
    const content = typeof given === 'string' ? encodeUtf8(given) : given;
    return [encodeTarEntry({ ...input, size: content.length }), content, tarPadding(content.length)];
  });
  return Buffer.concat([...chunks, endOfTar()]);
}

export function unpack(bytes: Uint8Array, options: TarReaderOptions & { readonly chunkSize?: number } = {}): Member[] {
  const chunkSize = options.chunkSize ?? bytes.length;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize));
  const members: { header: TarHeader; parts: Uint8Array[]; ended: boolean }[] = [];
  for (const event of readTarSync(chunks, options)) {
    if (event.type === 'entry') members.push({ header: event.header, parts: [], ended: false });
    const last = members.at(-1);
    assert(last !== undefined);
    if (event.type === 'data') last.parts.push(event.bytes.slice());
    if (event.type === 'entry-end') last.ended = true;
  }
  assert(members.every(({ ended }) => ended));
  return members.map(({ header, parts }) => ({ header, content: Buffer.concat(parts) }));
}

/** A header block with any field, checksum put right. */
export function rawHeader(
  fields: Partial<Record<keyof typeof field, string | Uint8Array>>,
  options: { signed?: boolean } = {},
): Uint8Array {
  const block = new Uint8Array(512);
  const all = {
    name: 'x',
    mode: '0000644',
    uid: '0',
    gid: '0',
    size: '0',
    mtime: '0',
    typeflag: '0',
    magic: 'ustar\x0000',
    ...fields,
  };
  for (const [name, value] of Object.entries(all)) {
    block.set(typeof value === 'string' ? Buffer.from(value, 'latin1') : value, field[name as keyof typeof field][0]);
  }
  const sums = checksums(block);
  writeOctal(block, [field.checksum[0], 7], options.signed ? sums.signed : sums.unsigned);
  return block;
}

export function withContent(header: Uint8Array, content: Uint8Array): Uint8Array {
  return Buffer.concat([header, content, tarPadding(content.length)]);
}

export function tar(...blocks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([...blocks, endOfTar()]);
}

export function paxHeader(records: Record<string, string>, typeflag = 'x'): Uint8Array {
  const content = encodePaxRecords(new Map(Object.entries(records).map(([key, value]) => [key, encodeUtf8(value)])));
  return withContent(rawHeader({ typeflag, size: content.length.toString(8) }), content);
}

export function refused(code: string, pattern: RegExp) {
  return (error: unknown) => {
    assert(isSlimimageError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };
}
