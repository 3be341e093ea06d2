import { SlimimageError } from '../errors.ts';
import { derElement } from '../formats/x509/der.ts';
import { decodeUtf8 } from '../util/text.ts';

/**
 * Checks that a text holds one or more X.509 certificates in PEM (RFC 7468) and no other PEM block: above all no
 * private key, which would end up in an image for everybody to read.
 * @throws SlimimageError SOURCE_INVALID naming the file, never its content.
 */
export function checkCertificates(text: string, file: string): void {
  if (/PRIVATE KEY/.test(text)) {
    throw problem(
      `"${file}" holds a private key`,
      'Keep only the certificate in it: an image is readable for everybody who can pull it',
    );
  }
  const blocks = pemBlocks(text, file);
  if (blocks.length === 0) {
    throw problem(
      `"${file}" holds no certificate in PEM form`,
      'Convert it: openssl x509 -inform der -in FILE -out FILE.crt',
    );
  }
  for (const { label, body } of blocks) {
    if (label === 'TRUSTED CERTIFICATE') {
      throw problem(
        `"${file}" is in OpenSSL's own "trusted certificate" form`,
        'Convert it: openssl x509 -in FILE -out FILE.crt',
      );
    }
    if (label !== 'CERTIFICATE' && label !== 'X509 CERTIFICATE') {
      throw problem(`"${file}" holds a "${label.slice(0, 40)}"`, 'Keep only certificates in it');
    }
    if (!isCertificate(body)) throw problem(`"${file}" holds a damaged certificate`, 'Export the certificate again');
  }
}

export interface PemCertificate {
  readonly der: Uint8Array;
  /** The same without line breaks. */
  readonly base64: string;
}

/** The certificates of a file as OpenSSL finds them, whatever else is around them; what it can't decode is left out. */
export function pemCertificates(content: Uint8Array): readonly PemCertificate[] {
  const blocks = decodeUtf8(content).matchAll(/^-----BEGIN (?:X509 )?CERTIFICATE-----\s([^-]*)^-----END /gm);
  return [...blocks].flatMap(([, body = '']) => {
    const base64 = body.replace(/\s+/g, '');
    const der = decodeBase64(base64);
    return der === undefined ? [] : [{ der, base64 }];
  });
}

interface PemBlock {
  readonly label: string;
  readonly body: string;
}

function pemBlocks(text: string, file: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const mark = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----\s*$/.exec(line);
    if (mark === null) {
      open?.lines.push(line);
    } else if (mark[1] === 'BEGIN' && open === undefined) {
      open = { label: mark[2] ?? '', lines: [] };
    } else if (mark[1] === 'END' && open !== undefined && open.label === mark[2]) {
      blocks.push({ label: open.label, body: open.lines.join('') });
      open = undefined;
    } else {
      throw problem(`"${file}" has a "${mark[1]}" line out of place`, 'Export the certificate again');
    }
  }
  if (open !== undefined) throw problem(`"${file}" ends inside a certificate`, 'Export the certificate again');
  return blocks;
}

/** One DER SEQUENCE that fills the block and starts with another one: Certificate ::= SEQUENCE { tbsCertificate, ... }. */
function isCertificate(body: string): boolean {
  const der = decodeBase64(body.replace(/\s+/g, ''));
  if (der === undefined) return false;
  const outer = derElement(der, 0, der.length);
  if (outer?.tag !== 0x30 || outer.end !== der.length) return false;
  const inner = derElement(der, outer.start, outer.end);
  return inner?.tag === 0x30 && inner.end < outer.end;
}

function decodeBase64(text: string): Uint8Array | undefined {
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const decoded = atob(text);
  const bytes = new Uint8Array(decoded.length);
  // A bundle has 200 kB: a callback for each byte takes ten times as long.
  for (let index = 0; index < bytes.length; index++) bytes[index] = decoded.charCodeAt(index);
  return bytes;
}

function problem(message: string, hint: string): SlimimageError {
  return new SlimimageError({ code: 'SOURCE_INVALID', message: `The certificate file ${message}`, hint });
}
