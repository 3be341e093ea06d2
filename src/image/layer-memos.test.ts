import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LayerEntry } from '../rootfs/entry.ts';
import { decodeByteText } from '../util/byte-text.ts';
import { digestOf, sha256Hex } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';
import { decodeIndex, encodeIndex } from './layer-index-memo.ts';
import { textReader } from './layer-texts.ts';

const metadata = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 };
const entries: readonly LayerEntry[] = [
  { path: '', type: 'directory', ...metadata, size: 0 },
  { path: 'a', type: 'file', ...metadata, size: 1, offset: 1024, sha256: sha256Hex('a') },
  { path: 'of 10 GB', type: 'file', ...metadata, size: 1e10, offset: 2 ** 40, sha256: sha256Hex('b') },
  { path: 'before 1970', type: 'file', ...metadata, mtime: -86_400, size: 0, offset: 0, sha256: sha256Hex('') },
  { path: decodeByteText(Uint8Array.of(0xff, 0x2f, 0xc3)), type: 'symlink', ...metadata, size: 0, linkTarget: 'x//y' },
];
const index = { entries, diffId: digestOf('tar'), size: 12_345 };
const texts = new Map([
  [3, encodeUtf8('root:x:0:0\n')],
  [70_000, new Uint8Array()],
]);

/** Bytes of a memo with some of them changed, cut off or doubled. */
function damaged(whole: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
  return fc
    .record({ changes: fc.array(change, { maxLength: 4 }), end: fc.nat(whole.length), repeated: fc.boolean() })
    .map(({ changes, end, repeated }) => {
      const bytes = Uint8Array.from(whole);
      for (const { at, byte } of changes) bytes[at] = byte;
      return repeated ? Uint8Array.from([...bytes, ...bytes.subarray(end)]) : bytes.subarray(0, end);
    });
}

describe('what is remembered of a layer', () => {
  it('comes back as it was', () => {
    assert.deepEqual(decodeIndex(encodeIndex(index)), index);
    assert.deepEqual(decodeIndex(encodeIndex({ ...index, entries: [] })), { ...index, entries: [] });
    assert.deepEqual(textReader.decode(textReader.encode(texts)), texts);
  });

  it('is forgotten where it is damaged, or something that can be used', () => {
    fc.assert(
      fc.property(damaged(encodeIndex(index)), (bytes) => {
        for (const entry of decodeIndex(bytes)?.entries ?? []) assert.equal(typeof entry.path, 'string');
      }),
    );
    fc.assert(
      fc.property(damaged(textReader.encode(texts) as Uint8Array), (bytes) => {
        for (const text of textReader.decode(bytes)?.values() ?? []) assert.ok(text instanceof Uint8Array);
      }),
    );
    fc.assert(
      fc.property(fc.anything(), (value) => {
        assert.equal(decodeIndex(value), undefined);
        assert.equal(textReader.decode(value), undefined);
      }),
    );
  });
});
