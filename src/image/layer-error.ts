import { type ErrorCode, SlimimageError } from '../errors.ts';
import type { ImageLayer } from './types.ts';

/** What is wrong with the bytes of a layer, in contrast to networks that fail and users that stop. */
const damage: ReadonlySet<ErrorCode> = new Set([
  'DIGEST_MISMATCH',
  'DOWNLOAD_SHORT',
  'DOWNLOAD_TOO_LARGE',
  'COMPRESSION_INVALID',
  'TAR_INVALID',
  'PATH_UNSAFE',
  'OCI_INVALID',
  'LIMIT_EXCEEDED',
  'STORE',
  'IO',
]);

/** Its name in messages: with the digest of the blob, or of the tar where that is all there is. */
export function nameOfLayer({ what, descriptor, diffId }: Pick<ImageLayer, 'what' | 'descriptor' | 'diffId'>): string {
  const digest = descriptor?.digest ?? diffId;
  return digest === undefined ? what : `${what} (${digest})`;
}

/** The same error, saying which layer it is about. Whatever is not about the layer's bytes comes back as it is. */
export function namingLayer(error: unknown, what: string): unknown {
  if (!(error instanceof SlimimageError) || !damage.has(error.code) || error.message.includes(what)) return error;
  const { code, message, hint } = error;
  return new SlimimageError({ code, message: `${what}: ${message}`, hint, cause: error });
}
