import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { encodeBundle } from './bundle.ts';
import { readBundle, signerOf } from './read-bundle.ts';
import { signingKey } from './signing-key.ts';
import { readVerifyingKey } from './verifying-key.ts';

let cwd: string;

before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'slimimage-keys-'));
});
after(() => rm(cwd, { recursive: true, force: true }));

const payloadType = 'application/vnd.in-toto+json';
const signed = { payload: encodeUtf8('{"_type":"statement"}'), payloadType };

const pairs = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ed25519: generateKeyPairSync('ed25519'),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

for (const [kind, { privateKey, publicKey }] of Object.entries(pairs)) {
  test(`a public key on ${kind} verifies what the private one signed, and says the same hint`, async () => {
    const key = signingKey(privateKey, 'The key');
    await writeFile(join(cwd, `${kind}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const read = await readVerifyingKey(`${kind}.pub`, { cwd, env: {} });
    const open = await readVerifyingKey('env://KEY', { cwd, env: { KEY: secret } });
    assert.deepEqual([read.hint, open.hint, read.scheme], [key.hint, key.hint, key.scheme]);
    const bundle = readBundle(encodeBundle(signed, key)) ?? assert.fail();
    assert.deepEqual([decodeUtf8(bundle.payload), bundle.payloadType], [decodeUtf8(signed.payload), payloadType]);
    assert.equal(signerOf(bundle, [read]), read);
    assert.equal(signerOf({ ...bundle, payload: encodeUtf8('{}') }, [read]), undefined);
    assert.equal(signerOf({ ...bundle, payloadType: 'text/plain' }, [read]), undefined);
  });
}

test('another key has not signed it', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
  const key = await readVerifyingKey('env://KEY', { cwd, env: { KEY: other.toString() } });
  const bundle = readBundle(encodeBundle(signed, signingKey(pairs['P-256'].privateKey, 'The key')));
  assert.equal(signerOf(bundle ?? assert.fail(), [key]), undefined);
});

test('what is no key, too short, or not there is refused by its name', async () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
  const env = { SHORT: short.toString(), TEXT: 'no key' };
  for (const name of ['env://SHORT', 'env://TEXT', 'env://NOTHING', 'missing.pub', '.']) {
    await assert.rejects(readVerifyingKey(name, { cwd, env }), (error) => {
      assert.ok(isSlimimageError(error, 'KEY_INVALID'), name);
      assert.ok(error.message.includes(name));
      return true;
    });
  }
});

test('fuzz: any bundle is read, or refused', () => {
  const near = fc.record({
    dsseEnvelope: fc.record({ payload: fc.base64String(), payloadType: fc.string(), signatures: fc.anything() }),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        near.map((one) => encodeUtf8(JSON.stringify(one) ?? '')),
      ),
      (bytes) => {
        try {
          readBundle(bytes);
        } catch (error) {
          assert.ok(isSlimimageError(error));
        }
      },
    ),
    { numRuns: 300 },
  );
});
