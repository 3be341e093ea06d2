import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './json.ts';

test('keys are in code-unit order at every depth, whatever order they came in', () => {
  const value = { b: [{ z: 1, a: undefined, _: null }, undefined], B: { é: 1, e: 2 }, a: 'x' };
  assert.equal(canonicalJson(value), '{"B":{"e":2,"é":1},"a":"x","b":[{"_":null,"z":1},null]}');
  assert.equal(canonicalJson(JSON.parse('{"__proto__":{"b":1,"a":2}}')), '{"__proto__":{"a":2,"b":1}}');
});

test('what is written is the value', () => {
  const reversed = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(reversed);
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, member]) => [key, reversed(member)] as const)
        .reverse(),
    );
  };
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text);
      assert.deepEqual(JSON.parse(canonicalJson(value)), value);
      assert.equal(canonicalJson(reversed(value)), canonicalJson(value));
    }),
  );
});
