const quoted = /"((?:[^"\\]|\\.)*)"[\s,]*/gsy;
const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs;
const named: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** `["a" "b c"]`, as Go's %q prints a list of strings (JSON's commas are fine too); undefined for anything else. */
export function readGoStrings(text: string): readonly string[] | undefined {
  const inner = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1];
  if (inner === undefined) return undefined;
  const words: string[] = [];
  quoted.lastIndex = 0;
  let end = inner.length - inner.trimStart().length;
  for (quoted.lastIndex = end; end < inner.length; end = quoted.lastIndex) {
    const word = quoted.exec(inner)?.[1];
    if (word === undefined) return undefined;
    words.push(word.replace(escapes, unescaped));
  }
  return words;
}

function unescaped(_: string, hex?: string, four?: string, eight?: string, octal?: string, one = ''): string {
  const digits = hex ?? four ?? eight;
  if (digits === undefined)
    return octal === undefined ? (named[one] ?? one) : String.fromCharCode(Number.parseInt(octal, 8));
  const code = Number.parseInt(digits, 16);
  return code > 0x10_ff_ff ? '\u{fffd}' : String.fromCodePoint(code);
}
