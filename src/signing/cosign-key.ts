/** cosign's own form of an encrypted key: a JSON with scrypt's parameters and a NaCl secretbox around PKCS#8, in PEM. */
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { parseJson } from '../oci/parse.ts';
import { bytesOf, member } from './members.ts';

/** What a key file may ask of this machine: cosign writes N 65536, r 8, p 1, which is 64 MiB. */
const maxScryptMemory = 512 * 1024 * 1024;
const maxScryptParallel = 16;

/** Bytes of the secretbox's nonce (NaCl, crypto_secretbox). */
const nonceBytes = 24;

/**
 * The key as PKCS#8 in DER.
 * @param body of the PEM block, decoded
 * @throws SlimimageError KEY_INVALID where the form is another, or the password wrong
 */
export async function openCosignKey(
  body: Uint8Array,
  { password, name }: { readonly password: string; readonly name: string },
): Promise<Uint8Array> {
  const { salt, cost, nonce, ciphertext } = readSealedKey(body, name);
  const { N, r, p } = cost;
  const secret: Buffer = await derive(password, salt, 32, { N, r, p, maxmem: maxScryptMemory + 1024 * 1024 });
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  try {
    return xsalsa20poly1305(secret, nonce).decrypt(ciphertext);
  } catch (cause) {
    throw new SlimimageError({
      code: 'KEY_INVALID',
      message: `The password does not open the key ${name}`,
      hint: 'Give the right one in SLIMIMAGE_KEY_PASSWORD or COSIGN_PASSWORD.',
      cause,
    });
  }
}

const derive: (
  password: string,
  salt: Uint8Array,
  length: number,
  options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
) => Promise<Buffer> = promisify(scrypt);

interface SealedKey {
  readonly salt: Uint8Array;
  readonly cost: { readonly N: number; readonly r: number; readonly p: number };
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

function readSealedKey(body: Uint8Array, name: string): SealedKey {
  const value = readJson(body, name);
  const kdf = member(value, 'kdf');
  const cipher = member(value, 'cipher');
  const cost = member(kdf, 'params');
  const [N, r, p] = ['N', 'r', 'p'].map((key) => member(cost, key));
  const nonce = bytesOf(member(cipher, 'nonce'));
  const salt = bytesOf(member(kdf, 'salt'));
  const ciphertext = bytesOf(member(value, 'ciphertext'));
  if (member(kdf, 'name') !== 'scrypt' || member(cipher, 'name') !== 'nacl/secretbox') throw otherForm(name);
  if (!isCount(N) || !isCount(r) || !isCount(p) || !Number.isInteger(Math.log2(N)) || N < 2) throw otherForm(name);
  if (128 * N * r > maxScryptMemory || p > maxScryptParallel)
    throw otherForm(name, 'its scrypt parameters are too large');
  if (nonce?.length !== nonceBytes || salt === undefined || ciphertext === undefined) throw otherForm(name);
  return { salt, cost: { N, r, p }, nonce, ciphertext };
}

function readJson(body: Uint8Array, name: string): unknown {
  try {
    return parseJson(body, `the key ${name}`, {});
  } catch (cause) {
    if (!isSlimimageError(cause)) throw cause;
    throw otherForm(name, undefined, cause);
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function otherForm(name: string, reason = 'it is not in the form that cosign writes', cause?: unknown): SlimimageError {
  return new SlimimageError({
    code: 'KEY_INVALID',
    message: `The key ${name} can't be read: ${reason}`,
    hint: 'Make a new one with "cosign generate-key-pair", or take another.',
    cause,
  });
}
