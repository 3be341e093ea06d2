import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeKeyStore } from '../formats/jks/encode.ts';
import { parseKeyStore } from '../formats/jks/parse.ts';
import { javaTrustStore } from './java-trust-store.ts';
import { effectInput } from './testing.ts';

/** The smallest DER that has a certificate's outline. */
function certificate(n: number): string {
  const der = Buffer.from([0x30, 0x05, 0x30, 0x00, 0x02, 0x01, n]);
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

const mozilla = { 'usr/share/ca-certificates/mozilla/Some Root.crt': certificate(1) };
const extra = { certificates: [{ name: 'Corp.pem', text: certificate(2) + certificate(3) }] };

test('every trusted certificate is in the store, those of the configuration too', () => {
  const packages = [{ name: 'ca-certificates-java' }];
  const [entry] = javaTrustStore(effectInput({ tree: mozilla, packages, settings: extra }));
  assert.equal(entry?.path, 'etc/ssl/certs/java/cacerts');
  assert.deepEqual(
    parseKeyStore(entry.content as Uint8Array, 'changeit').map(({ alias, created, certificate }) => {
      return [alias, created, certificate.at(-1)];
    }),
    [
      ['debian:corp.pem', 1_700_000_000, 2],
      ['debian:corp.pem-2', 1_700_000_000, 3],
      ['debian:some_root.pem', 1_700_000_000, 1],
    ],
  );
});

test('a runtime that links to the store has one; without Java there is none; one that is there stays', () => {
  const link = { type: 'symlink', linkTarget: '/etc/ssl/certs/java/cacerts' } as const;
  const runtime = { 'usr/lib/jvm/java-21/lib/security/cacerts': link };
  assert.equal(javaTrustStore(effectInput({ tree: { ...mozilla, ...runtime } })).length, 1);
  assert.deepEqual(javaTrustStore(effectInput({ tree: mozilla, settings: extra })), []);
  const own = { ...mozilla, ...runtime, 'etc/ssl/certs/java/cacerts': 'mine' };
  assert.deepEqual(javaTrustStore(effectInput({ tree: own })), []);
});

test('on another image, certificates of the configuration join its store', () => {
  const entry = { alias: 'debian:old.pem', created: 1, certificate: Uint8Array.of(0x30, 0) };
  const store = encodeKeyStore([entry], 'changeit');
  const on = (settings: object) => {
    const existing = { passwd: '', group: '' };
    const input = effectInput({ tree: { 'etc/ssl/certs/java/cacerts': '' }, settings: { existing, ...settings } });
    return javaTrustStore({ ...input, tree: { ...input.tree, read: () => store } });
  };
  const made = parseKeyStore(on(extra)[0]?.content as Uint8Array, 'changeit');
  assert.deepEqual(
    made.map(({ alias }) => alias),
    ['debian:corp.pem', 'debian:corp.pem-2', 'debian:old.pem'],
  );
  assert.deepEqual(on({}), []);
});
