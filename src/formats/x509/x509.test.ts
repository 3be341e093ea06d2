import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { lacking } from '../../../test/support/need.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { derChildren, derElement, derEncode } from './der.ts';
import { nameHash } from './name-hash.ts';
import { certificateSubject } from './subject.ts';

const commonName = Uint8Array.of(0x06, 3, 0x55, 4, 3);
const organisation = Uint8Array.of(0x06, 3, 0x55, 4, 10);

test('texts that are alike have one hash, whatever their type', () => {
  const hash = nameHash(name([attribute(commonName, 0x13, 'Example Root')]));
  assert.match(hash ?? '', /^[0-9a-f]{8}$/);
  for (const [tag, text] of [
    [0x0c, ' example   ROOT\t'],
    [0x16, 'Example\nroot'],
    [0x14, 'EXAMPLE ROOT'],
    [0x1e, [...'Example Root'].flatMap((letter) => [0, letter.charCodeAt(0)])],
    [0x1c, [...'Example Root'].flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)])],
  ] as const) {
    assert.equal(nameHash(name([attribute(commonName, tag, text)])), hash, String(text));
  }
  assert.notEqual(nameHash(name([attribute(organisation, 0x13, 'Example Root')])), hash);
});

test('a set has one order', () => {
  const one = [attribute(commonName, 0x0c, 'a'), attribute(organisation, 0x0c, 'b')];
  assert.equal(nameHash(name(one)), nameHash(name(one.toReversed())));
});

test('names that are none have no hash', () => {
  assert.equal(nameHash(Uint8Array.of()), undefined);
  assert.equal(nameHash(name([attribute(commonName, 0x0c, [0xff])])), undefined);
  assert.equal(nameHash(name([attribute(commonName, 0x1e, [0])])), undefined);
  assert.equal(nameHash(name([attribute(commonName, 0x1e, [0xd8, 0])])), undefined);
});

test('hashes of certificates are those of OpenSSL', { skip: lacking({ commands: ['openssl'] }) }, () => {
  const subjects = [
    '/C=DE/O=  Beispiel   GmbH /CN=Wurzel',
    '/C=HU/O=NetLock/CN=Főtanúsítvány',
    '/O=Two+CN=in one+OU=set',
    '/CN=emailer/emailAddress=ROOT@Example.org',
  ];
  for (const subject of subjects) {
    const options = ['-subj', subject, '-utf8', '-multivalue-rdn', '-nodes', '-keyout', '/dev/null', '-outform', 'der'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const made = spawnSync('openssl', ['req', '-x509', ...key, ...options]);
    assert.equal(made.status, 0, String(made.stderr));
    const asked = spawnSync('openssl', ['x509', '-inform', 'der', '-noout', '-hash'], { input: made.stdout });
    const found = certificateSubject(made.stdout);
    assert.ok(found !== undefined);
    assert.equal(nameHash(found), String(asked.stdout).trim(), subject);
  }
});

test('any bytes are elements or undefined', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const element = derElement(bytes, 0, bytes.length);
      if (element !== undefined) derChildren(bytes, element);
      certificateSubject(derEncode(0x30, bytes));
      nameHash(derEncode(0x30, bytes));
    }),
    { numRuns: 5000 },
  );
});

test('lengths of every size', () => {
  for (const size of [0, 127, 128, 255, 256, 70_000]) {
    const bytes = derEncode(0x04, new Uint8Array(size));
    const element = derElement(bytes, 0, bytes.length);
    assert.equal((element?.end ?? 0) - (element?.start ?? 0), size);
    assert.equal(derElement(bytes, 0, bytes.length - 1), undefined);
  }
});

/** One set of attributes. */
function name(attributes: readonly Uint8Array[]): Uint8Array {
  return derEncode(0x30, derEncode(0x31, Buffer.concat(attributes)));
}

function attribute(type: Uint8Array, tag: number, text: string | readonly number[]): Uint8Array {
  const content = typeof text === 'string' ? encodeUtf8(text) : Uint8Array.from(text);
  return derEncode(0x30, Buffer.concat([type, derEncode(tag, content)]));
}
