/** The digest table of `npm run digest-table` on a small archive: the same bytes, whatever differs around a build. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import type { DebRecipe } from '../support/deb-maker.ts';
import { applicationLines, pseudoRandom, type TableImages } from '../support/digest-inputs.ts';
import { makeTable, type Snapshot, takeSnapshot } from '../support/digest-table.ts';
import { localWays } from '../support/digest-ways.ts';
import { supportedNodes } from '../support/nodes.ts';

const architectures = ['amd64', 'arm64'];
const nodes = supportedNodes();
const work = await mkdtemp(join(tmpdir(), 'slimimage-digests-'));
// Other users work below it.
await chmod(work, 0o755);
/** `npm run digest-table` has these too; here each has a sister that would show the same. */
const leftOut = [
  'time zone America/St_Johns',
  'locale C',
  'another HOME',
  'files of 2090',
  'umask 000',
  '--jobs 4',
  'one thread for files',
  'files of another user',
];
const ways = localWays({ nodes, work, validUntil: undefined }).filter(({ name }) => !leftOut.includes(name));

/** What the configurations call the archive's key. */
const key = 'archive.asc';

let archive: TestArchive;
let images: TableImages;
let snapshot: Snapshot;

before(async () => {
  archive = await startArchive();
  const packages = [baseFiles, settings, ...architectures.flatMap((name) => [library(name), tool(name)])];
  await archive.publish({ date: new Date(), architectures, components: { main: packages } });
  images = {
    configs: { gzip: config('gzip'), zstd: `${config('zstd')}layers: package\n` },
    files: { [key]: await readFile(archive.keyFile, 'utf8') },
  };
  snapshot = await takeSnapshot({ work, images, env: { PATH: process.env['PATH'], HOME: work } });
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  await rm(work, { recursive: true, force: true });
});

describe('gzip and zstd images for amd64 and arm64 have the same digest', () => {
  for (const way of ways) {
    test(way.name, { skip: way.skip }, async () => {
      const [row] = await makeTable([way], { work, images, snapshot });
      assert.ok(row?.type === 'built', row?.type === 'failed' ? row.reason : '');
      assert.deepEqual(row.digests, snapshot.digests);
      assert.ok(row.equal, 'an earlier build in the same store gave another digest');
    });
  }
});

test('the table shows a difference where there is one', async () => {
  const [row] = await makeTable([{ name: 'another level', skip: false, args: ['--compression', 'gzip-5'] }], {
    work,
    images,
    snapshot,
  });
  assert.ok(row?.type === 'built' && !row.equal);
});

function config(compression: string): string {
  const more = {
    base: 'debian',
    platforms: `[${architectures.map((name) => `linux/${name}`).join(', ')}]`,
    compression,
  };
  return `${archiveConfig(archive, ['tool', 'settings'], { archive: { 'signed-by': `./${key}` }, more })}${applicationLines}`;
}

const baseFiles: DebRecipe = {
  name: 'base-files',
  architecture: 'all',
  files: { '/etc/os-release': '-> ../usr/lib/os-release', '/usr/lib/os-release': 'ID=debian\n' },
};

/** Takes over a file, makes accounts, and has what is left out by default. */
const settings: DebRecipe = {
  name: 'settings',
  architecture: 'all',
  packing: 'gzip',
  fields: { Replaces: 'tool' },
  files: {
    '/etc/tool.conf': 'settings\n',
    '/usr/share/doc/settings/README': 'left out\n',
    '/usr/share/doc/settings/copyright': 'kept\n',
    '/var/lib/settings/': { type: 'directory', mode: 0o2750, uid: 0, gid: 8 },
  },
  control: {
    postinst: '#!/bin/sh\nadduser --system --group --no-create-home settings\nadduser --system another\n',
    conffiles: '/etc/tool.conf\n',
  },
};

/** For one architecture more than one block of either compressor. */
function library(architecture: string): DebRecipe {
  const data = pseudoRandom(architecture === 'amd64' ? 4_500_000 : 100_000);
  const files = { '/usr/lib/libtool.so.1': data, '/usr/lib/libtool.so': '-> libtool.so.1' };
  return { name: 'libtool', architecture, packing: 'zstd', files };
}

function tool(architecture: string): DebRecipe {
  return {
    name: 'tool',
    architecture,
    fields: { Depends: 'libtool (>= 1.0)' },
    files: {
      '/etc/tool.conf': 'tool\n',
      '/usr/bin/tool': { content: `tool for ${architecture}\n`, mode: 0o4755, mtime: 1_600_000_000 },
      '/usr/bin/tool-again': { type: 'hardlink', linkTarget: './usr/bin/tool', mode: 0o4755, mtime: 1_600_000_000 },
      [`/usr/lib/tool/${'long'.repeat(50)}`]: 'long name\n',
      '/usr/lib/tool/z': 'z\n',
      '/usr/lib/tool/A': 'A\n',
    },
  };
}
