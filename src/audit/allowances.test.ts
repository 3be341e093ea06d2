import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import type { Allowance } from './types.ts';

const layer = { 'opt/a/x': { mode: 0o666 }, 'opt/a/y': { mode: 0o666 }, 'etc/passwd': 'a:x:0:0::/:\nb:x:0:0::/:\n' };
const only = ['world-writable-file', 'second-root'];

function allow(...entries: readonly Partial<Allowance>[]) {
  const whole = entries.map((entry) => ({
    rule: 'world-writable-file',
    path: undefined,
    package: undefined,
    subject: undefined,
    because: 'a test',
    until: undefined,
    ...entry,
  }));
  const { report } = found([layer], { only, allow: whole, today: '2026-06-30' });
  const open = report.findings.filter(({ allowed }) => allowed === undefined);
  return {
    open: open.map(({ path, subject }) => [path, subject].filter((part) => part !== undefined).join(' ')),
    states: report.allowances.map(({ state, findings }) => `${state} ${findings}`),
    counts: report.counts,
  };
}

const roots = ['/etc/passwd a', '/etc/passwd b'];

describe('allow-lists', () => {
  test('a path', () => {
    const { open, states, counts } = allow({ path: '/opt/a/x' });
    assert.deepEqual(open, [...roots, '/opt/a/y']);
    assert.deepEqual(states, ['used 1']);
    assert.deepEqual(counts, { error: 2, warning: 1, info: 0 });
  });

  test('a pattern, and a rule without a path', () => {
    assert.deepEqual(allow({ path: '/opt/**' }).open, roots);
    assert.deepEqual(allow({ path: '/opt/*' }).open, [...roots, '/opt/a/x', '/opt/a/y']);
    assert.deepEqual(allow({}).open, roots);
  });

  test('a pattern fits any name, and a name with the signs of patterns itself', () => {
    const names = ['opt/a\nb', 'opt/[a]*', 'opt/.c/d', 'opt/\u{fffd}'];
    const layers = [Object.fromEntries(names.map((name) => [name, { mode: 0o666 }]))];
    const open = (path: string) => {
      const entry = { rule: 'world-writable-file', path, package: undefined, subject: undefined };
      const { report } = found(layers, { only, allow: [{ ...entry, because: 'a test', until: undefined }] });
      return report.counts.warning;
    };
    assert.deepEqual(['/opt/**', '/opt/[a]*', '/opt/.c', '/**/d'].map(open), [0, 2, 4, 3]);
  });

  test('a subject', () => {
    assert.deepEqual(allow({ rule: 'second-root', subject: 'a' }).open, ['/etc/passwd b', '/opt/a/x', '/opt/a/y']);
  });

  test('what fits nothing is unused', () => {
    assert.deepEqual(allow({ path: '/opt/b' }, { package: 'x' }, { rule: 'setuid-file' }).states, [
      'unused 0',
      'unused 0',
      'unused 0',
    ]);
  });

  test('an entry counts to its last day', () => {
    assert.deepEqual(allow({ until: '2026-06-30' }).open, roots);
    const over = allow({ until: '2026-06-29' });
    assert.deepEqual(over.open, [...roots, '/opt/a/x', '/opt/a/y']);
    assert.deepEqual(over.states, ['expired 2']);
  });
});
