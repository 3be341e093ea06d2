import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ElfFacts } from '../formats/elf/facts.ts';
import { sha256Hex } from '../util/digest.ts';
import { compareContents, type FileContent } from './compare-contents.ts';
import { textPatch } from './text-patch.ts';

function content(text: string | undefined, more: Partial<FileContent> = {}): FileContent | undefined {
  return text === undefined
    ? undefined
    : { bytes: Buffer.from(text), sha256: sha256Hex(text), program: undefined, ...more };
}

function compare(from: string | undefined, to: string | undefined, path = 'etc/x') {
  return compareContents(path, { from: content(from), to: content(to) });
}

test('text as a unified difference', () => {
  const [from, to] = ['1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\nfour\n5\n6\n7\n8\n9'];
  assert.deepEqual(compare(from, to), {
    type: 'text',
    shortest: true,
    struckOut: false,
    patch: `--- a/etc/x
+++ b/etc/x
@@ -1,9 +1,9 @@
 1
 2
 3
-4
+four
 5
 6
 7
 8
-9
+9
\\ No newline at end of file
`,
  });
  assert.deepEqual(compare(undefined, 'a\n'), {
    type: 'text',
    shortest: true,
    struckOut: false,
    patch: '--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1 @@\n+a\n',
  });
  assert.deepEqual(compare('a', 'a'), { type: 'same' });
  assert.deepEqual(compare(undefined, undefined), { type: 'same' });
});

test('secrets are struck out, and that they changed is told', () => {
  const token = (end: string) => ['ghp', `q7Zt3KvXb9LmR2wPc8NdF4hJ6sYg5TxVk1${end}`].join('_');
  const from = `a\ntoken: ${token('Qz')}\nold ${token('Qx')}`;
  const to = `a\ntoken: ${token('Qy')}\nnew ${token('Qx')}\n`;
  const answer = compare(from, to);
  assert.ok(answer.type === 'text' && answer.struckOut);
  assert.equal(
    answer.patch.split('\n').slice(2).join('\n'),
    `@@ -1,3 +1,3 @@
 a
-token: ****
-old ****
\\ No newline at end of file
+token: ****
+new ****
`,
  );
  const shown = compareContents('x', { from: content(from), to: content(to), showSecrets: true });
  assert.ok(shown.type === 'text' && !shown.struckOut && shown.patch.includes(token('Qy')));
});

test('a name can not break out of its line', () => {
  const answer = compare('a\n', 'b\n', 'x\n+++ b/etc/passwd');
  assert.ok(answer.type === 'text');
  assert.deepEqual(answer.patch.split('\n').slice(0, 2), [
    '--- "a/x\\n+++ b/etc/passwd"',
    '+++ "b/x\\n+++ b/etc/passwd"',
  ]);
});

test('binary and large files by what a loader sees', () => {
  const elf: ElfFacts = {
    machine: 'x86_64',
    bits: 64,
    type: 'shared',
    soname: 'libx.so.1',
    needed: ['libc.so.6', 'libm.so.6'],
    versionsNeeded: { 'libc.so.6': ['GLIBC_2.34'] },
    versionsDefined: ['X_1'],
    hardening: { pie: true, relro: 'full', nx: true, canary: true },
  };
  const other: ElfFacts = {
    ...elf,
    soname: 'libx.so.2',
    needed: ['libc.so.6', 'libz.so.1'],
    versionsNeeded: { 'libc.so.6': ['GLIBC_2.38'] },
    hardening: { ...elf.hardening, relro: 'partial' },
  };
  const from = content('\0a', { program: { elf } });
  const program = [
    { fact: 'soname', from: 'libx.so.1', to: 'libx.so.2' },
    { fact: 'needed', from: 'libm.so.6', to: 'libz.so.1' },
    { fact: 'versions-needed', from: 'libc.so.6:GLIBC_2.34', to: 'libc.so.6:GLIBC_2.38' },
    { fact: 'hardening', from: 'relro-full', to: 'relro-partial' },
  ];
  assert.deepEqual(compareContents('x', { from, to: content('\0b', { program: { elf: other } }) }), {
    type: 'binary',
    program,
  });
  assert.deepEqual(compareContents('x', { from, to: content('', { bytes: undefined, program: { elf: other } }) }), {
    type: 'large',
    program,
  });
});

test('texts that have nothing in common are told whole, soon', () => {
  const lines = (word: string) =>
    `same\n${Array.from({ length: 40_000 }, (_, index) => `${word} ${index}\n`).join('')}end\n`;
  const { hunks, shortest } = textPatch({ from: lines('old'), to: lines('new') });
  assert.equal(shortest, false);
  assert.deepEqual(hunks.split('\n').slice(0, 3), ['@@ -1,40002 +1,40002 @@', ' same', '-old 0']);
});

test('patch(1) makes the second text of the first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-patch-'));
  const line = fc.constantFrom('a', 'b', 'c', '', '-', '+++ x', '@@ -1 +1 @@', '\\ No newline at end of file');
  const text = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
    .map(([lines, end]) => lines.join('\n') + (end ? '\n' : ''));
  try {
    fc.assert(
      fc.property(text, text, (from, to) => {
        if (from === to) return;
        writeFileSync(join(folder, 'x'), from);
        const patch = `--- x\n+++ x\n${textPatch({ from, to }).hunks}`;
        const { status, stdout, stderr } = spawnSync('patch', ['--quiet', '--no-backup-if-mismatch', '-o', '-', 'x'], {
          cwd: folder,
          input: patch,
          encoding: 'utf8',
        });
        assert.deepEqual([status, stdout], [0, to], `${stderr}${patch}`);
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
