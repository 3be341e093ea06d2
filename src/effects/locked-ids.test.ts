import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { collectAccounts } from './collect-accounts.ts';
import { effectInput } from './testing.ts';
import type { EffectSettings } from './types.ts';

const zebra = { 'usr/lib/sysusers.d/z.conf': 'u zebra -\ng stripes -\n' };
const redis = { name: 'redis-server', scripts: { postinst: 'adduser --system --group redis' } };

function collect(locked: Readonly<Record<string, number>>, settings: Partial<EffectSettings> = {}) {
  const lockedIds = new Map(Object.entries(locked));
  return collectAccounts(
    effectInput({
      tree: zebra,
      packages: [redis],
      settings: { ...settings, ...(lockedIds.size > 0 && { lockedIds }) },
    }),
  );
}

function idsOf(collected: ReturnType<typeof collect>): Readonly<Record<string, number>> {
  return Object.fromEntries(collected.accounts.users.map(({ name, uid }) => [name, uid]));
}

test('what a lock keeps are the numbers that slimimage chose, users and groups by name', () => {
  const { assignedIds } = collect({}, { users: [person('ann')], groups: [{ name: 'staff', gid: undefined }] });
  assert.deepEqual(Object.keys(assignedIds.users), ['redis', 'zebra']);
  assert.deepEqual(Object.keys(assignedIds.groups), ['redis', 'stripes', 'zebra']);
  assert.deepEqual([assignedIds.users['redis'], assignedIds.groups['redis']], [202, 202]);
});

test('a number that a package, Debian or the configuration fixes is not in it', () => {
  const tree = { 'usr/lib/sysusers.d/x.conf': 'u fixed 64055\nu redis -\n' };
  const { assignedIds } = collectAccounts(
    effectInput({ tree, settings: { users: [{ ...person('redis'), uid: 500 }] } }),
  );
  assert.deepEqual(assignedIds, { users: {}, groups: {} });
});

test('the numbers of a lock are given again, and go before the table', () => {
  const ids = idsOf(collect({ redis: 777, zebra: 202 }));
  assert.deepEqual([ids['redis'], ids['zebra']], [777, 202]);
});

test('a lock that is given back what it was made of changes nothing', () => {
  const fresh = collect({});
  const again = collect({ ...fresh.assignedIds.users, ...fresh.assignedIds.groups });
  assert.deepEqual(again, fresh);
});

test('an account that the lock does not know gets none of its numbers', () => {
  const free = idsOf(collect({}))['zebra'] as number;
  assert.notEqual(idsOf(collect({ other: free }))['zebra'], free);
});

test('the configuration goes first; a number that it takes away is told', () => {
  assert.equal(idsOf(collect({ zebra: 300 }, { users: [{ ...person('zebra'), uid: 1234 }] }))['zebra'], 1234);
  assert.throws(
    () => collect({ zebra: 300 }, { users: [{ ...person('ann'), uid: 300 }] }),
    (error) =>
      isSlimimageError(error, 'ACCOUNT_INVALID') &&
      /The lock gives the account "zebra" the number 300/.test(error.message) &&
      /slimimage lock/.test(error.hint ?? ''),
  );
});

function person(name: string) {
  return { name, uid: undefined, group: undefined, groups: [], home: undefined, shell: undefined };
}
