import { concatBytes } from '../../util/bytes.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { aligned, type VariantType } from './type.ts';

/** A value as its type has it: numbers of 64 bits are bigints, tuples, entries and arrays are lists. */
export type VariantValue =
  | boolean
  | number
  | bigint
  | string
  | readonly VariantValue[]
  | { readonly just: VariantValue | undefined }
  | TypedValue;

export interface TypedValue {
  readonly type: VariantType;
  readonly value: VariantValue;
}

/** Little-endian, in normal form (the GVariant specification, "Serialisation Format"). */
export function serialise({ type, value }: TypedValue): Uint8Array {
  switch (type.kind) {
    case 'basic':
      return basic(type, value as number | bigint | boolean);
    case 'string':
      return encodeUtf8(`${value as string}\0`);
    case 'variant': {
      const inner = value as TypedValue;
      return concatBytes([serialise(inner), encodeUtf8(`\0${inner.type.text}`)]);
    }
    case 'maybe': {
      const [element] = type.parts as [VariantType];
      const { just } = value as { just: VariantValue | undefined };
      if (just === undefined) return new Uint8Array(0);
      const bytes = serialise({ type: element, value: just });
      return element.fixedSize === undefined ? concatBytes([bytes, new Uint8Array(1)]) : bytes;
    }
    case 'array': {
      const [element] = type.parts as [VariantType];
      const members = (value as readonly VariantValue[]).map((one) => ({ type: element, value: one }));
      return container(members, { offsets: element.fixedSize === undefined ? 'forwards' : 'none' });
    }
    case 'tuple':
    case 'entry': {
      const values = value as readonly VariantValue[];
      const members = type.parts.map((part, at) => ({ type: part, value: values[at] as VariantValue }));
      const bytes = container(members, { offsets: 'backwards' });
      return type.fixedSize === undefined ? bytes : concatBytes([bytes, new Uint8Array(type.fixedSize - bytes.length)]);
    }
  }
}

/**
 * Members, each aligned, and where they end: of arrays all in order; of tuples those of no fixed size but the last
 * member, in reverse order.
 */
function container(
  members: readonly TypedValue[],
  { offsets }: { readonly offsets: 'none' | 'forwards' | 'backwards' },
): Uint8Array {
  const chunks: Uint8Array[] = [];
  const ends: number[] = [];
  let size = 0;
  members.forEach((member, at) => {
    const bytes = serialise(member);
    const start = aligned(size, member.type.alignment);
    chunks.push(new Uint8Array(start - size), bytes);
    size = start + bytes.length;
    const isFramed = offsets === 'forwards' || (member.type.fixedSize === undefined && at < members.length - 1);
    if (offsets !== 'none' && isFramed) ends.push(size);
  });
  const width = offsetSize(size, ends.length);
  const frame = new Uint8Array(ends.length * width);
  const view = new DataView(frame.buffer);
  (offsets === 'backwards' ? ends.reverse() : ends).forEach((end, at) => {
    for (let byte = 0; byte < width; byte++) view.setUint8(at * width + byte, (end / 256 ** byte) & 0xff);
  });
  return concatBytes([...chunks, frame]);
}

/** The smallest that can say the size of the whole, offsets included. */
function offsetSize(size: number, count: number): number {
  for (const width of [1, 2, 4]) if (size + count * width < 256 ** width) return width;
  return 8;
}

function basic({ text }: VariantType, value: number | bigint | boolean): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (text === 'd') view.setFloat64(0, Number(value), true);
  else view.setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
  return bytes.subarray(0, sizes[text] ?? 8);
}

const sizes: Readonly<Record<string, number>> = { b: 1, y: 1, n: 2, q: 2, i: 4, u: 4, h: 4 };
