import type { Detector, FoundSecret, Window } from './types.ts';

/** Keys in forms that are no text: each of a file that begins as nothing else does. */
export const keyStoreDetectors: readonly Detector[] = [
  // 1.2.840.113549.1.12.10.1.2 (RFC 7292, appendix D), with its tag and length.
  {
    keywords: ['\u0006\u000b*\u0086H\u0086÷\r\u0001\f\n\u0001\u0002'],
    foldCase: false,
    inBinaries: true,
    find: findBag,
  },
  { keywords: ['þíþí\0\0\0', 'ÎÎÎÎ\0\0\0'], foldCase: false, inBinaries: true, find: findJavaKey },
  // INTEGER 0, SEQUENCE { rsaEncryption, id-ecPublicKey or Ed25519 (RFC 5208); INTEGER 0, INTEGER of 2048, 3072, 4096 bits (RFC 8017).
  {
    keywords: [
      ...['\u0002\u0001\u00000\r\u0006\t*\u0086H\u0086÷', '\u0002\u0001\u00000\u0013\u0006\u0007*\u0086HÎ'],
      ...['\u0002\u0001\u00000\u0005\u0006\u0003+e', '\u0002\u0001\u0000\u0002\u0082\u0001\u0001\u0000'],
      ...['\u0002\u0001\u0000\u0002\u0082\u0001\u0081\u0000', '\u0002\u0001\u0000\u0002\u0082\u0002\u0001\u0000'],
    ],
    foldCase: false,
    inBinaries: true,
    find: findDer,
  },
];

/** Only in a file that begins as SEQUENCE { INTEGER 3, ... }: programs that read key stores hold the number, too. */
function findBag(window: Window, at: number): FoundSecret | undefined {
  if (at > 12 * 1024) return undefined;
  const head = window.bytes;
  const isStore = head[0] === 0x30 && head[1] === 0x82 && head[4] === 2 && head[5] === 1 && head[6] === 3;
  return isStore ? { rule: 'key-store', start: at, end: at + 13, excerpt: 'PKCS #12' } : undefined;
}

/** A SEQUENCE of which the key is the first part: the file is the key. */
function findDer({ bytes, end }: Window, at: number): FoundSecret | undefined {
  if (at < 2 || at > 4 || bytes[0] !== 0x30) return undefined;
  const long = (bytes[1] as number) & 0x7f;
  const size = at === 2 ? (bytes[1] as number) : at === 3 ? (bytes[2] as number) : twoBytes(bytes, 2);
  if (at > 2 && long !== at - 2) return undefined;
  if (at + size !== end) return undefined;
  return { rule: 'private-key', start: at, end: at + 4, excerpt: 'a key in DER' };
}

const privateKey = 1;
const certificate = 2;
const secretKey = 3;

/** JKS and JCEKS (sun.security.provider.JavaKeyStore): entries of a kind, an alias, a date, and a key or certificates. */
function findJavaKey({ bytes, end }: Window, at: number): FoundSecret | undefined {
  if (at > 0) return undefined;
  let place = 12;
  for (let entry = 0; entry < mostEntries && place + 6 < end; entry++) {
    const kind = fourBytes(bytes, place);
    if (kind === privateKey || kind === secretKey) {
      return { rule: 'key-store', start: 0, end: 4, excerpt: bytes[0] === 0xfe ? 'JKS' : 'JCEKS' };
    }
    if (kind !== certificate) return undefined;
    place += 6 + twoBytes(bytes, place + 4) + 8;
    place += 2 + twoBytes(bytes, place);
    place += 4 + fourBytes(bytes, place);
  }
  return undefined;
}

const mostEntries = 10_000;

function twoBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function fourBytes(bytes: Uint8Array, at: number): number {
  return twoBytes(bytes, at) * 0x1_0000 + twoBytes(bytes, at + 2);
}
