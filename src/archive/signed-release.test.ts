import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { buildSuite, makeSigner } from '../../test/support/archive-server.ts';
import { failsWith } from '../../test/support/http-client.ts';
import type { Memo } from '../store/memo.ts';
import { MemoryMemo } from '../store/memory-memo.ts';
import { encodeUtf8 } from '../util/text.ts';
import { type SignedDocument, verifyRelease } from './signed-release.ts';

const date = new Date('2026-11-21T00:00:00Z');
let document: SignedDocument;
let keys: { readonly files: readonly { name: string; bytes: Uint8Array }[]; readonly id: string };

before(async () => {
  const signer = await makeSigner('test');
  const { files } = await buildSuite({ components: { main: [] }, signers: [signer] });
  document = { bytes: files.get('dists/trixie/InRelease') ?? new Uint8Array(), signature: undefined };
  keys = { files: [{ name: 'test', bytes: encodeUtf8(signer.toPublic().armor()) }], id: 'these keys' };
});

test('a verdict is remembered: the second time no key is even looked at', async () => {
  const memo = new MemoryMemo();
  const first = await verifyRelease(document, { keys, date, name: 'x', memo });
  const second = await verifyRelease(document, { keys: { files: [], id: keys.id }, date, name: 'x', memo });
  assert.deepEqual(second, first);
});

test('a verdict holds for these bytes, these keys and from this day on only', async () => {
  const memo = new MemoryMemo();
  await verifyRelease(document, { keys, date, name: 'x', memo });
  const none = { files: [], id: keys.id };
  const other = { bytes: Uint8Array.from([...document.bytes, 10]), signature: undefined };
  const earlier = new Date('2026-11-20T12:00:00Z');
  await failsWith(
    'SIGNATURE_UNKNOWN_KEY',
    verifyRelease(document, { keys: { files: [], id: 'others' }, date, name: 'x', memo }),
  );
  await failsWith('SIGNATURE_UNKNOWN_KEY', verifyRelease(other, { keys: none, date, name: 'x', memo }));
  await failsWith('SIGNATURE_UNKNOWN_KEY', verifyRelease(document, { keys: none, date: earlier, name: 'x', memo }));
});

test('nothing is remembered of a refusal, and a damaged memory is no verdict', async () => {
  const memo = new MemoryMemo();
  const changed = { bytes: document.bytes.map((byte, at) => (at === 60 ? byte ^ 1 : byte)), signature: undefined };
  await failsWith('SIGNATURE_INVALID', verifyRelease(changed, { keys, date, name: 'x', memo }));
  const none = { files: [], id: keys.id };
  await assert.rejects(verifyRelease(changed, { keys: none, date, name: 'x', memo }));
  const lying: Memo = {
    getBytes: async () => undefined,
    setBytes: async () => {},
    get: async () => ({ fingerprints: 'all', from: 0 }),
    set: async () => {},
    delete: async () => {},
  };
  await failsWith('SIGNATURE_UNKNOWN_KEY', verifyRelease(document, { keys: none, date, name: 'x', memo: lying }));
});
