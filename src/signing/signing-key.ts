import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { SlimimageError } from '../errors.ts';
import type { SignatureScheme, SigningKey } from './types.ts';

/**
 * @param name the key's, for messages
 * @throws SlimimageError KEY_INVALID where images are not signed with keys of this kind
 */
export function signingKey(key: KeyObject, name: string): SigningKey {
  const { scheme, hash } = schemeOf(key, name);
  const publicKey = createPublicKey(key);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    scheme,
    hint: createHash('sha256').update(der).digest('base64'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => sign(hash, bytes, key),
    verify: (bytes, signature) => verify(hash, bytes, publicKey, signature),
  };
}

interface Scheme {
  readonly scheme: SignatureScheme;
  /** Null where the scheme has its own. */
  readonly hash: string | null;
}

/** SHA-256 for every curve: what `cosign verify --key` takes, whatever the curve is. */
const curves: Readonly<Record<string, Scheme>> = {
  prime256v1: { scheme: 'ecdsa-p256-sha256', hash: 'sha256' },
  secp384r1: { scheme: 'ecdsa-p384-sha256', hash: 'sha256' },
  secp521r1: { scheme: 'ecdsa-p521-sha256', hash: 'sha256' },
};

/** Bits; what is below is broken or nearly so (NIST SP 800-131A). */
const minRsaBits = 2048;

export function schemeOf(key: KeyObject, name: string): Scheme {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return { scheme: 'ed25519', hash: null };
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    if (bits < minRsaBits) throw unusable(name, `an RSA key of ${bits} bits is too short`);
    return { scheme: 'rsa-pkcs1-sha256', hash: 'sha256' };
  }
  const curve = details?.namedCurve ?? '';
  const scheme = type === 'ec' && Object.hasOwn(curves, curve) ? curves[curve] : undefined;
  if (scheme !== undefined) return scheme;
  throw unusable(name, `it is a key of kind ${[type, curve].join(' ').trim()}`);
}

function unusable(name: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'KEY_INVALID',
    message: `${name} can't sign images: ${reason}`,
    hint: 'Keys are ECDSA on P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits and more; "cosign generate-key-pair" makes one.',
  });
}
