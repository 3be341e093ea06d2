import { readFile } from 'node:fs/promises';
import { SlimimageError } from '../errors.ts';
import type { ClientCertificate, HostTrust } from './types.ts';

/** What vouches for a server. */
export interface ServerTrust {
  /** PEM; undefined: Node's defaults. */
  readonly ca: readonly string[] | undefined;
  /** False: nothing has to. */
  readonly verify: boolean;
  readonly clientCertificates?: readonly ClientCertificate[] | undefined;
}

export interface TrustOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** PEM file, trusted beside the rest. */
  readonly caFile?: string | undefined;
  readonly systemCa?: boolean | undefined;
}

/**
 * The CA certificates to trust (PEM), or undefined where Node's defaults will do. As in OpenSSL, SSL_CERT_FILE takes the
 * place of the built-in ones; NODE_EXTRA_CA_CERTS always counts.
 * @throws SlimimageError CONFIG_INVALID where a file that was named can't be read or holds no certificate.
 */
export async function trustedCertificates(options: TrustOptions): Promise<readonly string[] | undefined> {
  const replacement = options.env['SSL_CERT_FILE'];
  const replaces = replacement !== undefined && replacement !== '';
  if (!replaces && options.caFile === undefined && options.systemCa !== true) return undefined;
  const { getCACertificates } = await import('node:tls');
  return [
    ...(replaces
      ? [await readCertificates(replacement, 'SSL_CERT_FILE'), ...getCACertificates('extra')]
      : getCACertificates('default')),
    ...(options.caFile === undefined ? [] : [await readCertificates(options.caFile, 'the CA file')]),
    ...(options.systemCa === true ? getCACertificates('system') : []),
  ];
}

export interface TlsOptions {
  readonly ca?: string[];
  readonly rejectUnauthorized?: false;
  readonly cert?: string[];
  readonly key?: string[];
}

/** As the options of a TLS connection. */
export function tlsOptions({ ca, verify, clientCertificates = [] }: ServerTrust): TlsOptions {
  return {
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(verify ? {} : { rejectUnauthorized: false }),
    ...(clientCertificates.length === 0
      ? {}
      : {
          cert: clientCertificates.map(({ certificate }) => certificate),
          key: clientCertificates.map(({ key }) => key.reveal()),
        }),
  };
}

/** The usual certificates, and a host's own beside them. */
export async function serverTrust(
  usual: readonly string[] | undefined,
  host: HostTrust | undefined,
): Promise<ServerTrust> {
  const { ca = [], verify = true, clientCertificates } = host ?? {};
  if (ca.length === 0) return { ca: usual, verify, clientCertificates };
  const { getCACertificates } = await import('node:tls');
  return { ca: [...(usual ?? getCACertificates('default')), ...ca], verify, clientCertificates };
}

/** @returns PEM. @throws SlimimageError CONFIG_INVALID where the file can't be read or holds no certificate. */
export async function readCertificates(file: string, source: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (cause) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `${source}, ${file}, can't be read`,
      hint: 'Name a PEM file of CA certificates.',
      cause,
    });
  }
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${source}, ${file}, holds no certificate`,
    hint: 'Name a PEM file of CA certificates.',
  });
}
