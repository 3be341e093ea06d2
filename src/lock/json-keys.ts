/** Keys that JSON.parse and what follows it would drop or overwrite without a word. */

/** What `Object.prototype` makes of them is no data: validators leave them out. */
const unusable = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * What is wrong with the keys of a JSON text: one that is there twice in its object, of which JSON.parse takes the last,
 * or one that no object can hold as data. Undefined where nothing is.
 * @param json a text that JSON.parse has read
 */
export function keyProblem(json: string): string | undefined {
  // Of every object around the one at hand; undefined for a list.
  const open: (Set<string> | undefined)[] = [];
  let keys: Set<string> | undefined;
  let isKey = false;
  for (let at = 0; at < json.length; at++) {
    const unit = json[at];
    if (unit === '"') {
      const end = endOfString(json, at);
      if (isKey && keys !== undefined) {
        const key = String(JSON.parse(json.slice(at, end)));
        if (keys.has(key)) return `the key ${key} is there twice`;
        if (unusable.has(key)) return `${key} can't be a key`;
        keys.add(key);
      }
      isKey = false;
      at = end - 1;
    } else if (unit === '{' || unit === '[') {
      open.push(keys);
      keys = unit === '{' ? new Set() : undefined;
      isKey = true;
    } else if (unit === '}' || unit === ']') {
      keys = open.pop();
    } else if (unit === ',') {
      isKey = true;
    }
  }
  return undefined;
}

/** Behind its closing quote. A regular expression would run out of stack on a long one. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}
