import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, packages } from '../../test/support/universe.ts';
import { renderAdvice } from './advice.ts';
import { renderConflicts } from './render.ts';

test('what build-essential needs is the usual choice, and where there is no sign none is named', () => {
  const providers = ['clang; Provides: cc', 'gcc; Provides: cc', 'pcc; Provides: cc'];
  const signed = ask(packages('build-essential; Depends: gcc', ...providers), 'cc');
  assert.ok(!signed.ok);
  assert.equal(renderConflicts(signed.conflicts).split('\n')[1], '  gcc 1 (the usual choice)');
  assert.equal(renderAdvice(signed.conflicts), 'write gcc in place of cc');
  const unsigned = ask(packages(...providers), 'cc-');
  assert.ok(!unsigned.ok);
  assert.equal(renderAdvice(unsigned.conflicts), 'leave out packages by their own names');
});

test('of many requests that fail, some', () => {
  const text = Array.from({ length: 11 }, (_, at) => `gone${at}`).join(' ');
  const answer = ask(packages('a'), text);
  assert.ok(!answer.ok);
  const lines = renderConflicts(answer.conflicts).split('\n');
  assert.deepEqual([lines.length, lines.at(-1)], [9, 'and 3 more requests that cannot be met']);
});

test('another version is advised only where there is one', () => {
  const answer = ask(packages('app; Depends: lib (>= 2)', 'lib'), 'app');
  assert.ok(!answer.ok);
  const wanted = 'name an archive that has lib (>= 2) under archives:';
  assert.equal(renderAdvice(answer.conflicts), `ask for another version of app, or ${wanted}`);
  assert.equal(
    renderAdvice(answer.conflicts, { isOnlyVersion: (request) => request === 'app' }),
    `${wanted}, or leave out app`,
  );
});
