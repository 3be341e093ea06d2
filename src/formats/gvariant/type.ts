import { SlimimageError } from '../../errors.ts';

/** A type of GVariant, and how its values lie in memory (the GVariant specification, "Serialisation Format"). */
export interface VariantType {
  /** `a{sv}` */
  readonly text: string;
  readonly kind: 'basic' | 'string' | 'variant' | 'array' | 'maybe' | 'tuple' | 'entry';
  /** Element of an array or a maybe; members of a tuple, key and value of an entry. */
  readonly parts: readonly VariantType[];
  /** Bytes: 1, 2, 4 or 8. */
  readonly alignment: number;
  /** Bytes that every value of this type has; undefined where they differ. */
  readonly fixedSize: number | undefined;
}

/** Nesting that is believed; GLib's own limit is 128. */
const maxDepth = 64;

/** @throws SlimimageError GVARIANT_INVALID for what is not one complete, definite type. */
export function parseType(text: string): VariantType {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const { type, end } = read(text, { at: 0, depth: 0 });
  if (end !== text.length) throw invalid(text);
  if (cache.size < 1000) cache.set(text, type);
  return type;
}

export function arrayOf(element: VariantType): VariantType {
  return {
    text: `a${element.text}`,
    kind: 'array',
    parts: [element],
    alignment: element.alignment,
    fixedSize: undefined,
  };
}

export function maybeOf(element: VariantType): VariantType {
  return {
    text: `m${element.text}`,
    kind: 'maybe',
    parts: [element],
    alignment: element.alignment,
    fixedSize: undefined,
  };
}

export function tupleOf(parts: readonly VariantType[]): VariantType {
  return { text: `(${textsOf(parts)})`, kind: 'tuple', parts, ...structure(parts) };
}

export function entryOf(key: VariantType, value: VariantType): VariantType {
  const parts = [key, value];
  return { text: `{${textsOf(parts)}}`, kind: 'entry', parts, ...structure(parts) };
}

/** Types are constants of schemas, and few. */
const cache = new Map<string, VariantType>();

const basicSizes: Readonly<Record<string, number>> = { b: 1, y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };

function read(text: string, place: { at: number; depth: number }): { type: VariantType; end: number } {
  const { at, depth } = place;
  const letter = text[at];
  if (letter === undefined || depth > maxDepth) throw invalid(text);
  const size = basicSizes[letter];
  if (size !== undefined) {
    return { type: { text: letter, kind: 'basic', parts: [], alignment: size, fixedSize: size }, end: at + 1 };
  }
  if ('sog'.includes(letter)) {
    return { type: { text: letter, kind: 'string', parts: [], alignment: 1, fixedSize: undefined }, end: at + 1 };
  }
  if (letter === 'v') {
    return { type: { text: 'v', kind: 'variant', parts: [], alignment: 8, fixedSize: undefined }, end: at + 1 };
  }
  if (letter === 'a' || letter === 'm') {
    const { type, end } = read(text, { at: at + 1, depth: depth + 1 });
    return { type: letter === 'a' ? arrayOf(type) : maybeOf(type), end };
  }
  if (letter === '(' || letter === '{') return readStructure(text, place);
  throw invalid(text);
}

function readStructure(text: string, { at, depth }: { at: number; depth: number }) {
  const isEntry = text[at] === '{';
  const parts: VariantType[] = [];
  let next = at + 1;
  while (text[next] !== (isEntry ? '}' : ')')) {
    const { type, end } = read(text, { at: next, depth: depth + 1 });
    parts.push(type);
    next = end;
  }
  const [key, value] = parts;
  if (!isEntry) return { type: tupleOf(parts), end: next + 1 };
  if (key === undefined || value === undefined || parts.length > 2 || key.parts.length > 0 || key.kind === 'variant')
    throw invalid(text);
  return { type: entryOf(key, value), end: next + 1 };
}

function structure(parts: readonly VariantType[]): Pick<VariantType, 'alignment' | 'fixedSize'> {
  const alignment = Math.max(1, ...parts.map((part) => part.alignment));
  if (parts.length === 0) return { alignment, fixedSize: 1 };
  let size = 0;
  for (const part of parts) {
    if (part.fixedSize === undefined) return { alignment, fixedSize: undefined };
    size = aligned(size, part.alignment) + part.fixedSize;
  }
  return { alignment, fixedSize: aligned(size, alignment) };
}

export function aligned(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function textsOf(parts: readonly VariantType[]): string {
  return parts.map((part) => part.text).join('');
}

function invalid(text: string): SlimimageError {
  return new SlimimageError({ code: 'GVARIANT_INVALID', message: `"${text.slice(0, 100)}" is no type of GVariant` });
}
