import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeywordSearch } from './keyword-search.ts';

const keywords = ['abab', 'abba', 'babab', 'bbbb', 'aBcabA', '_pass', 'password', 'cab_'];
const search = new KeywordSearch(
  keywords.flatMap((text) => [
    { text, foldCase: false, value: text },
    { text: text.toLowerCase(), foldCase: true, value: `${text}, folded` },
  ]),
);

test('what is found is what a look at every place finds', () => {
  const part = fc.constantFrom(...'abcABC_', 'pass', 'word', 'PassWord', 'abba', 'aBcabA');
  const range = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(20));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), range, (parts, [begin, length, behind]) => {
      const text = parts.join('');
      const from = Math.min(begin, text.length);
      const to = Math.min(from + length, text.length);
      const end = Math.min(to + behind, text.length);
      const found: string[] = [];
      search.search(Buffer.from(text), { from, to, end }, (value, at) => found.push(`${at} ${value}`));
      assert.deepEqual(found.sort(), expected(text, { from, to, end }).sort());
    }),
    { numRuns: 300 },
  );
});

function expected(text: string, { from, to, end }: Readonly<Record<'from' | 'to' | 'end', number>>): string[] {
  const found: string[] = [];
  for (let at = from; at < to; at++) {
    for (const keyword of keywords) {
      const there = at + keyword.length <= end ? text.slice(at, at + keyword.length) : '';
      if (there === keyword) found.push(`${at} ${keyword}`);
      if (there.toLowerCase() === keyword.toLowerCase()) found.push(`${at} ${keyword}, folded`);
    }
  }
  return found;
}
