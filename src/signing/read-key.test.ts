import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes, scryptSync } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import type { SlimimageEvent } from '../events.ts';
import { encodeUtf8 } from '../util/text.ts';
import { readSigningKey } from './read-key.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-keys-'));
});
after(() => rm(folder, { recursive: true }));

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1', passphrase?: string) => {
  const encrypted = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type, format: 'pem', ...encrypted }).toString();
};

const readable: Readonly<Record<string, readonly [text: string, scheme: string]>> = {
  'P-256 in PKCS#8': [pem(p256, 'pkcs8'), 'ecdsa-p256-sha256'],
  'P-256 in SEC 1, behind its parameters': [
    `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem(p256, 'sec1')}`,
    'ecdsa-p256-sha256',
  ],
  'P-384': [pem(curve('P-384'), 'pkcs8'), 'ecdsa-p384-sha256'],
  'P-521': [pem(curve('P-521'), 'pkcs8'), 'ecdsa-p521-sha256'],
  Ed25519: [pem(generateKeyPairSync('ed25519').privateKey, 'pkcs8'), 'ed25519'],
  'RSA in PKCS#1': [pem(rsa(2048), 'pkcs1'), 'rsa-pkcs1-sha256'],
  'PKCS#8 with a password': [pem(p256, 'pkcs8', 'secret'), 'ecdsa-p256-sha256'],
  "openssl's older form with a password": [pem(p256, 'sec1', 'secret'), 'ecdsa-p256-sha256'],
  "cosign's form": [cosignForm(p256, 'secret'), 'ecdsa-p256-sha256'],
  "cosign's former form": [cosignForm(p256, 'secret', { label: 'ENCRYPTED COSIGN PRIVATE KEY' }), 'ecdsa-p256-sha256'],
};

for (const [name, [text, scheme]] of Object.entries(readable)) {
  test(`a key is read: ${name}`, async () => {
    const key = await readSigningKey('env://KEY', { cwd: folder, env: { KEY: text, COSIGN_PASSWORD: 'secret' } });
    assert.equal(key.scheme, scheme);
    const message = encodeUtf8('message');
    assert.ok(key.verify(message, key.sign(message)));
    assert.ok(!key.verify(encodeUtf8('other'), key.sign(message)));
    assert.doesNotMatch(JSON.stringify(key), /PRIVATE/);
  });
}

test('a file, relative to the folder; the password of SLIMIMAGE_KEY_PASSWORD goes first', async () => {
  await writeFile(join(folder, 'cosign.key'), cosignForm(p256, 'ours'));
  const env = { SLIMIMAGE_KEY_PASSWORD: 'ours', COSIGN_PASSWORD: 'theirs' };
  const key = await readSigningKey('cosign.key', { cwd: folder, env });
  assert.equal(
    key.publicKey,
    (await readSigningKey('env://KEY', { cwd: folder, env: { KEY: pem(p256, 'sec1') } })).publicKey,
  );
});

test('an empty password hides no other, and may be the right one', async () => {
  const read = (password: string, env: Readonly<Record<string, string>>) =>
    readSigningKey('env://KEY', { cwd: folder, env: { ...env, KEY: cosignForm(p256, password) } });
  await read('theirs', { SLIMIMAGE_KEY_PASSWORD: '', COSIGN_PASSWORD: 'theirs' });
  await read('ours', { SLIMIMAGE_KEY_PASSWORD: 'ours', COSIGN_PASSWORD: '' });
  await read('', { SLIMIMAGE_KEY_PASSWORD: '' });
});

test('a warning where others can read a key without a password', async () => {
  const file = join(folder, 'open.pem');
  const read = async (text: string, mode: number) => {
    const events: SlimimageEvent[] = [];
    await writeFile(file, text);
    await chmod(file, mode);
    await readSigningKey(file, { cwd: folder, env: { COSIGN_PASSWORD: '' }, onEvent: (event) => events.push(event) });
    return events.map((event) => (event.type === 'warning' ? event.message : event.type));
  };
  assert.deepEqual(await read(pem(p256, 'pkcs8'), 0o644), [`Everybody on this machine can read the key ${file}`]);
  assert.deepEqual(await read(pem(p256, 'pkcs8'), 0o600), []);
  assert.deepEqual(await read(cosignForm(p256, ''), 0o644), []);
});

const publicPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const refused: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  'a public key': [publicPem, /no private key: it holds PEM text of type PUBLIC KEY/],
  'no PEM': ['secret words', /no private key: it holds no PEM text/],
  'an OpenSSH key': ['-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----\n', /OpenSSH/],
  'a damaged key': ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /can't be read/],
  'a wrong password': [pem(p256, 'pkcs8', 'other'), /The password does not open the key/],
  "a wrong password of cosign's form": [cosignForm(p256, 'other'), /The password does not open the key/],
  'another curve': [pem(curve('secp256k1'), 'pkcs8'), /can't sign images: it is a key of kind ec secp256k1/],
  'another kind': [pem(generateKeyPairSync('x25519').privateKey, 'pkcs8'), /of kind x25519/],
  'a short RSA key': [pem(rsa(1024), 'pkcs8'), /1024 bits is too short/],
  'scrypt with more memory than is given': [cosignForm(p256, 'secret', { claimedN: 2 ** 30 }), /too large/],
  'scrypt with an odd cost': [cosignForm(p256, 'secret', { claimedN: 1000 }), /form that cosign writes/],
};

for (const [name, [text, message]] of Object.entries(refused)) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(
      readSigningKey('env://KEY', { cwd: folder, env: { KEY: text, COSIGN_PASSWORD: 'secret' } }),
      (error) => {
        assert.ok(isSlimimageError(error, 'KEY_INVALID'));
        assert.match(error.message, message);
        assert.ok(error.hint);
        assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/);
        return true;
      },
    );
  });
}

test('what is not there is said: a file, a variable, a password, a service', async () => {
  const env = { KEY: pem(p256, 'pkcs8', 'x') };
  const messages = ['missing.key', 'env://MISSING', 'env://KEY', 'awskms://key'].map((text) =>
    readSigningKey(text, { cwd: folder, env }).then(
      () => 'read',
      (error) => error.message,
    ),
  );
  assert.deepEqual(await Promise.all(messages), [
    'There is no key missing.key',
    'There is no key in the variable MISSING',
    'The key env://KEY has a password',
    'awskms://key is no file',
  ]);
});

test('fuzz: whatever a key file holds, it is read or refused', async () => {
  const labels = ['PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];
  const sealed = fc.json().map((json) => Buffer.from(json).toString('base64'));
  const text = fc
    .tuple(fc.constantFrom(...labels), fc.oneof(sealed, fc.base64String(), fc.string()))
    .map(([label, body]) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`);
  const property = fc.asyncProperty(fc.oneof(text, fc.string()), async (KEY) => {
    await readSigningKey('env://KEY', { cwd: folder, env: { KEY, COSIGN_PASSWORD: 'x' } }).catch((error) => {
      assert.ok(isSlimimageError(error, 'KEY_INVALID'), String(error));
    });
  });
  await fc.assert(property, { numRuns: 200 });
});

/** As cosign writes it, with a cheaper scrypt. */
function cosignForm(
  key: KeyObject,
  password: string,
  options: { readonly label?: string; readonly claimedN?: number } = {},
): string {
  const { label = 'ENCRYPTED SIGSTORE PRIVATE KEY', claimedN = 1024 } = options;
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const secret = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 });
  const ciphertext = xsalsa20poly1305(secret, nonce).encrypt(key.export({ type: 'pkcs8', format: 'der' }));
  const form = {
    kdf: { name: 'scrypt', params: { N: claimedN, r: 8, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  };
  return `-----BEGIN ${label}-----\n${Buffer.from(JSON.stringify(form)).toString('base64')}\n-----END ${label}-----\n`;
}
