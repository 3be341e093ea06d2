/** One element of DER (X.690, definite lengths): where its content and its end are. */
export interface DerElement {
  /** Identifier octet: class, constructed bit and number below 31. */
  readonly tag: number;
  /** Offset of the identifier. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** The element at `at`; undefined where there is none that ends before `limit`. */
export function derElement(der: Uint8Array, at: number, limit: number): DerElement | undefined {
  if (at + 2 > limit) return undefined;
  const tag = der[at] ?? 0;
  const first = der[at + 1] ?? 0;
  if ((tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return within({ tag, at, start: at + 2, end: at + 2 + first }, limit);
  const bytes = first - 0x80;
  if (bytes === 0 || bytes > 4 || at + 2 + bytes > limit) return undefined;
  let length = 0;
  for (let index = 0; index < bytes; index++) length = length * 256 + (der[at + 2 + index] ?? 0);
  const start = at + 2 + bytes;
  return within({ tag, at, start, end: start + length }, limit);
}

/** The elements of a constructed one, in their order; undefined where they do not fill it. */
export function derChildren(der: Uint8Array, parent: DerElement): readonly DerElement[] | undefined {
  const children: DerElement[] = [];
  for (let at = parent.start; at < parent.end; ) {
    const child = derElement(der, at, parent.end);
    if (child === undefined) return undefined;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Identifier, length and content as DER has them. */
export function derEncode(tag: number, content: Uint8Array): Uint8Array {
  const length = lengthOctets(content.length);
  const bytes = new Uint8Array(1 + length.length + content.length);
  bytes[0] = tag;
  bytes.set(length, 1);
  bytes.set(content, 1 + length.length);
  return bytes;
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 + octets.length, ...octets];
}

function within(element: DerElement, limit: number): DerElement | undefined {
  return element.end > limit ? undefined : element;
}
