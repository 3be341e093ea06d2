import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { HttpError } from '../net/http-error.ts';
import { type Place, tryPlaces } from './try-places.ts';

const record = { name: 'a', version: '1', architecture: 'all', origin: { archive: 'own' } } as PackageRecord;
const places: readonly Place[] = [
  { kind: 'mirror', url: 'one' },
  { kind: 'mirror', url: 'two' },
  { kind: 'snapshot archive', url: 'past' },
  { kind: 'snapshot archive', url: 'a day later' },
];

const notFound = new HttpError({ code: 'HTTP_STATUS', message: 'gone', status: 404 });
const down = new HttpError({ code: 'NETWORK', message: 'the connection was cut' });

/** Asks for packages one after the other: each row is what was asked of whom. */
async function ask(says: Readonly<Record<string, SlimimageError>>, packages: number) {
  const silent = new Set<string>();
  const rows: string[][] = [];
  for (let count = 0; count < packages; count++) {
    const row: string[] = [];
    rows.push(row);
    const attempt = async (url: string) => {
      row.push(url);
      if (says[url] !== undefined) throw says[url];
    };
    await tryPlaces(record, places, { silent, attempt }).catch((error) => row.push(error.code));
  }
  return rows;
}

test('in their order', async () => {
  assert.deepEqual(await ask({}, 1), [['one']]);
  const says = { one: notFound, two: notFound, past: notFound };
  assert.deepEqual(await ask(says, 1), [['one', 'two', 'past', 'a day later']]);
});

test('a place that is silent is asked last from then on, and still asked', async () => {
  assert.deepEqual(await ask({ one: down }, 3), [['one', 'two'], ['two'], ['two']]);
  const says = { one: down, two: notFound, past: notFound, 'a day later': notFound };
  assert.deepEqual(await ask(says, 2), [
    ['one', 'two', 'past', 'a day later', 'NETWORK'],
    ['two', 'past', 'a day later', 'one', 'HTTP_STATUS'],
  ]);
});

test('a snapshot archive that is down is not asked for another time', async () => {
  const says = { one: notFound, two: notFound, past: down };
  assert.deepEqual(await ask(says, 1), [['one', 'two', 'past', 'HTTP_STATUS']]);
});

test('what is our own fault ends it', async () => {
  const full = new SlimimageError({ code: 'IO', message: 'the disk is full' });
  assert.deepEqual(await ask({ one: full }, 1), [['one', 'IO']]);
});

test('an archive without any place is the configuration’s mistake', async () => {
  await failsWith('CONFIG_INVALID', tryPlaces(record, [], { silent: new Set(), attempt: async () => undefined }));
});
