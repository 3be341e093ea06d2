import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditFinding } from '../audit/types.ts';
import { compareFindings } from './compare-findings.ts';

function finding(message: string, more: Partial<AuditFinding> = {}): AuditFinding {
  const none = { path: undefined, line: undefined, package: undefined, layer: undefined, allowed: undefined };
  return { rule: 'add-instruction', level: 'warning', message, ...none, ...more };
}

test('a finding in another layer, step or line is the same one', () => {
  const from = [finding('step 3 of the history is an ADD', { layer: 1 }), finding('x', { path: '/x', line: 2 })];
  const to = [finding('step 5 of the history is an ADD', { layer: 4 }), finding('x', { path: '/x', line: 7 })];
  assert.deepEqual(compareFindings(from, to), { gained: [], lost: [] });
});

test('of findings that say the same each counts once', () => {
  const one = finding('step 1 of the history is an ADD');
  const more = finding('step 2 of the history is an ADD');
  assert.deepEqual(compareFindings([one], [one, more]), { gained: [more], lost: [] });
  assert.deepEqual(compareFindings([one, more], [one]), { gained: [], lost: [more] });
});
