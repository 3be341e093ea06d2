import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FileSetting } from '../config/spec.ts';
import { WorkerPool } from '../content/pool.ts';
import { isSlimimageError } from '../errors.ts';
import { sha256Hex } from '../util/digest.ts';
import { copyHostFiles, destinationOf } from './copied-files.ts';
import { ImageTree } from './tree.ts';

let root: string;
const pool = new WorkerPool(1);

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-copied-'));
  await mkdir(join(root, 'app/bin'), { recursive: true });
  await writeFile(join(root, 'app/bin/run'), 'run');
  await chmod(join(root, 'app/bin/run'), 0o751);
  await writeFile(join(root, 'app/data'), 'data');
  await chmod(join(root, 'app/data'), 0o600);
  await symlink('data', join(root, 'app/link'));
});
after(async () => {
  await pool.close();
  await rm(root, { recursive: true, force: true });
});

/** `d` is a folder (with an octal mode), `f` a file, `-> x` a link. */
function treeOf(picture: Readonly<Record<string, string>>): ImageTree {
  const tree = new ImageTree();
  for (const [path, text] of Object.entries(picture)) {
    const [kind, rest] = text.split(' ');
    const type = kind === 'd' ? 'directory' : kind === 'f' ? 'file' : 'symlink';
    const mode = kind === 'd' ? Number.parseInt(rest ?? '755', 8) : 0o644;
    const linkTarget = type === 'symlink' ? rest : undefined;
    tree.set({
      entry: { path, type, mode, uid: 0, gid: 0, mtime: 0, size: 0, linkTarget },
      source: { type: 'none', rule: 'test' },
    });
  }
  return tree;
}

function settingOf(source: string, path: string, more: Partial<FileSetting> = {}): FileSetting {
  return { source: join(root, source), image: undefined, path, owner: undefined, mode: undefined, ignore: [], ...more };
}

async function pictureOf(setting: FileSetting, tree = treeOf({})): Promise<Readonly<Record<string, string>>> {
  const { nodes } = await copyHostFiles(setting, { tree, pool, created: 100 });
  return Object.fromEntries(
    nodes.map(({ node: { entry, source }, owner }) => {
      if (entry.type !== 'directory') assert.equal(entry.mtime, 100);
      if (source.type === 'file')
        assert.equal(source.sha256, sha256Hex(new TextEncoder().encode(entry.path.split('/').at(-1) ?? '')));
      const who = owner ?? `${entry.uid}:${entry.gid}`;
      const target = entry.linkTarget === undefined ? '' : ` -> ${entry.linkTarget}`;
      return [entry.path, `${entry.type} ${entry.mode.toString(8)} ${who} ${entry.size}${target}`];
    }),
  );
}

test("a folder: root's, 0755 and 0644 whatever the host has, links kept", async () => {
  assert.deepEqual(await pictureOf(settingOf('app', '/app')), {
    app: 'directory 755 0:0 0',
    'app/bin': 'directory 755 0:0 0',
    'app/bin/run': 'file 755 0:0 3',
    'app/data': 'file 644 0:0 4',
    'app/link': 'symlink 777 0:0 0 -> data',
  });
});

test('a .dockerignore and a .git of an image are files like any other', async () => {
  await mkdir(join(root, 'ignoring'));
  await writeFile(join(root, 'ignoring/.dockerignore'), '.dockerignore');
  await writeFile(join(root, 'ignoring/.git'), '.git');
  assert.deepEqual(Object.keys(await pictureOf(settingOf('ignoring', '/x'))), ['x']);
  const { nodes, leftOut } = await copyHostFiles(settingOf('ignoring', '/x', { image: 'store:a' }), {
    tree: treeOf({}),
    pool,
    created: 100,
  });
  assert.deepEqual(
    nodes.map(({ node }) => node.entry.path),
    ['x', 'x/.dockerignore', 'x/.git'],
  );
  assert.deepEqual(leftOut, []);
});

test('owner for all, mode for files only', async () => {
  assert.deepEqual(await pictureOf(settingOf('app', '/app', { owner: 'www-data', mode: 0o400, ignore: ['bin'] })), {
    app: 'directory 755 www-data 0',
    'app/data': 'file 400 www-data 4',
    'app/link': 'symlink 777 www-data 0 -> data',
  });
});

test("a folder's contents go into a folder that is there, which keeps its mode, and its owner but for another", async () => {
  const tree = treeOf({ srv: 'd 2775', current: '-> /srv', 'tmp/bin': 'd 1777' });
  assert.deepEqual(await pictureOf(settingOf('app', '/current', { ignore: ['*'] }), tree), {});
  assert.deepEqual(await pictureOf(settingOf('app', '/current', { ignore: ['*'], owner: 'app' }), tree), {
    srv: 'directory 2775 app 0',
  });
  const below = await pictureOf(settingOf('app', '/tmp', { owner: 'app' }), tree);
  assert.deepEqual(Object.keys(below), ['tmp', 'tmp/bin/run', 'tmp/data', 'tmp/link']);
  const names = Object.keys(await pictureOf(settingOf('app', '/', { ignore: ['bin'] }), tree));
  assert.deepEqual(names, ['data', 'link'], 'the root itself is not made anew');
});

test('folders of the image that are links are followed on the way', async () => {
  const tree = treeOf({ 'usr/bin': 'd', 'srv/bin': '-> /usr/bin', 'srv/data': '-> elsewhere' });
  const picture = await pictureOf(settingOf('app', '/srv'), tree);
  assert.equal(picture['usr/bin/run'], 'file 755 0:0 3');
  assert.equal(picture['srv/data'], 'file 644 0:0 4', 'a link where a file goes is replaced');
});

const destinations: readonly (readonly [path: string, lands: string])[] = [
  ['/etc/app.conf', 'etc/app.conf'],
  ['/etc/', 'etc/data'],
  ['/etc', 'etc/data'],
  ['/new/', 'new/data'],
  ['/', 'data'],
  ['/bin/x', 'usr/bin/x'],
  ['/bin', 'usr/bin/data'],
];

for (const [path, lands] of destinations) {
  test(`a file copied to ${path} is /${lands}`, () => {
    const tree = treeOf({ etc: 'd', 'usr/bin': 'd', bin: '-> usr/bin' });
    assert.equal(destinationOf(settingOf('app/data', path), { type: 'file', name: 'data' }, tree), lands);
  });
}

test('a folder in the place of a file, and a source that is not there, are refused', async () => {
  const refusal = (code: 'FILE_CONFLICT' | 'SOURCE_INVALID', part: string) => (error: unknown) =>
    isSlimimageError(error, code) && error.message.includes(part);
  await assert.rejects(
    pictureOf(settingOf('app', '/etc/passwd'), treeOf({ 'etc/passwd': 'f' })),
    refusal('FILE_CONFLICT', '/etc/passwd, which is a file'),
  );
  await assert.rejects(pictureOf(settingOf('none', '/x')), refusal('SOURCE_INVALID', 'none does not exist'));
});
