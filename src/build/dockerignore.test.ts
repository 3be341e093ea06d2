import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileIgnore } from './dockerignore.ts';

const cases: readonly {
  readonly lines: readonly string[];
  readonly ignored: readonly string[];
  readonly kept: readonly string[];
}[] = [
  { lines: [], ignored: [], kept: ['a'] },
  {
    lines: ['node_modules'],
    ignored: ['node_modules', 'node_modules/a/b'],
    kept: ['src/node_modules', 'node_modules2'],
  },
  { lines: ['**/node_modules'], ignored: ['node_modules', 'a/node_modules/b'], kept: ['a/b'] },
  { lines: ['*.md', '!README.md'], ignored: ['a.md'], kept: ['README.md', 'docs/a.md'] },
  { lines: ['*/temp*'], ignored: ['a/temporary', 'a/temp/b'], kept: ['temp', 'a/b/temp'] },
  { lines: ['# comment', '', ' /leading/ '], ignored: ['leading', 'leading/a'], kept: ['# comment'] },
  {
    lines: ['dist', '!dist/keep', 'dist/keep/not'],
    ignored: ['dist/a', 'dist/keep/not'],
    kept: ['dist/keep', 'dist/keep/b'],
  },
  { lines: ['.git'], ignored: ['.git', '.git/config'], kept: ['.github'] },
  { lines: ['te?t'], ignored: ['test', 'text'], kept: ['teet2'] },
];

for (const { lines, ignored, kept } of cases) {
  test(`.dockerignore ${JSON.stringify(lines)}`, () => {
    const matches = compileIgnore(lines);
    assert.deepEqual(
      ignored.filter((path) => !matches(path)),
      [],
    );
    assert.deepEqual(kept.filter(matches), []);
  });
}
