import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorTime } from '../../test/support/processor-time.ts';
import { parseChallenges } from './challenges.ts';

function read(text: string): unknown {
  return parseChallenges(text).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

test('challenges as registries and RFC 9110 write them', () => {
  const cases: readonly [string, unknown][] = [
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          { realm: 'https://auth.example/token', service: 'registry.example', scope: 'repository:a/b:pull,push' },
        ],
      ],
    ],
    ['BEARER Realm = "a" , SERVICE=b', [['bearer', { realm: 'a', service: 'b' }]]],
    ['Bearer realm=https://auth.example/token', [['bearer', { realm: 'https://auth.example/token' }]]],
    ['Basic realm="a \\"quoted\\" \\\\ one"', [['basic', { realm: 'a "quoted" \\ one' }]]],
    ['Basic realm="a, Bearer realm=b"', [['basic', { realm: 'a, Bearer realm=b' }]]],
    [
      'Negotiate, Basic realm="a", Bearer realm="b", error="invalid_token"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b', error: 'invalid_token' }],
      ],
    ],
    [
      'NTLM abc+/==, Basic realm="a"',
      [
        ['ntlm', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
    [', ,Basic realm="a",,charset="UTF-8",', [['basic', { realm: 'a', charset: 'UTF-8' }]]],
    ['', []],
    ['realm="without a scheme"', []],
    ['Basic realm="never closed', [['basic', {}]]],
    ['"Basic"', []],
    ['Bearer __proto__="x"', [['bearer', JSON.parse('{"__proto__":"x"}')]]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(read(text), expected, text);
});

test('length and number are bounded', () => {
  assert.equal(parseChallenges('Basic realm="a",'.repeat(500)).length, 20);
  assert.equal(parseChallenges(`Basic realm="${'a'.repeat(20_000)}"`)[0]?.parameters.size, 0);
});

test('any text gives some challenges, and in no time', () => {
  const words = fc.constantFrom('Basic', 'Bearer', ' ', ',', '=', '"', '\\', 'realm', 'a', '==', '\t', '\n', 'é', '/');
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 40 }), (parts) => {
      for (const { scheme, parameters } of parseChallenges(parts.join(''))) {
        assert.equal(scheme, scheme.toLowerCase());
        assert.ok(scheme.length > 0 && !parameters.has(''));
      }
    }),
    { numRuns: 5000 },
  );
  const took = processorTime(() => {
    for (const piece of ['a', '"', '\\', ' ', '=', 'a=', 'a ', '"\\', ',a="']) parseChallenges(piece.repeat(100_000));
  });
  assert.ok(took < 1000);
});
