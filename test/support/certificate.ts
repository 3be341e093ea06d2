import { generateKeyPairSync, sign } from 'node:crypto';

/** A self-signed certificate for a TLS server on loopback, made anew so that no private key lies in the repository. */
export interface TestCertificate {
  /** PEM */
  readonly key: string;
  /** PEM; also the CA to trust. */
  readonly certificate: string;
}

/** For 127.0.0.1 and `localhost`. X.509 v3 (RFC 5280), P-256, valid from 2020 to 2049. */
export function makeCertificate(): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('550403'), tlv(0x0c, Buffer.from('slimimage test')))));
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const names = sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.from([127, 0, 0, 1])));
  const isCa = sequence(tlv(0x01, Buffer.from([0xff])));
  const body = sequence(
    tlv(0xa0, integer(2)), // v3
    integer(1),
    algorithm,
    name,
    sequence(tlv(0x17, Buffer.from('200101000000Z')), tlv(0x17, Buffer.from('491231235959Z'))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(extension('551d11', names), extension('551d13', isCa))), // subjectAltName, basicConstraints
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const base64 = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return tlv(0x31, Buffer.concat(parts));
}

/** `hex`: the encoded arcs. */
function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function integer(value: number): Buffer {
  return tlv(0x02, Buffer.from([value]));
}

function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
