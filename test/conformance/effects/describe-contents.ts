/** The lines that only one of two texts has, a few of each; nothing for what is no text. */
export function describeContents(theirs: Uint8Array, ours: Uint8Array): string {
  const [a, b] = [linesOf(theirs), linesOf(ours)];
  if (a === undefined || b === undefined) return '';
  const [inA, inB] = [new Set(a), new Set(b)];
  const onlyA = a.filter((line) => !inB.has(line));
  const onlyB = b.filter((line) => !inA.has(line));
  if (onlyA.length + onlyB.length === 0) return ', the same lines in another order';
  const shown = [...onlyA.slice(0, most).map((line) => `-${line}`), ...onlyB.slice(0, most).map((line) => `+${line}`)];
  return ` (-${onlyA.length} +${onlyB.length} lines: ${shown.map((line) => line.slice(0, longest)).join(' ⏎ ')})`;
}

const most = 3;
const longest = 120;

function linesOf(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.includes(0)) return undefined;
  return new TextDecoder().decode(bytes).split('\n');
}
