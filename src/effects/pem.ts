import { SlimimageError } from '../errors.ts';

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
  const compact = body.replace(/\s+/g, '');
  if (compact === '' || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return false;
  const der = Uint8Array.from(atob(compact), (char) => char.charCodeAt(0));
  const outer = derSequence(der, 0);
  if (outer === undefined || outer.end !== der.length) return false;
  const inner = derSequence(der, outer.start);
  return inner !== undefined && inner.end < outer.end;
}

/** Where the content of the SEQUENCE at `at` starts and ends (X.690, definite form). */
function derSequence(der: Uint8Array, at: number): { readonly start: number; readonly end: number } | undefined {
  if (der[at] !== 0x30) return undefined;
  const first = der[at + 1] ?? 0x80;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const bytes = first - 0x80;
  if (bytes === 0 || bytes > 4) return undefined;
  let length = 0;
  for (let index = 0; index < bytes; index++) length = length * 256 + (der[at + 2 + index] ?? 0);
  const start = at + 2 + bytes;
  return start + length > der.length ? undefined : { start, end: start + length };
}

function problem(message: string, hint: string): SlimimageError {
  return new SlimimageError({ code: 'SOURCE_INVALID', message: `The certificate file ${message}`, hint });
}
