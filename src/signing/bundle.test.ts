import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { encodeBundle, isBundleOf } from './bundle.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import { signingKey } from './signing-key.ts';

const key = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'The key');
const signed = { payload: encodeUtf8('{"_type":"statement"}'), payloadType: 'application/vnd.in-toto+json' };

test('what is signed is the type and the payload with their lengths', () => {
  // The example of the specification (DSSE, protocol.md).
  const encoded = preAuthenticationEncoding({
    payload: encodeUtf8('hello world'),
    payloadType: 'http://example.com/HelloWorld',
  });
  assert.equal(decodeUtf8(encoded), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('a bundle has the envelope and the hint of the key, and any verifier of ECDSA can check it', () => {
  const bundle = JSON.parse(decodeUtf8(encodeBundle(signed, key)));
  const [{ sig }] = bundle.dsseEnvelope.signatures;
  assert.deepEqual(bundle, {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: key.hint } },
    dsseEnvelope: {
      payload: Buffer.from(signed.payload).toString('base64'),
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig }],
    },
  });
  const bytes = preAuthenticationEncoding(signed);
  assert.ok(verify('sha256', bytes, createPublicKey(key.publicKey), Buffer.from(sig, 'base64')));
});

test("a bundle is a key's where key, payload and type are the same and the signature is good", () => {
  const bundle = encodeBundle(signed, key);
  const other = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'The key');
  assert.ok(isBundleOf(bundle, { signed, key }));
  assert.ok(!isBundleOf(bundle, { signed, key: other }));
  assert.ok(!isBundleOf(bundle, { signed: { ...signed, payload: encodeUtf8('{}') }, key }));
  assert.ok(!isBundleOf(bundle, { signed: { ...signed, payloadType: 'text/plain' }, key }));
  const bad = JSON.parse(decodeUtf8(bundle));
  bad.dsseEnvelope.signatures[0].sig = 'AAAA';
  assert.ok(!isBundleOf(encodeUtf8(JSON.stringify(bad)), { signed, key }));
});

test('keys whose scheme has no random part sign the same bytes alike', () => {
  const ed25519 = signingKey(generateKeyPairSync('ed25519').privateKey, 'The key');
  assert.deepEqual(encodeBundle(signed, ed25519), encodeBundle(signed, ed25519));
});

test('fuzz: a bundle of others is no bundle of ours, or refused', () => {
  const { payloadType } = signed;
  const payload = Buffer.from(signed.payload).toString('base64');
  const near = fc
    .record({ signatures: fc.oneof(fc.anything(), fc.array(fc.record({ sig: fc.base64String() }))) })
    .map(({ signatures }) => ({ dsseEnvelope: { payload, payloadType, signatures } }));
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    near.map((value) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? 1 : one))),
  );
  fc.assert(
    fc.property(text, (bundle) => {
      try {
        return !isBundleOf(encodeUtf8(bundle), { signed, key });
      } catch (error) {
        return isSlimimageError(error);
      }
    }),
  );
});
