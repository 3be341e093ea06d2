import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sha256Hex } from '../../util/digest.ts';
import type { TreeNode } from '../tree.ts';
import { filesDigest } from './files-digest.ts';

const root = await mkdtemp(join(tmpdir(), 'slimimage-files-'));
after(() => rm(root, { recursive: true, force: true }));

const node = (path: string, content: string): TreeNode => ({
  entry: { path: 'anywhere', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: content.length },
  source: { type: 'file', file: path === '' ? root : join(root, path), sha256: sha256Hex(content), rule: 'files: /' },
});

test('a file has its sha256, and a folder what sha256sum says of its files', async () => {
  assert.deepEqual(filesDigest({ root, nodes: [node('', 'x')], links: new Map() }), {
    digest: { sha256: sha256Hex('x') },
    links: undefined,
  });
  const files = { z: '1', 'a/b': '2', 'a-b': '3', 'a/ü': '4' };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const command = "find . -type f | cut -c3- | LC_ALL=C sort | xargs -r sha256sum | sha256sum | cut -f1 -d' '";
  const { stdout } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  const nodes = Object.entries(files).map(([path, content]) => node(path, content));
  const found = filesDigest({ root, nodes, links: new Map([['l', 'z']]) });
  assert.deepEqual(found, { digest: { dirHash: stdout.trim() }, links: { l: 'z' } });
});

test('of nothing there is none', () => {
  assert.equal(filesDigest({ root, nodes: [], links: new Map() }), undefined);
});
