import { entropyOf } from './entropy.ts';

/**
 * Whether a value was made by a generator: hexadecimal digits, or letters and digits that change between capitals, small letters and
 * digits, or the two latter, as no words do.
 * @param value at least 16 characters, or it is not random enough
 */
export function looksRandom(value: string): boolean {
  if (value.length < 16 || isUuid.test(value) || isName.test(value)) return false;
  if (hexadecimal.test(value)) return value.length >= 32 && entropyOf(value) >= 3;
  if (isOfSmallLetters(value)) return true;
  if (value.split(/[-_./]/).some((part) => /^[A-Z]?[a-z]{4,}$/.test(part))) return false;
  if (!/[a-z]/.test(value) || entropyOf(value) < 3.3) return false;
  if (/[A-Z]/.test(value) && value.replace(/\D/g, '').length >= 2 && entropyOf(value) >= 3.5) return true;
  if (/[A-Z]/.test(value) && !/[a-z]{5}/.test(value) && (/\d/.test(value) || value.length >= 20)) {
    return changesOf(value) >= 0.45 * value.length;
  }
  return isOfSymbols(value);
}

/** The token of JSON that has rules of its own (RFC 7519), also where it is cut off. */
export function isJsonWebToken(value: string): boolean {
  return /^eyJ[\w-]{10,}(?:\.|$)/.test(value);
}

const hexadecimal = /^(?:[0-9a-f]+|[0-9A-F]+)$/;
const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Words, dotted or joined, with a number at the end. */
const isName = /^(?:[a-z]+|[A-Z]+|[A-Za-z]+(?:[-_.:/][A-Za-z]+)+)[-_.]?\d*$/;

/** As many services make keys: in 24 of 36 characters, letters and digits change ten times. Words with numbers do not. */
function isOfSmallLetters(value: string): boolean {
  if (value.length < 24 || !/^[a-z\d]+$/.test(value) || /[a-z]{8}/.test(value)) return false;
  return entropyOf(value) >= 3.5 && changesOf(value) >= value.length / 4;
}

/** Between capitals, small letters and others: words in camel case change twice in six letters. */
function changesOf(value: string): number {
  let changes = 0;
  for (let at = 1; at < value.length; at++) if (kindOf(value[at]) !== kindOf(value[at - 1])) changes++;
  return changes;
}

function kindOf(character = ''): number {
  return character >= 'a' && character <= 'z' ? 0 : character >= 'A' && character <= 'Z' ? 1 : 2;
}

/** As Django makes keys: no capitals, but signs. */
function isOfSymbols(value: string): boolean {
  const symbols = value.replace(/[\w.\-/:]/g, '').length;
  return value.length >= 30 && symbols >= 4 && /\d/.test(value) && !/[a-z]{7}/.test(value) && entropyOf(value) >= 4;
}
