import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configFlags, readFlags } from './flags.ts';
import { parseConfig } from './parse.ts';
import { ConfigError } from './problem.ts';
import { configSchema } from './schema.ts';

const keys = Object.keys(configSchema.entries);
const scalars = fc.oneof(
  fc.constantFrom(
    'debian/trixie',
    '0755',
    '1e9',
    '.inf',
    '~',
    'true',
    '2026-01-01',
    '8080',
    '/data',
    './a:/a',
    '"\\x00"',
    '*a',
    '&a x',
    '!!binary aGk=',
    '<<',
    '? x',
    '|\n   x',
    "'",
    '"',
    '0x1F',
    '-0',
    'https://u:p@h/x',
    '__proto__',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.double().map(String),
);
const values = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(
        fc.tuple(fc.constantFrom('source', 'path', 'mode', 'type', 'name', 'url', 'suites', 'test', 'x'), tie('value')),
        { maxLength: 4 },
      )
      .map((pairs) => `{ ${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')} }`),
  ),
})).value;
const good: Readonly<Record<string, readonly string[]>> = {
  from: ['debian/trixie', 'ubuntu/noble', 'debian/13@2026-09-01'],
  components: ['[main, contrib]', '[main]'],
  packages: ['[python3, curl=8.1-1, ./a.deb]', '[]', '\n  - nginx/trixie\n  - bash-'],
  files: ['["./a:/a"]', '[{ source: a, path: /b/, mode: 0640, owner: 1:2 }]'],
  paths: ['[/data/]', '[{ path: /a, link: b }, { path: /c, content: "x" }]'],
  env: ['{ A: 1, B: x y }', '{}'],
  user: ['0', 'nonroot', 'a:b'],
  mirrors: ['{ debian: "https://h.example/debian/" }', '{ debian: ["http://a.example", "http://b.example"] }'],
  snapshot: ['none', '"http://h.example/{archive}/{timestamp}"'],
  compression: ['zstd', '{ algorithm: gzip, level: 9 }'],
  exclude: ['[a/**, { bash: b }]'],
  healthcheck: ['none', '{ test: [/x], interval: 3s }'],
  archives: ['[{ url: http://h.example, suites: [./], signed-by: k }]'],
};
const goodMember = fc
  .constantFrom(...Object.keys(good))
  .chain((key) => fc.tuple(fc.constant(key), fc.constantFrom(...(good[key] ?? ['x']))));
const anyMember = fc.tuple(fc.constantFrom(...keys), values);
const marks = [
  '- ',
  '  ',
  'a: ',
  '\n',
  '[',
  '{',
  ']',
  '}',
  '"',
  '&a ',
  '*a',
  '#',
  '|',
  '>',
  '---\n',
  '%YAML 1.1\n',
  '? ',
];
const documents = fc.oneof(
  { weight: 4, arbitrary: members(goodMember) },
  { weight: 4, arbitrary: members(fc.oneof(goodMember, anyMember)) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...marks, '!', ',', '\t'), { maxLength: 40 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

function members(member: fc.Arbitrary<[string, string]>): fc.Arbitrary<string> {
  const lines = fc.uniqueArray(member, { maxLength: 6, selector: ([key]) => key });
  return lines.map((pairs) => pairs.map(([key, value]) => `${key}: ${value}`).join('\n'));
}

test('any text is a configuration or a ConfigError that shows where', () => {
  let accepted = 0;
  fc.assert(
    fc.property(documents, (text) => {
      try {
        parseConfig(text, { file: '/x/slimimage.yaml' });
        accepted++;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        assert.match(error.code, /^CONFIG_/);
        assert.ok(error.problems.every((problem) => problem.message !== ''));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach a terminal.
        assert.doesNotMatch(error.message, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      }
    }),
    { numRuns: 4000 },
  );
  assert.ok(accepted > 500, `only ${accepted} were accepted`);
});

test('any flags are a layer or a ConfigError that names the flag', () => {
  const flag = fc.constantFrom(...configFlags);
  const value = fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(fc.tuple(flag, value), { maxLength: 4 }), (pairs) => {
      try {
        readFlags(Object.fromEntries(pairs.map(([{ name }, text]) => [name, text])), '/x');
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        assert.ok(error.problems.every((problem) => problem.file.startsWith('--')));
      }
    }),
    { numRuns: 3000 },
  );
});

test('bombs end quickly', () => {
  const bombs = {
    aliases: `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'.replace(/./g, (key, index: number) => {
      const before = 'abcdefghij'[index];
      return `${key}: &${key} [*${before}, *${before}, *${before}, *${before}, *${before}, *${before}, *${before}, *${before}, *${before}]\n`;
    })}`,
    itself: 'a: &a [*a, *a]',
    brackets: '['.repeat(500_000),
    dashes: '- '.repeat(300_000),
    questions: '? '.repeat(300_000),
    indents: Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    keys: Array.from({ length: 15_000 }, (_, index) => `k${index}: 1`).join('\n'),
    sameKeys: 'a: 1\n'.repeat(20_000),
    unknown: `accounts: {${Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join(', ')}}`,
    manyAliases: `a: &a x\nb: [${'*a, '.repeat(10_000)}]`,
    errors: '@\n'.repeat(20_000),
    large: 'a'.repeat(2_000_000),
    words: `packages: [${'A, '.repeat(20_000)}]`,
  };
  for (const [name, text] of Object.entries(bombs)) {
    const before = process.cpuUsage();
    assert.throws(() => parseConfig(text, { file: '/x/slimimage.yaml' }), ConfigError, name);
    // Of the processor, not of the clock: the machine may have other work.
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 8_000_000, `${name} took ${(user + system) / 1000} ms`);
  }
});
