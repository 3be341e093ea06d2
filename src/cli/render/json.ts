/** An answer for machines, as every verb writes it. */
export function renderJson(answer: unknown): string {
  return JSON.stringify(answer, undefined, 2);
}

/** Items of a list that are written one by one. */
const longList = 1000;

/** The same in pieces, for an answer with lists so long that no string would hold it. */
export function* jsonPieces(answer: unknown, indent = ''): Generator<string, void, undefined> {
  const inner = `${indent}  `;
  if (Array.isArray(answer) && answer.length > longList) {
    for (const [index, item] of answer.entries()) yield `${index === 0 ? '[' : ','}\n${inner}${nested(item, inner)}`;
    yield `\n${indent}]`;
  } else if (holdsLongList(answer)) {
    const members = Object.entries(answer).filter(([, value]) => value !== undefined);
    for (const [index, [name, value]] of members.entries()) {
      yield `${index === 0 ? '{' : ','}\n${inner}${JSON.stringify(name)}: `;
      yield* jsonPieces(value, inner);
    }
    yield `\n${indent}}`;
  } else {
    yield nested(answer, indent);
  }
}

/** Strings of JSON hold no line ends. */
function nested(value: unknown, indent: string): string {
  return (renderJson(value) ?? 'null').replaceAll('\n', `\n${indent}`);
}

function holdsLongList(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).some((item) => (Array.isArray(item) ? item.length > longList : holdsLongList(item)));
}
