/**
 * The framing of armored OpenPGP text: where a clearsigned document's text begins and ends, and the blocks of a
 * file of keys. No cryptography: what is framed here is not yet verified.
 *
 * RFC 9580, sections 6.2 (armor) and 7 (cleartext signature framework).
 */
import { SlimimageError } from '../../errors.ts';

export interface Clearsigned {
  /** The text between the headers and the signature, dash-unescaped, without the trailing white space that no signature covers. */
  readonly text: string;
  /** The armored signature block, from its first dash to its last. */
  readonly signature: string;
}

const beginSigned = '-----BEGIN PGP SIGNED MESSAGE-----';
const beginSignature = '-----BEGIN PGP SIGNATURE-----';
const endSignature = '-----END PGP SIGNATURE-----';

/**
 * Takes a clearsigned document apart. Stricter than gpgv, as apt is: nothing before the first line and nothing after
 * the last, for text outside the signed block is how unsigned text is smuggled in.
 *
 * @param name what the text is, for messages.
 * @throws SlimimageError SIGNATURE_INVALID
 */
export function splitClearsigned(document: string, name: string): Clearsigned {
  const lines = document.split('\n').map(withoutTrailingSpace);
  if (lines[0] !== beginSigned) {
    throw malformed(name, 'it does not begin with a signed message', 'does the network ask for a log-in?');
  }
  let at = 1;
  for (; lines[at] !== ''; at++) {
    const line = lines[at];
    if (line === undefined || !line.startsWith('Hash: ')) throw malformed(name, 'its armor has an unexpected header');
  }
  const first = at + 1;
  const end = lines.indexOf(beginSignature, first);
  if (end < 0) throw malformed(name, 'it has no signature');
  const last = lines.indexOf(endSignature, end);
  if (last < 0) throw malformed(name, 'its signature is cut off');
  for (let after = last + 1; after < lines.length; after++) {
    if (lines[after] !== '') throw malformed(name, 'text follows the signature');
  }
  const text = lines.slice(first, end).map((line) => unescapeDash(line, name));
  return { text: text.join('\n'), signature: `${lines.slice(end, last + 1).join('\n')}\n` };
}

/**
 * The armored public key blocks of a file of keys, in order; text between them is ignored, as gpg does. A file may
 * hold several.
 *
 * @throws SlimimageError SIGNATURE_INVALID where a block has no end.
 */
export function splitKeyBlocks(armored: string, name: string): readonly string[] {
  const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
  const end = '-----END PGP PUBLIC KEY BLOCK-----';
  const blocks: string[] = [];
  for (let at = armored.indexOf(begin); at >= 0; ) {
    const stop = armored.indexOf(end, at);
    if (stop < 0) throw malformed(name, 'a key block is cut off');
    blocks.push(`${armored.slice(at, stop + end.length)}\n`);
    at = armored.indexOf(begin, stop);
  }
  return blocks;
}

function unescapeDash(line: string, name: string): string {
  if (!line.startsWith('-')) return line;
  if (line.startsWith('- ')) return line.slice(2);
  throw malformed(name, 'a line of its text begins with an unescaped dash');
}

/** A loop and not a pattern: hostile lines make `/\s+$/` quadratic. */
function withoutTrailingSpace(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r'.includes(line.charAt(end - 1))) end--;
  return line.slice(0, end);
}

function malformed(name: string, reason: string, hint?: string): SlimimageError {
  return new SlimimageError({ code: 'SIGNATURE_INVALID', message: `${name} is not a signed text: ${reason}`, hint });
}
