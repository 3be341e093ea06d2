/**
 * JSON whose bytes depend on the value alone: object keys in code-unit order, no white space.
 * `undefined` members are left out. The value is plain data: no Date, Map or other object with a form of its own.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** A replacer of JSON.stringify would be asked about every string and number too. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(members).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(members[key])]));
}
