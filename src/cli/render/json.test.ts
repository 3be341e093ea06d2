import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonPieces, renderJson } from './json.ts';

test('pieces are the whole', () => {
  const list = Array.from({ length: 1500 }, (_, index) => ({ path: `a\n${index}`, none: undefined, in: [] }));
  for (const answer of [{ a: 1 }, { a: undefined, b: { c: list, d: list.slice(0, 3) }, e: [] }, list, [], {}]) {
    assert.equal([...jsonPieces(answer)].join(''), renderJson(answer));
  }
});
