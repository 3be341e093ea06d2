import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { Secret } from '../net/secret.ts';
import type { ClientCertificate } from '../net/types.ts';
import { compareStrings } from '../util/text.ts';

export interface HostCertificates {
  /** PEM certificates of CAs. */
  readonly ca: readonly string[];
  readonly clientCertificates: readonly ClientCertificate[];
}

/**
 * What lies in docker's folder of a host (`HOST:PORT/`, of the default port also `HOST/`): `*.crt` are CAs, `NAME.cert` and `NAME.key`
 * a certificate to show there (dockerd, "Verify repository client with certificates").
 * @throws SlimimageError CONFIG_INVALID where a file there is not what its name says
 */
export async function hostCertificates(origin: URL, folders: readonly string[]): Promise<HostCertificates> {
  const ca: string[] = [];
  const clientCertificates: ClientCertificate[] = [];
  for (const folder of hostFolders(origin, folders)) {
    for (const name of (await filesIn(folder)).sort(compareStrings)) {
      const file = join(folder, name);
      if (name.endsWith('.crt')) ca.push(await readCa(file));
      const shown = name.endsWith('.cert') ? await readClientCertificate(file) : undefined;
      if (shown !== undefined) clientCertificates.push(shown);
    }
  }
  return { ca, clientCertificates };
}

function hostFolders(origin: URL, folders: readonly string[]): readonly string[] {
  if (/^\.+$/.test(origin.hostname)) return [];
  const port = origin.port === '' ? (origin.protocol === 'https:' ? '443' : '80') : origin.port;
  const names = [...new Set([origin.host, `${origin.hostname}:${port}`])];
  return folders.flatMap((parent) => names.map((name) => join(parent, name)));
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Most registries have none.
    return [];
  }
}

async function readCa(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${file} holds no certificate that can be read`,
    hint: 'Each .crt file there is a PEM file of CA certificates.',
  });
}

/** @returns undefined where the key is for another user: dockerd's often is */
async function readClientCertificate(file: string): Promise<ClientCertificate | undefined> {
  const keyFile = file.replace(/\.cert$/, '.key');
  const certificate = await readFile(file, 'utf8').catch(() => '');
  const key = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => error.code ?? '');
  if (key === 'EACCES') return undefined;
  if (await isPair(certificate, key)) return { certificate, key: new Secret(key) };
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${file} and ${keyFile} are not a client's certificate and its key`,
    hint: 'Both are PEM files, the key without a password.',
  });
}

/** OpenSSL's own error is not kept: it may speak of the key. */
async function isPair(certificate: string, key: string): Promise<boolean> {
  const { createSecureContext } = await import('node:tls');
  try {
    createSecureContext({ cert: certificate, key });
    return certificate !== '' && key !== '';
  } catch {
    return false;
  }
}
