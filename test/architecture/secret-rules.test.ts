import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretRules } from '../../src/secrets/rules.ts';
import { projectRoot } from '../support/source-code.ts';

test('docs/auditing.md has a row for each rule of secrets, in their order', () => {
  const [, section = ''] = readFileSync(join(projectRoot, 'docs/auditing.md'), 'utf8').split('\n## Secrets\n');
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const expected = secretRules.map(
    ({ id, title, level, looksFor }) => `| \`${id}\` | ${title} | ${level === 'info' ? 'info' : ''} | ${looksFor} |`,
  );
  assert.deepEqual(rows, expected);
});
