import { concatBytes } from '../../util/bytes.ts';
import { sha1Hex } from '../../util/digest.ts';
import { encodeUtf8 } from '../../util/text.ts';

/** Bytes of the digest at the end. */
export const digestSize = 20;

/** The SHA-1 that shows that nobody without the password has written the store (sun.security.provider.JavaKeyStore). */
export function integrityDigest(content: Uint8Array, password: string): Uint8Array {
  const secret = new Uint8Array(password.length * 2);
  for (let index = 0; index < password.length; index++) {
    secret[index * 2] = password.charCodeAt(index) >> 8;
    secret[index * 2 + 1] = password.charCodeAt(index) & 0xff;
  }
  const digits = sha1Hex(concatBytes([secret, encodeUtf8('Mighty Aphrodite'), content]));
  return Uint8Array.from({ length: digestSize }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
