import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content } from '../content/types.ts';
import { MemoryMemo } from '../store/memory-memo.ts';
import { rememberReports } from './remember-reports.ts';
import { classifyAll, type ScriptsInput } from './scripts.ts';
import { ImageTree, type TreeNode } from './tree.ts';

function image(postinst: string, paths: readonly string[] = []): ScriptsInput {
  const tree = new ImageTree();
  for (const path of paths) {
    const entry = { path, type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
    tree.set({ entry, source: { type: 'bytes', bytes: new Uint8Array(0), rule: 'paths: x' } } as TreeNode);
  }
  const content = { index: { name: 'app', scripts: { postinst } } } as unknown as Content;
  return { architecture: 'amd64', packages: new Map([['app', { content }]]), tree };
}

const postinst = 'if [ -x /usr/bin/frobnicate ]; then frobnicate; else mkdir /srv/app; fi';

test('what is remembered is what would be said, and is not read again', async () => {
  const memo = new MemoryMemo();
  const input = image(postinst);
  const said = await rememberReports(input, memo);
  const remembered = await rememberReports(input, memo);
  assert.deepEqual(said, classifyAll(input));
  assert.deepEqual(remembered, said);
  assert.notEqual(remembered, said);
});

test('another answer to what the scripts asked, or another script, is judged anew', async () => {
  const memo = new MemoryMemo();
  const texts = async (input: ScriptsInput) =>
    (await rememberReports(input, memo)).flatMap(({ lines }) => lines.map(({ text }) => text));
  assert.deepEqual(await texts(image(postinst)), ['mkdir /srv/app']);
  assert.deepEqual(await texts(image(postinst, ['usr/bin/frobnicate'])), ['frobnicate']);
  assert.deepEqual(await texts(image(postinst)), ['mkdir /srv/app']);
  assert.deepEqual(await texts(image('touch /srv/x')), ['touch /srv/x']);
});

test('damaged memory counts as none', async () => {
  const memo = new MemoryMemo();
  const input = image(postinst);
  for (const value of [1, { asked: [['a']], reports: [] }, { asked: [], reports: [{ package: 'app', lines: [1] }] }]) {
    memo.get = async () => value;
    assert.deepEqual(await rememberReports(input, memo), classifyAll(input));
  }
});
