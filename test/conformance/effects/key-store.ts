import { createHash, X509Certificate } from 'node:crypto';

/**
 * The trusted certificates of a Java key store (JKS, the form that ca-certificates-java writes), as sorted SHA-256
 * fingerprints; undefined for anything else.
 */
export function trustedCertificates(bytes: Uint8Array): readonly string[] | undefined {
  const view = Buffer.from(bytes);
  if (view.length < 12 || view.readUInt32BE(0) !== 0xfeedfeed) return undefined;
  let at = 4;
  const number = () => {
    at += 4;
    return view.readUInt32BE(at - 4);
  };
  const text = () => {
    const length = view.readUInt16BE(at);
    at += 2 + length;
    return view.subarray(at - length, at).toString();
  };
  const version = number();
  const fingerprints: string[] = [];
  for (let left = number(); left > 0; left--) {
    const tag = number();
    text();
    at += 8;
    if (tag !== 2) return undefined;
    if (version === 2) text();
    const length = number();
    const certificate = new X509Certificate(view.subarray(at, at + length));
    fingerprints.push(createHash('sha256').update(certificate.raw).digest('hex'));
    at += length;
  }
  return fingerprints.sort();
}
