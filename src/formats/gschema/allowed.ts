import type { TypedValue, VariantValue } from '../gvariant/serialise.ts';
import type { SchemaKey } from './types.ts';

/** Whether a key may have the value: within its range, and made of its words. */
export function isAllowed({ value }: TypedValue, { words, range }: Pick<SchemaKey, 'words' | 'range'>): boolean {
  if (range !== undefined) {
    const [least, most] = range.map((bound) => bound.value) as [number, number];
    const number = value as number;
    return number >= least && number <= most;
  }
  return words === undefined || stringsIn(value).every((text) => words.info.words.has(text));
}

/** The strings of a string, of a list of strings, or of a maybe. */
function stringsIn(value: VariantValue): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly VariantValue[]).flatMap(stringsIn);
  const just = typeof value === 'object' && 'just' in value ? value.just : undefined;
  return just === undefined ? [] : stringsIn(just);
}
