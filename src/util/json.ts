import { compareStrings } from './text.ts';

/**
 * JSON whose bytes depend on the value alone: object keys in code-unit order, no white space.
 * `undefined` members are left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member;
    const sorted = Object.entries(member).sort(([a], [b]) => compareStrings(a, b));
    return Object.fromEntries(sorted);
  });
}
