import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { lockOf } from '../../../test/support/locks.ts';
import { limits } from '../../limits.ts';
import { encodeLock } from '../../lock/encode.ts';
import { readLock, writeLock } from './file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lock = lockOf(['curl 1']);

test('what was written is what is read, with the digest of its bytes', async () => {
  const file = join(folder, 'a/web.lock.json');
  const { digest, changed } = await writeLock(file, lock);
  assert.equal(changed, true);
  assert.deepEqual(await readLock(file), { document: lock, digest });
  assert.deepEqual(await readdir(join(folder, 'a')), ['web.lock.json']);
});

test('a file that says the same is not touched, one that says something else is replaced', async () => {
  const file = join(folder, 'web.lock.json');
  await writeFile(file, 'old');
  await writeLock(file, lock);
  await utimes(file, 1, 1);
  assert.equal((await writeLock(file, lock)).changed, false);
  assert.equal((await stat(file)).mtimeMs, 1000);
  assert.equal((await writeLock(file, lockOf(['curl 2']))).changed, true);
  assert.equal(await readFile(file, 'utf8'), encodeLock(lockOf(['curl 2'])));
});

test('a file that is no lock is not overwritten; a damaged lock, an empty file and a lock of any name are', async () => {
  const config = join(folder, 'slimimage.yaml');
  await writeFile(config, 'packages: [curl]\n');
  await assert.rejects(writeLock(config, lock), {
    code: 'OUTPUT_INVALID',
    message: /slimimage\.yaml is there already/,
  });
  assert.equal(await readFile(config, 'utf8'), 'packages: [curl]\n');
  const written = [
    ['slimimage.lock.json', '<<<<<<< HEAD'],
    ['empty', ''],
    ['my.lock', encodeLock(lockOf(['curl 2']))],
  ] as const;
  for (const [name, text] of written) {
    await writeFile(join(folder, name), text);
    assert.equal((await writeLock(join(folder, name), lock)).changed, true);
  }
});

test('a file that is too large to be a lock is not overwritten', async () => {
  const file = join(folder, 'disk.img');
  await writeFile(file, 'no lock');
  await truncate(file, limits.lockBytes + 1);
  await assert.rejects(writeLock(file, lock), { code: 'LOCK_INVALID' });
  assert.equal((await stat(file)).size, limits.lockBytes + 1);
});

test('a link is read and never written through, wherever it leads', async () => {
  const file = join(folder, 'web.lock.json');
  const real = join(folder, 'real.json');
  await symlink('real.json', file);
  await assert.rejects(writeLock(file, lock), { code: 'OUTPUT_INVALID', message: /web\.lock\.json is a link/ });
  await writeFile(real, encodeLock(lock));
  await assert.rejects(writeLock(file, lockOf(['curl 2'])), { code: 'OUTPUT_INVALID' });
  assert.equal(await readFile(real, 'utf8'), encodeLock(lock));
  assert.deepEqual((await readLock(file)).document, lock);
});

test('pipes and devices are refused at once', async () => {
  const pipe = join(folder, 'pipe.json');
  execFileSync('mkfifo', [pipe]);
  const zero = join(folder, 'zero.json');
  await symlink('/dev/zero', zero);
  for (const file of [pipe, zero]) {
    await assert.rejects(readLock(file), { code: 'LOCK_INVALID', message: `${file} is no file` });
    await assert.rejects(writeLock(file, lock), { code: 'OUTPUT_INVALID' });
  }
});

test('a file that does not say how large it is is read up to the limit', async () => {
  await assert.rejects(readLock('/proc/self/status'), { code: 'LOCK_INVALID', message: /is not JSON/ });
  await writeFile(join(folder, 'large.json'), Buffer.alloc(limits.lockBytes + 1, ' '));
  await assert.rejects(readLock(join(folder, 'large.json')), { code: 'LOCK_INVALID', message: /is larger than/ });
});

test('what can not be read or written is told by its name', async () => {
  await assert.rejects(readLock(join(folder, 'none.json'), { cwd: folder }), {
    code: 'LOCK_NOT_FOUND',
    message: 'There is no lock none.json',
  });
  await mkdir(join(folder, 'folder.json'));
  await assert.rejects(readLock(join(folder, 'folder.json')), { code: 'LOCK_INVALID' });
  await assert.rejects(writeLock(join(folder, 'folder.json'), lock), { code: 'OUTPUT_INVALID' });
  await writeFile(join(folder, 'bad.json'), '{');
  await assert.rejects(readLock(join(folder, 'bad.json'), { cwd: folder }), {
    code: 'LOCK_INVALID',
    message: /^bad\.json /,
  });
});
