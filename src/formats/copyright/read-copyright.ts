import { decodeUtf8Strict } from '../../util/text.ts';
import { readFreeForm } from './free-form.ts';
import { readMachineReadable } from './machine-readable.ts';
import type { CopyrightFacts } from './types.ts';

/** Raised whenever the same file would give another answer. */
export const copyrightReaderVersion = 6;

/**
 * Reads a Debian copyright file (Policy 12.5), machine-readable or free. Nothing is ever refused: what can't be read is said, and no
 * licence is guessed. Takes time in proportion to the bytes, of which the caller bounds the number.
 */
export function readCopyright(bytes: Uint8Array): CopyrightFacts {
  const text = (decodeUtf8Strict(bytes) ?? decodeLatin1(bytes)).replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  return readMachineReadable(text) ?? readFreeForm(text);
}

/** Old files are in ISO 8859-1, which has a character for every byte. */
function decodeLatin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
