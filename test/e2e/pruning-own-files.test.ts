/** `dependencies: runtime` where files of the user's own are in the image. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { makeElf } from '../../src/formats/elf/elf-maker.ts';
import type { BuildResult } from '../../src/index.ts';
import { type LockScene, old, startLockScene } from '../support/lock-scene.ts';

let scene: LockScene;

const program = { content: 'program', mode: 0o755 };

beforeEach(async () => {
  scene = await startLockScene();
  await scene.publish([
    ...old,
    {
      name: 'job',
      fields: { Depends: 'procps' },
      files: { '/usr/bin/job': { content: '#!/usr/bin/sh\nps aux\n', mode: 0o755 } },
    },
    { name: 'procps', files: { '/usr/bin/ps': program } },
    { name: 'server', fields: { Depends: 'debconf, procps' }, files: { '/usr/bin/serve': program } },
    { name: 'debconf', fields: { Depends: 'perl-base' }, files: { '/usr/bin/debconf': program } },
    { name: 'perl-base', fields: { Depends: 'libcrypt1' }, files: { '/usr/bin/perl': program } },
    { name: 'libcrypt1', files: { '/usr/lib/libcrypt.so.1': makeElf({ soname: 'libcrypt.so.1' }) } },
  ]);
  await mkdir(join(scene.user.folder, 'tools'));
});
afterEach(() => scene[Symbol.asyncDispose]());

/** Names of the packages that were cut. */
async function cuts(packages: readonly string[], files: string, store?: string): Promise<string> {
  await scene.configure(packages, { files });
  const { stdout } = await scene.user.succeed(
    ['build', '--format', 'json'],
    store === undefined ? {} : scene.fresh(store),
  );
  const [platform] = (JSON.parse(stdout) as BuildResult).platforms;
  return (platform ?? assert.fail()).pruning.cuts.map((cut) => cut.package).join(' ');
}

test('what was remembered for files in one place is no answer for the same files in another', async () => {
  await scene.user.write('tools/sh', 'a shell');
  const asShell = '["./tools:/usr/bin"]';
  const aside = '["./tools:/app"]';
  for (const [store, order] of [
    ['one', [asShell, aside]],
    ['two', [aside, asShell]],
  ] as const)
    for (const files of order) assert.equal(await cuts(['job'], files, store), files === aside ? 'procps' : '');
});

test('own files are read: what they name stays, and nothing else does', async () => {
  await scene.user.write('data', 'words alone');
  await scene.user.write('job.py', '#!/usr/bin/python3\nprint(1)\n', 0o755);
  await scene.user.write('job.pl', '#!/usr/bin/perl\nprint 1;\n', 0o755);
  await scene.user.write('tools/program', makeElf({ needed: ['libcrypt.so.1'] }));
  const all = await cuts(['server'], '[]');
  assert.equal(all, 'debconf libcrypt1 perl-base procps');
  assert.equal(await cuts(['server'], '["./data:/app/data", "./job.py:/app/job.py"]'), all);
  assert.equal(await cuts(['server'], '["./job.pl:/app/job.pl"]'), 'debconf procps');
  assert.equal(await cuts(['server'], '["./tools/program:/app/program"]'), 'debconf perl-base procps');
});
