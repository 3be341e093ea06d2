import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isSlimimageError } from '../errors.ts';
import { mapLimit, Semaphore } from './concurrency.ts';

test('mapLimit keeps the order and never runs more than the limit', async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimit(
    [5, 1, 4, 2, 3],
    async (item, { index }) => {
      most = Math.max(most, ++running);
      await delay(item);
      running--;
      return `${index}:${item}`;
    },
    { limit: 2 },
  );
  assert.deepEqual(results, ['0:5', '1:1', '2:4', '3:2', '4:3']);
  assert.equal(most, 2);
});

test('mapLimit of nothing is nothing', async () => {
  assert.deepEqual(await mapLimit([], async () => 1, { limit: 3 }), []);
});

test('the first error aborts the siblings, starts nothing new and is what is thrown', async () => {
  const started: number[] = [];
  let siblingEnded = false;
  const work = mapLimit(
    [0, 1, 2, 3, 4],
    async (item, { signal }) => {
      started.push(item);
      if (item === 1) throw new RangeError('one');
      await delay(10_000, undefined, { signal }).catch(() => {
        siblingEnded = true;
        throw new RangeError('late');
      });
    },
    { limit: 2 },
  );
  await assert.rejects(work, { message: 'one' });
  assert.deepEqual(started, [0, 1]);
  assert.equal(siblingEnded, true);
});

test('mapLimit ends with ABORTED when the caller stops it', async () => {
  const controller = new AbortController();
  const work = mapLimit([1, 2], (_item, { signal }) => delay(10_000, undefined, { signal }), {
    limit: 1,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 5);
  await assert.rejects(work, (error) => isSlimimageError(error, 'ABORTED'));
  await assert.rejects(
    mapLimit([1], async () => 1, { limit: 1, signal: controller.signal }),
    (error) => isSlimimageError(error, 'ABORTED'),
  );
});

test('a semaphore gives places in the order of asking', async () => {
  const semaphore = new Semaphore(1);
  const order: string[] = [];
  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      semaphore.run(async () => {
        order.push(`+${name}`);
        await delay(1);
        order.push(`-${name}`);
      }),
    ),
  );
  assert.deepEqual(order, ['+a', '-a', '+b', '-b', '+c', '-c']);
});

test('who stops waiting leaves the queue, and a place given back twice counts once', async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  const controller = new AbortController();
  const waiting = semaphore.acquire(controller.signal);
  const patient = semaphore.acquire();
  controller.abort();
  await assert.rejects(waiting, (error) => isSlimimageError(error, 'ABORTED'));
  release();
  release();
  const releasePatient = await patient;
  let third = false;
  const last = semaphore.acquire().then((give) => {
    third = true;
    return give;
  });
  await delay(1);
  assert.equal(third, false);
  releasePatient();
  (await last)();
});
