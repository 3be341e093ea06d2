import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedMode } from './file-modes.ts';

const texts = [
  '750',
  '0600',
  'u=rwX,go=rX',
  'a+x',
  'o-rwx',
  'go=',
  '+w',
  'u+x,g-w',
  'g=u',
  'ug+rw,o=r',
  '+t',
  'a=X',
  '-x',
];

test('as the real chmod, apart from set-user-id and set-group-id bits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-modes-'));
  try {
    for (const mode of [0o644, 0o755, 0o600, 0o777]) {
      for (const text of texts) {
        const path = join(folder, 'file');
        writeFileSync(path, '');
        chmodSync(path, mode);
        spawnSync('sh', ['-c', 'umask 022; chmod -- "$0" "$1"', text, path]);
        const real = statSync(path).mode & 0o7777;
        assert.equal(
          changedMode(text, { mode, type: 'file' })?.toString(8),
          real.toString(8),
          `${mode.toString(8)} ${text}`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal(changedMode('4755', { mode: 0, type: 'file' }), 0o755);
  assert.equal(changedMode('g+s,o+r', { mode: 0o750, type: 'directory' }), 0o754);
  assert.equal(changedMode('u=rwX', { mode: 0, type: 'directory' }), 0o700);
  assert.equal(changedMode('everybody', { mode: 0, type: 'file' }), undefined);
});
