import { concatBytes } from '../util/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { SecretScanner } from './secret-scanner.ts';
import type { FoundSecret, SecretPlace } from './types.ts';

/** Stands where a secret stood; no rule takes it for one. */
const struckOut = encodeUtf8('****');

/** A look finds some hundreds; a text with more is looked at again. */
const mostLooks = 40;

/** Lines of a key that nothing ends. */
const longestKey = 16 * 1024;

const scanner = new SecretScanner();

/** A text as it may be shown: the secrets that rules find in it struck out. */
export function strikeText(text: string, options: { readonly where: SecretPlace }): string {
  const bytes = encodeUtf8(text);
  const struck = strikeBytes(bytes, options);
  return struck === bytes ? text : decodeUtf8(struck);
}

/**
 * The same of bytes, which are themselves where nothing is struck out. Every line stays a line.
 * @param options.path of the file, relative to the root: some rules are about files of one name
 */
export function strikeBytes(
  bytes: Uint8Array,
  { where, path = '' }: { readonly where: SecretPlace; readonly path?: string },
): Uint8Array {
  let shown = bytes;
  for (let look = 0; look < mostLooks; look++) {
    scanner.begin(path, where);
    scanner.data(shown);
    const places = scanner.endPlaces();
    if (places.length === 0) return shown;
    shown = withoutPlaces(shown, places);
  }
  return withoutPlaces(shown, [{ start: 0, end: shown.length }]);
}

function withoutPlaces(bytes: Uint8Array, places: readonly Pick<FoundSecret, 'start' | 'end'>[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const place of places) {
    const { start, end } = extentOf(bytes, place);
    if (start < done) continue;
    parts.push(bytes.subarray(done, start));
    done = end;
    parts.push(...struckLines(bytes.subarray(start, end)));
  }
  parts.push(bytes.subarray(done));
  return concatBytes(parts);
}

/** Of a key all that its armour holds. */
function extentOf(
  bytes: Uint8Array,
  { start, end }: Pick<FoundSecret, 'start' | 'end'>,
): Pick<FoundSecret, 'start' | 'end'> {
  const head = decodeUtf8(bytes.subarray(start, end));
  const last = /^-----BEGIN /.test(head)
    ? '-----END '
    : /^PuTTY-User-Key-File-/.test(head)
      ? 'Private-MAC: '
      : undefined;
  if (last === undefined) return { start, end: endOfWord(bytes, end) };
  const rest = String.fromCharCode(...bytes.subarray(end, end + longestKey));
  const at = rest.indexOf(last);
  return { start: end, end: end + (at < 0 ? rest.length : at) };
}

/** Rules look at the beginning of a long secret. */
function endOfWord(bytes: Uint8Array, end: number): number {
  let to = end;
  while (to < bytes.length && /[\w+/=-]/.test(String.fromCharCode(bytes[to] ?? 0))) to++;
  return to;
}

/** One mark for each line. */
function struckLines(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  while (from < bytes.length) {
    const newline = bytes.indexOf(10, from);
    const to = newline < 0 ? bytes.length : newline;
    if (to > from) parts.push(struckOut);
    if (newline >= 0) parts.push(bytes.subarray(newline, newline + 1));
    from = to + 1;
  }
  return parts;
}
