import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { releases } from '../../src/distro/end-of-life.ts';
import { lacking } from '../support/need.ts';

test('ends of support are those of distro-info-data', {
  skip: lacking({ commands: ['apt-get', 'dpkg-deb'] }),
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-distro-info-'));
  try {
    execFileSync('apt-get', ['download', '-qq', 'distro-info-data'], { cwd: folder, stdio: 'pipe' });
    const [deb = ''] = await readdir(folder);
    execFileSync('dpkg-deb', ['-x', deb, 'data'], { cwd: folder });
    const wrong: string[] = [];
    for (const [id, longer] of [
      ['debian', 'eol-lts'],
      ['ubuntu', 'eol-esm'],
    ] as const) {
      const [head = '', ...lines] = (
        await readFile(join(folder, `data/usr/share/distro-info/${id}.csv`), 'utf8')
      ).split('\n');
      const columns = head.split(',');
      const rows = lines.map((line) => new Map(line.split(',').map((value, at) => [columns[at], value])));
      for (const { codename, until, extendedUntil } of releases.filter((release) => release.id === id)) {
        const row = rows.find((one) => one.get('series') === codename);
        const theirs = [row?.get('eol'), row?.get(longer)]
          .filter((date) => date !== undefined && date !== '')
          .join(' ');
        const ours = [until, extendedUntil].filter((date) => date !== undefined).join(' ');
        if (ours !== theirs) wrong.push(`${codename}: ${ours}, there ${theirs}`);
      }
    }
    assert.deepEqual(wrong, []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
