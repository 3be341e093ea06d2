import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { decodeUtf8 } from '../../util/text.ts';
import { digestSize, integrityDigest } from './integrity.ts';
import { decodeModifiedUtf8 } from './modified-utf8.ts';
import type { TrustedCertificate } from './types.ts';

/**
 * The trusted certificates of a Java key store (JKS, versions 1 and 2), in its order.
 * @throws SlimimageError KEYSTORE_INVALID for another format, a wrong password, a private key inside, damage.
 */
export function parseKeyStore(bytes: Uint8Array, password: string): readonly TrustedCertificate[] {
  if (bytes.length > limits.keystoreBytes) throw invalid(`it has more than ${limits.keystoreBytes} bytes`);
  const reader = new Reader(bytes.subarray(0, Math.max(0, bytes.length - digestSize)));
  if (reader.u32() !== 0xfeedfeed) throw invalid('it is not in the form JKS');
  const version = reader.u32();
  if (version !== 1 && version !== 2) throw invalid(`it has version ${version}`);
  const digest = integrityDigest(reader.bytes, password);
  if (digest.some((byte, index) => bytes[reader.bytes.length + index] !== byte)) {
    throw invalid('it is damaged or has another password');
  }
  const count = reader.u32();
  if (count > limits.keystoreEntries) throw invalid(`it has ${count} entries`);
  const certificates: TrustedCertificate[] = [];
  while (certificates.length < count) certificates.push(readEntry(reader, version));
  if (!reader.atEnd) throw invalid('something follows its last entry');
  return certificates;
}

function readEntry(reader: Reader, version: 1 | 2): TrustedCertificate {
  if (reader.u32() !== 2) throw invalid('it holds a private key, or what is no certificate');
  const alias = decodeModifiedUtf8(reader.string());
  const created = Math.floor(reader.milliseconds() / 1000);
  if (version === 2) {
    const type = decodeUtf8(reader.string());
    if (type !== 'X.509') throw invalid(`it holds a certificate of the kind "${type.slice(0, 40)}"`);
  }
  return { alias, created, certificate: reader.take(reader.u32()) };
}

/** Bounds-checked reads, one after the other. */
class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.bytes.length;
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.bytes.length) throw invalid('it ends too early');
    const taken = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  u32(): number {
    this.take(4);
    return this.#view.getUint32(this.#at - 4);
  }

  milliseconds(): number {
    this.take(8);
    return Number(this.#view.getBigInt64(this.#at - 8));
  }

  string(): Uint8Array {
    this.take(2);
    return this.take(this.#view.getUint16(this.#at - 2));
  }
}

function invalid(reason: string): SlimimageError {
  return new SlimimageError({ code: 'KEYSTORE_INVALID', message: `The Java key store can't be read: ${reason}` });
}
