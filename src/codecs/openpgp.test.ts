import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import * as openpgp from 'openpgp';
import { isSlimimageError } from '../errors.ts';
import { encodeUtf8 } from '../util/text.ts';
import { type KeyFile, readKeyFile, verifyClearsigned, verifyDetached } from './openpgp.ts';

const fixtures = new URL('../../../shared/fixtures/apt-oracle-bookworm/', import.meta.url);
const skip = existsSync(fixtures) ? false : 'fixtures apt-oracle-bookworm are missing';
const keysFolder = new URL('../../keys/debian/', import.meta.url);
const debianKeys: readonly KeyFile[] = readdirSync(keysFolder).map((name) => ({
  name,
  bytes: readFileSync(new URL(name, keysFolder)),
}));
const day = new Date('2026-11-21T00:00:00Z');

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(name, fixtures));
}

describe('InRelease files of Debian', { skip }, () => {
  for (const [suite, signers] of [
    ['bookworm', ['04B54C3C', '4D64FEC1', 'B8B80B5B']],
    ['bookworm-updates', ['04B54C3C', 'B8B80B5B']],
    ['bookworm-security', ['05AB9034']],
  ] as const) {
    test(`${suite}_InRelease verifies with the clock set to 2026-11-21`, async () => {
      const verified = await verifyClearsigned(fixture(`${suite}_InRelease`), debianKeys, { date: day, name: suite });
      assert.deepEqual(
        verified.fingerprints.map((fingerprint) => fingerprint.slice(0, 8)),
        signers,
      );
      assert.match(verified.text, new RegExp(`^Origin: Debian\n(.*\n)*Codename: ${suite}\n`));
      assert.equal(verified.from, day.getTime() / 1000);
      assert.ok(verified.until !== undefined && verified.until > verified.from);
    });
  }

  test('tampered_InRelease never verifies', async () => {
    for (const date of ['2023-06-10', '2026-07-12', '2026-11-21', '2030-01-01']) {
      await refused(
        verifyClearsigned(fixture('tampered_InRelease'), debianKeys, { date: new Date(date), name: 'x' }),
        'SIGNATURE_INVALID',
      );
    }
  });

  test('every single byte of the text counts', async () => {
    const bytes = new Uint8Array(fixture('bookworm-updates_InRelease'));
    for (const at of [60, 1000, 5000]) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await refused(verifyClearsigned(changed, debianKeys, { date: day, name: 'x' }), 'SIGNATURE_INVALID');
    }
  });

  test('the keyring of another distribution does not vouch', async () => {
    const name = 'ubuntu-archive-2018.asc';
    const ubuntu = { name, bytes: readFileSync(new URL(`../ubuntu/${name}`, keysFolder)) };
    const error = await refused(
      verifyClearsigned(fixture('bookworm_InRelease'), [ubuntu], { date: day, name: 'dists/bookworm/InRelease' }),
      'SIGNATURE_UNKNOWN_KEY',
    );
    assert.match(error.message, /dists\/bookworm\/InRelease is signed by 6ED0E7B82643E131/);
    assert.match(error.hint ?? '', /signed-by/);
  });

  test('a keyring in binary form works too', async () => {
    const ring = { name: 'debian-archive-keyring.gpg', bytes: fixture('debian-archive-keyring.gpg') };
    const verified = await verifyClearsigned(fixture('bookworm_InRelease'), [ring], { date: day, name: 'x' });
    assert.ok(verified.fingerprints.length >= 1);
  });
});

describe('signatures made here', () => {
  const made = new Date('2024-01-01T00:00:00Z');
  const text = 'Origin: Test\nDate: x\n- dash\n';
  let signer: openpgp.PrivateKey;
  let other: openpgp.PrivateKey;
  let expiring: openpgp.PrivateKey;

  before(async () => {
    signer = await generate('signer', 0);
    other = await generate('other', 0);
    expiring = await generate('expiring', 365 * 86_400);
  });

  test('one trusted signature among unknown ones is enough', async () => {
    const document = await clearsign(text, [other, signer], made);
    const { fingerprints } = await verifyClearsigned(document, [trust(signer)], { date: day, name: 'x' });
    assert.deepEqual(fingerprints, [signer.getFingerprint().toUpperCase()]);
    await refused(verifyClearsigned(document, [trust(expiring)], { date: day, name: 'x' }), 'SIGNATURE_UNKNOWN_KEY');
    await refused(verifyClearsigned(document, [], { date: day, name: 'x' }), 'SIGNATURE_UNKNOWN_KEY');
  });

  test('a wrong signature of a trusted key refuses the text even beside a good one', async () => {
    const good = await signaturesOf(await clearsignText(text, [signer], made));
    const bad = await signaturesOf(await clearsignText('Origin: x\n', [other], made));
    const document = encodeUtf8(cleartext(text, [...good, ...bad]).armor());
    const options = { date: day, name: 'x' };
    assert.ok(await verifyClearsigned(document, [trust(signer)], options));
    await refused(verifyClearsigned(document, [trust(signer), trust(other)], options), 'SIGNATURE_INVALID');
  });

  test('a key that has expired by the date is not trusted, as gpgv does (EXPKEYSIG)', async () => {
    const document = await clearsign(text, [expiring], made);
    const before = new Date('2024-06-01T00:00:00Z');
    const verified = await verifyClearsigned(document, [trust(expiring)], { date: before, name: 'x' });
    assert.equal(verified.until, made.getTime() / 1000 + 365 * 86_400);
    const error = await refused(
      verifyClearsigned(document, [trust(expiring)], { date: day, name: 'x' }),
      'SIGNATURE_INVALID',
    );
    assert.match(error.message, /expired/i);
  });

  test('a signature from the future is refused', async () => {
    const document = await clearsign(text, [signer], new Date('2026-11-22T00:00:00Z'));
    await refused(verifyClearsigned(document, [trust(signer)], { date: day, name: 'x' }), 'RELEASE_NOT_YET_VALID');
  });

  test('SHA-1 and MD5 vouch for nothing', async () => {
    const options = { type: 'rsa', rsaBits: 2048, userIDs: { name: 'rsa' }, date: made, format: 'object' } as const;
    const { privateKey } = await openpgp.generateKey(options);
    for (const hash of [openpgp.enums.hash.sha1, openpgp.enums.hash.md5]) {
      const document = await weaklySigned(text, privateKey, hash, made);
      const error = await refused(
        verifyClearsigned(document, [trust(privateKey)], { date: day, name: 'x' }),
        'SIGNATURE_INVALID',
      );
      assert.match(error.message, /insecure/i);
    }
  });

  test('a detached signature, armored or binary', async () => {
    const data = encodeUtf8('Origin: Test\n\xe9\r\n');
    const message = await openpgp.createMessage({ binary: data });
    const options = { date: day, name: 'Release', keys: [trust(signer)] };
    const shape = { message, signingKeys: signer, detached: true as const, date: made };
    const armored = encodeUtf8(await openpgp.sign({ ...shape, format: 'armored' }));
    const binary = await openpgp.sign({ ...shape, format: 'binary' });
    for (const signature of [armored, binary]) {
      assert.equal((await verifyDetached(data, signature, options)).fingerprints.length, 1);
      await refused(verifyDetached(encodeUtf8('Origin: Evil\n'), signature, options), 'SIGNATURE_INVALID');
      await refused(verifyDetached(data, signature, { ...options, keys: [trust(other)] }), 'SIGNATURE_UNKNOWN_KEY');
    }
    await refused(verifyDetached(data, new Uint8Array(), options), 'SIGNATURE_INVALID');
    await refused(verifyDetached(data, encodeUtf8('<html>'), options), 'SIGNATURE_INVALID');
  });

  test('a file without a key is the configuration’s mistake', async () => {
    for (const bytes of [new Uint8Array(), encodeUtf8('hello'), new Uint8Array([0x99, 1, 2, 3])]) {
      await refused(readKeyFile({ name: 'archive.asc', bytes }), 'CONFIG_INVALID');
    }
  });

  test('fuzz: damaged documents throw only SlimimageError', async () => {
    const document = await clearsign(text, [signer], made);
    const key = trust(signer);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(document.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        async (changes) => {
          const changed = document.slice();
          for (const [at, value] of changes) changed[at] = value;
          try {
            const { text: signed } = await verifyClearsigned(changed, [key], { date: day, name: 'fuzz' });
            assert.equal(signed.trimEnd(), text.trimEnd());
          } catch (error) {
            if (!isSlimimageError(error)) throw error;
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a packet of a kind that nobody knows is a malformed signature', async () => {
    const document = await clearsignText(text, [signer], made);
    const packets = document.replace(/(SIGNATURE-----\n\n)w/, '$1B');
    assert.notEqual(packets, document);
    await assert.rejects(
      verifyClearsigned(encodeUtf8(packets), [trust(signer)], { date: day, name: 'strange' }),
      (error) => isSlimimageError(error, 'SIGNATURE_INVALID'),
    );
  });

  async function generate(name: string, keyExpirationTime: number): Promise<openpgp.PrivateKey> {
    const options = { type: 'ecc', curve: 'ed25519Legacy', userIDs: { name }, date: made, format: 'object' } as const;
    return (await openpgp.generateKey({ ...options, keyExpirationTime })).privateKey;
  }
});

function trust(key: openpgp.PrivateKey): KeyFile {
  return { name: 'test', bytes: encodeUtf8(key.toPublic().armor()) };
}

async function clearsign(text: string, signingKeys: openpgp.PrivateKey[], date: Date): Promise<Uint8Array> {
  return encodeUtf8(await clearsignText(text, signingKeys, date));
}

async function clearsignText(text: string, signingKeys: openpgp.PrivateKey[], date: Date): Promise<string> {
  const message = await openpgp.createCleartextMessage({ text });
  return openpgp.sign({ message, signingKeys, date, format: 'armored' });
}

/** The library never signs with a weak hash of its own accord, so the packet is made by hand. */
async function weaklySigned(
  text: string,
  key: openpgp.PrivateKey,
  hashAlgorithm: openpgp.enums.hash,
  date: Date,
): Promise<Uint8Array> {
  const data = (await openpgp.createMessage({ text: text.trimEnd().replaceAll('\n', '\r\n') })).packets[0];
  const packet = Object.assign(new openpgp.SignaturePacket(), {
    signatureType: openpgp.enums.signature.text,
    hashAlgorithm,
    publicKeyAlgorithm: key.keyPacket.algorithm,
  }) as unknown as { sign(key: unknown, data: unknown, date: Date, detached: boolean, config: unknown): Promise<void> };
  await packet.sign(key.keyPacket, data, date, true, {
    ...openpgp.config,
    nonDeterministicSignaturesViaNotation: false,
  });
  return encodeUtf8(cleartext(text.trimEnd(), [packet]).armor());
}

/** The library's types do not declare the constructor's parameters. */
function cleartext(text: string, packets: readonly unknown[]): openpgp.CleartextMessage {
  const list = new openpgp.PacketList();
  (list as unknown as unknown[]).push(...packets);
  const Message = openpgp.CleartextMessage as unknown as new (
    text: string,
    signature: openpgp.Signature,
  ) => openpgp.CleartextMessage;
  return new Message(text, new openpgp.Signature(list as openpgp.PacketList<openpgp.SignaturePacket>));
}

async function signaturesOf(document: string): Promise<readonly unknown[]> {
  const message = await openpgp.readCleartextMessage({ cleartextMessage: document });
  return [...(message as unknown as { signature: { packets: unknown[] } }).signature.packets];
}

async function refused(promise: Promise<unknown>, code: string) {
  try {
    await promise;
  } catch (error) {
    assert.ok(isSlimimageError(error), `${error}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`expected ${code}`);
}
