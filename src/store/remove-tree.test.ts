import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from './remove-tree.ts';

const isRoot = process.getuid?.() === 0;

test('folders that are closed to their owner go too, what links lead to stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-remove-'));
  try {
    await mkdir(join(folder, 'kept'));
    await writeFile(join(folder, 'kept/file'), 'precious');
    await mkdir(join(folder, 'tree/closed/below'), { recursive: true });
    await writeFile(join(folder, 'tree/closed/below/file'), 'x');
    await symlink('../../kept', join(folder, 'tree/closed/link'));
    const all = ['tree/closed/below', 'tree/closed', 'tree', 'kept', '.'];
    // Root may do anything, so root lets somebody else do it.
    if (isRoot) for (const name of all) await chown(join(folder, name), 65534, 65534);
    for (const name of ['tree/closed/below', 'tree/closed']) await chmod(join(folder, name), 0o500);
    await removeAsNobody(join(folder, 'tree'));
    assert.deepEqual(await readdir(folder), ['kept']);
    assert.deepEqual(await readdir(join(folder, 'kept')), ['file']);
    await removeTree(join(folder, 'missing'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function removeAsNobody(path: string): Promise<void> {
  if (!isRoot) return removeTree(path);
  const module = new URL('remove-tree.ts', import.meta.url).href;
  // The module is loaded before the user changes, who may not be let into this folder.
  const program = `const { removeTree } = await import(${JSON.stringify(module)});
process.setgroups([]); process.setgid(65534); process.setuid(65534);
await removeTree(${JSON.stringify(path)});`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
