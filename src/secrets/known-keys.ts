import { sha256Hex } from '../util/digest.ts';

/** Characters of base64 at the beginning of a key by which it is known again. */
const sample = 60;

/** Whether a key is one that everybody has, so that it protects nothing. @param base64 without line breaks */
export function isKnownKey(base64: string): boolean {
  return selfTests.has(sha256Hex(base64.slice(0, sample)).slice(0, 16));
}

/**
 * The beginnings of the SHA-256 of what they begin with. Keys with which GnuTLS tests itself (lib/crypto-selftests-pk.c): they are in
 * the library, and apt needs it.
 */
const selfTests: ReadonlySet<string> = new Set([
  'c5f148a41e440caa',
  'e62e68a65ea5519f',
  'd18051701355fe13',
  'be29376e5e5906bc',
  '95baedef88a1ea5d',
  '9ad6c3190745d72b',
  '43c1e76c98558b69',
  'b9f035cf423f3955',
  '41f5daef0b51a467',
  '6e25143e868bd722',
  'd38ebadbce18e49a',
  '4ef3e4576cd2cce6',
]);
