/** Keys to sign with, from a file or the environment. What a message says of one is where it was looked for, never what is in it. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import type { OnEvent } from '../events.ts';
import { openCosignKey } from './cosign-key.ts';
import { signingKey } from './signing-key.ts';
import type { SigningKey } from './types.ts';

export interface ReadKeyOptions {
  /** Folder that a relative path is relative to. */
  readonly cwd: string;
  /** SLIMIMAGE_KEY_PASSWORD, else COSIGN_PASSWORD, opens an encrypted key. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Reads a private key as PEM: PKCS#8 (encrypted or not), SEC 1, PKCS#1, or as `cosign generate-key-pair` writes it. ECDSA on P-256, P-384,
 * P-521, Ed25519, RSA of 2048 bits and more.
 *
 * @param text path of the file, or `env://NAME` for a variable that holds the PEM itself
 * @throws SlimimageError KEY_INVALID
 */
export async function readSigningKey(text: string, options: ReadKeyOptions): Promise<SigningKey> {
  const pem = text.startsWith(inVariable) ? readVariable(text, options) : await readKeyFile(text, options);
  const blocks = [...pem.matchAll(pemBlock)].map(([block, label = '', body = '']) => ({ block, label, body }));
  // openssl writes the curve's parameters before the key.
  const found = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (found === undefined)
    throw noPrivateKey(
      text,
      blocks.map(({ label }) => label),
    );
  return signingKey(await openKey(found, { ...options, name: text }), `The key ${text}`);
}

const inVariable = 'env://';
const pemBlock = /-----BEGIN ([A-Z0-9 ]{1,60})-----([\s\S]*?)-----END \1-----/g;
const cosignLabels = ['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY'];
const passwordVariables = ['SLIMIMAGE_KEY_PASSWORD', 'COSIGN_PASSWORD'];

/** Bytes: RSA keys of 16384 bits have 13 kB. */
const maxKeyBytes = 64 * 1024;

function readVariable(text: string, { env }: ReadKeyOptions): string {
  const name = text.slice(inVariable.length);
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw invalid(`There is no key in the variable ${name}`, `Set ${name} to the PEM text of the key.`);
}

async function readKeyFile(text: string, { cwd, onEvent }: ReadKeyOptions): Promise<string> {
  if (/^[a-z][a-z0-9]*:\/\//.test(text)) {
    throw invalid(
      `${text} is no file`,
      'Only keys in files and variables (env://NAME) can sign; keys of services and tokens are for cosign.',
    );
  }
  const { pem, mode } = await readText(resolve(cwd, text), text);
  // A key with a password is closed to others by that.
  if ((mode & 0o004) !== 0 && !pem.includes('ENCRYPTED')) {
    onEvent?.({
      type: 'warning',
      message: `Everybody on this machine can read the key ${text}`,
      hint: `Close it to them with "chmod 600 ${text}".`,
    });
  }
  return pem;
}

async function readText(file: string, name: string): Promise<{ readonly pem: string; readonly mode: number }> {
  try {
    const { size, mode } = await stat(file);
    if (size <= maxKeyBytes) return { pem: await readFile(file, 'utf8'), mode };
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const message = missing ? `There is no key ${name}` : `The key ${name} can't be read`;
    throw invalid(
      message,
      'Name the file of a private key, or env://NAME; "cosign generate-key-pair" makes one.',
      cause,
    );
  }
  throw invalid(`${name} is too large for a key`, 'Name the file of a private key.');
}

interface OpenKeyOptions extends ReadKeyOptions {
  readonly name: string;
}

async function openKey(
  { block, label, body }: { readonly block: string; readonly label: string; readonly body: string },
  options: OpenKeyOptions,
): Promise<KeyObject> {
  const { name } = options;
  if (label === 'OPENSSH PRIVATE KEY') {
    throw invalid(`${name} is a key in OpenSSH's own form`, `Turn a copy into PEM: ssh-keygen -p -m PKCS8 -f ${name}`);
  }
  if (cosignLabels.includes(label)) {
    const der = await openCosignKey(Buffer.from(body, 'base64'), { password: passwordFor(options), name });
    return createKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }, `The key ${name} can't be read`);
  }
  if (!label.startsWith('ENCRYPTED') && !body.includes('ENCRYPTED')) {
    return createKey({ key: block, format: 'pem' }, `The key ${name} can't be read`);
  }
  const passphrase = passwordFor(options);
  return createKey({ key: block, format: 'pem', passphrase }, `The password does not open the key ${name}`);
}

function createKey(input: Parameters<typeof createPrivateKey>[0], problem: string): KeyObject {
  try {
    return createPrivateKey(input);
  } catch (cause) {
    throw invalid(
      problem,
      'Give the right password in SLIMIMAGE_KEY_PASSWORD or COSIGN_PASSWORD, or another key.',
      cause,
    );
  }
}

function passwordFor({ env, name }: OpenKeyOptions): string {
  const passwords = passwordVariables.flatMap((variable) => env[variable] ?? []);
  // A secret that a pipeline lacks is an empty variable there; and a key may have the empty password.
  const password = passwords.find((value) => value !== '') ?? passwords[0];
  if (password !== undefined) return password;
  throw invalid(`The key ${name} has a password`, 'Give it in the variable SLIMIMAGE_KEY_PASSWORD or COSIGN_PASSWORD.');
}

function noPrivateKey(name: string, [label]: readonly string[]): SlimimageError {
  const held = label === undefined ? 'no PEM text' : `PEM text of type ${label}`;
  return invalid(
    `${name} is no private key: it holds ${held}`,
    'Name the private key, as PEM: "cosign generate-key-pair" calls it cosign.key.',
  );
}

function invalid(message: string, hint: string, cause?: unknown): SlimimageError {
  return new SlimimageError({ code: 'KEY_INVALID', message, hint, cause });
}
