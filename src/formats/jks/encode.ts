import { concatBytes } from '../../util/bytes.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { integrityDigest } from './integrity.ts';
import { encodeModifiedUtf8 } from './modified-utf8.ts';
import type { TrustedCertificate } from './types.ts';

/** A Java key store (JKS, version 2) of trusted certificates, in the order given. */
export function encodeKeyStore(certificates: readonly TrustedCertificate[], password: string): Uint8Array {
  const content = concatBytes([
    u32(0xfeedfeed),
    u32(2),
    u32(certificates.length),
    ...certificates.flatMap(({ alias, created, certificate }) => [
      u32(2),
      string(encodeModifiedUtf8(alias)),
      milliseconds(created),
      string(encodeUtf8('X.509')),
      u32(certificate.length),
      certificate,
    ]),
  ]);
  return concatBytes([content, integrityDigest(content, password)]);
}

function string(bytes: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function milliseconds(seconds: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(seconds) * 1000n);
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
