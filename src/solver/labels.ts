/** A longer list is not read. */
export const mostItems = 6;

/** The name in `NAME VERSION`. */
export function nameOf(labelled: string): string {
  return labelled.split(' ')[0] ?? labelled;
}

export function orList(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** `app -> lib -> core`, and of a long way its ends. */
export function drawChain(chain: readonly string[]): string {
  const ends = chain.length > longestChain ? [...chain.slice(0, 3), '...', ...chain.slice(-4)] : chain;
  return ends.join(' -> ');
}

const longestChain = 9;

export function capLines(lines: readonly string[], indent: string, { most = mostItems } = {}): readonly string[] {
  const more = lines.length - most;
  return more > 1 ? [...lines.slice(0, most), `${indent}and ${more} more`] : lines;
}

export function capList(names: readonly string[]): readonly string[] {
  return names.length > mostItems ? [...names.slice(0, mostItems), `${names.length - mostItems} more`] : names;
}
