import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { auditRules } from './rules.ts';

const document = readFileSync(new URL('../../docs/auditing.md', import.meta.url), 'utf8');

/** Rows of the table whose header begins so, without its code marks. */
function tableAfter(header: string): readonly (readonly string[])[] {
  const start = document.indexOf(`| ${header} |`);
  assert.ok(start >= 0, header);
  return (document.slice(start).split('\n\n')[0] ?? '')
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .replaceAll('\\|', '|')
        .slice(2, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

test('docs/auditing.md has every rule as the program has it', () => {
  const rows = tableAfter('rule');
  assert.deepEqual(
    rows,
    auditRules.map(({ id, level, title, reason, fix, references }) => [
      ...[`\`${id}\``, level, title, reason, fix, references.join(', ')],
    ]),
  );
});

test('rules are told apart, and are whole', () => {
  assert.equal(new Set(auditRules.map(({ id }) => id)).size, auditRules.length);
  for (const { id, title, reason, fix, references } of auditRules) {
    assert.match(id, /^[a-z]+(?:-[a-z]+)*$/);
    assert.match(title, /^[a-z].*[^.]$|^ADD /, id);
    for (const sentence of [reason, fix]) assert.match(sentence, /^[A-Za-z].*\.$/, id);
    for (const reference of references)
      assert.match(reference, /^(?:CIS-(?:DI-\d{4}|5\.8)|DKL-(?:DI|LI)-\d{4}|CWE-\d+)$/, id);
  }
});
