/** Public keys that signatures of images are held against. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { schemeOf } from './signing-key.ts';
import type { VerifyingKey } from './types.ts';

export interface ReadVerifyingKeyOptions {
  /** Folder that a relative path is relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Bytes: RSA keys of 16384 bits have 13 kB. */
const maxKeyBytes = 64 * 1024;
const inVariable = 'env://';

/**
 * Reads a public key as PEM (SubjectPublicKeyInfo or PKCS#1, as openssl and `cosign generate-key-pair` write it), or the public part of a
 * private key that has no password. Kinds as those that sign.
 * @param text path of the file, or `env://NAME` for a variable that holds the PEM itself
 * @throws SlimimageError KEY_INVALID
 */
export async function readVerifyingKey(text: string, options: ReadVerifyingKeyOptions): Promise<VerifyingKey> {
  const pem = text.startsWith(inVariable)
    ? (options.env[text.slice(inVariable.length)] ?? '')
    : await readKeyFile(text, options.cwd);
  const key = publicKeyOf(pem, text);
  const { scheme, hash } = schemeOf(key, `The key ${text}`);
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    name: text,
    scheme,
    hint: createHash('sha256').update(der).digest('base64'),
    verify: (bytes, signature) => verify(hash, bytes, key, signature),
  };
}

async function readKeyFile(text: string, cwd: string): Promise<string> {
  const file = resolve(cwd, text);
  try {
    const stats = await stat(file);
    if (stats.isFile() && stats.size <= maxKeyBytes) return await readFile(file, 'utf8');
  } catch (cause) {
    throw invalid(`The key ${text} can't be read`, cause);
  }
  throw invalid(`${text} is no key`);
}

function publicKeyOf(pem: string, name: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw invalid(`${name} is no public key in PEM`, cause);
  }
}

function invalid(message: string, cause?: unknown): SlimimageError {
  return new SlimimageError({
    code: 'KEY_INVALID',
    message,
    hint: 'Name the file of a public key as PEM, cosign.pub for one, or env://NAME; "openssl pkey -in KEY -pubout" makes it of a private key.',
    cause,
  });
}
