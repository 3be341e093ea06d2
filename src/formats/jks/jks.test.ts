import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { encodeKeyStore } from './encode.ts';
import { decodeModifiedUtf8, encodeModifiedUtf8 } from './modified-utf8.ts';
import { parseKeyStore } from './parse.ts';

const certificates = [
  { alias: 'debian:root.pem', created: 1_700_000_000, certificate: Uint8Array.of(0x30, 0) },
  { alias: 'debian:főtanúsítvány.pem', created: 0, certificate: new Uint8Array(70_000) },
];

test('what is written is read again, with the same password', () => {
  const bytes = encodeKeyStore(certificates, 'changeit');
  assert.deepEqual(parseKeyStore(bytes, 'changeit'), certificates);
  assert.throws(() => parseKeyStore(bytes, 'other'), /another password/);
  assert.deepEqual(parseKeyStore(encodeKeyStore([], 'changeit'), 'changeit'), []);
});

test('names are in the UTF-8 of Java', () => {
  for (const text of ['', 'abc', 'ő\u{1f600}\0']) assert.equal(decodeModifiedUtf8(encodeModifiedUtf8(text)), text);
  assert.deepEqual([...encodeModifiedUtf8('\0')], [0xc0, 0x80]);
});

test('any damage gives certificates or KEYSTORE_INVALID', () => {
  const whole = encodeKeyStore(certificates.slice(0, 1), 'changeit');
  const damage = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 });
  fc.assert(
    fc.property(damage, fc.nat({ max: whole.length }), (changes, length) => {
      const bytes = whole.slice(0, length);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      try {
        parseKeyStore(bytes, 'changeit');
      } catch (error) {
        assert.ok(isSlimimageError(error, 'KEYSTORE_INVALID'), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
