import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { digestOf } from '../util/digest.ts';
import { WorkerPool } from './pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'slimimage-pool-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, size: number): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.alloc(size, name));
  return file;
}

async function withPool(limit: number, action: (pool: WorkerPool) => Promise<void>, signal?: AbortSignal) {
  const pool = new WorkerPool(limit, signal);
  try {
    await action(pool);
  } finally {
    await pool.close();
  }
}

test('more jobs than threads: every one gets its own answer', async () => {
  const files = Array.from({ length: 12 }, (_, at) => fileOf(`job-${at}`, at * 1000));
  await withPool(2, async (pool) => {
    const answers = await Promise.all(files.map((file) => pool.run('hashFiles', { files: [file] })));
    const expected = files.map((_, at) => [digestOf(Buffer.alloc(at * 1000, `job-${at}`))]);
    assert.deepEqual(answers, expected);
  });
});

test('a long job tells how far it is', async () => {
  const files = [fileOf('large-1', 3_000_000), fileOf('large-2', 2_000_000)];
  const reported: number[] = [];
  await withPool(1, async (pool) => {
    await pool.run('hashFiles', { files }, { onProgress: (done) => reported.push(done) });
  });
  assert.deepEqual(reported, [3_000_000, 5_000_000]);
});

test('an error keeps its code, message and hint on the way out of the thread, and the thread goes on', async () => {
  const file = fileOf('changed', 10);
  const header = { path: 'x', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 10 } as const;
  await withPool(1, async (pool) => {
    await assert.rejects(
      pool.run('pack', { target: join(folder, 'packed'), entries: [{ header, file, sha256: '0'.repeat(64) }] }),
      (error) =>
        isSlimimageError(error, 'SOURCE_INVALID') &&
        error.message === `${file} changed while it was being read` &&
        error.hint !== undefined,
    );
    await assert.rejects(
      pool.run('hashFiles', { files: [join(folder, 'none')] }),
      (error) => isSlimimageError(error, 'IO') && /^hashFiles: cannot open .*ENOENT/.test(error.message),
    );
    assert.equal((await pool.run('hashFiles', { files: [file] })).length, 1);
  });
});

test('stopping ends what runs and what waits, and nothing starts any more', async () => {
  const controller = new AbortController();
  const file = fileOf('endless', 1_000_000);
  const isAborted = (error: unknown) => isSlimimageError(error, 'ABORTED');
  await withPool(
    1,
    async (pool) => {
      const jobs = [1, 2, 3].map(() => pool.run('hashFiles', { files: Array.from({ length: 5000 }, () => file) }));
      const ended = Promise.all(jobs.map((job) => assert.rejects(job, isAborted)));
      const started = performance.now();
      setTimeout(() => controller.abort(), 20);
      await ended;
      assert.ok(performance.now() - started < 2000);
      await assert.rejects(pool.run('hashFiles', { files: [] }), isAborted);
    },
    controller.signal,
  );
});

test('a pool that is stopped before it begins, or closed, starts nothing', async () => {
  const stopped = new WorkerPool(1, AbortSignal.abort());
  await assert.rejects(stopped.run('hashFiles', { files: [] }), (error) => isSlimimageError(error, 'ABORTED'));
  await stopped.close();
  const closed = new WorkerPool(1);
  const waiting = assert.rejects(closed.run('hashFiles', { files: [] }), (error) => isSlimimageError(error, 'ABORTED'));
  await closed.close();
  await waiting;
});

test('a job that the thread does not know fails by name, and the thread goes on', async () => {
  await withPool(1, async (pool) => {
    await assert.rejects(
      pool.run('none' as 'hashFiles', { files: [] }),
      (error) => isSlimimageError(error, 'IO') && error.message.startsWith('none failed'),
    );
    assert.deepEqual(await pool.run('hashFiles', { files: [] }), []);
  });
});
