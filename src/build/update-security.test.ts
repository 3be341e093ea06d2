import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockOf } from '../../test/support/locks.ts';
import { debianVersions, fullPolicy, packages, requests, universeOf } from '../../test/support/universe.ts';
import type { PackageRecord, Universe } from '../distro/types.ts';
import { resolve } from '../solver/resolve.ts';
import { sha256Hex } from '../util/digest.ts';
import { isSecurity, securityUniverse } from './update-security.ts';

interface Case {
  readonly locked: readonly string[];
  /** What the archives have now; `Suite: trixie-security` for what is of security. */
  readonly archives: readonly string[];
  readonly request?: string;
}

const security = 'Suite: trixie-security';

test('the newest version of the security suite, or the locked one', async () => {
  const { chosen } = await update({
    locked: ['app 1', 'lib 1', 'other 1'],
    archives: [
      ...['app 1; Depends: lib, other', 'app 3; Depends: lib, other', 'lib 1', 'lib 9', 'other 1', 'other 2'],
      ...[`lib 1.1; ${security}`, `lib 1.2; ${security}`],
    ],
  });
  assert.deepEqual(chosen, ['app 1', 'lib 1.2', 'other 1']);
});

test('an older version of the security suite is no update', async () => {
  const { chosen } = await update({ locked: ['app 2'], archives: ['app 2', `app 1.9; ${security}`] });
  assert.deepEqual(chosen, ['app 2']);
});

test('a locked version that no index has any more is fetched, unless a newer one is taken', async () => {
  const { chosen, fetched, gone } = await update({
    locked: ['app 1; Depends: lib', 'lib 1'],
    archives: ['app 2; Depends: lib', 'lib 2', `lib 1.1; ${security}`],
  });
  assert.deepEqual(chosen, ['app 1', 'lib 1.1']);
  assert.deepEqual([fetched, gone], [['app'], ['app']]);
});

test('no other package comes, though the archives would prefer it now', async () => {
  const { chosen } = await update({
    locked: ['app 1', 'two 1'],
    archives: ['app 1; Depends: one | two', 'one 1', 'two 1', `two 1.1; ${security}`],
  });
  assert.deepEqual(chosen, ['app 1', 'two 1.1']);
});

test('a package that a security update needs comes, from anywhere', async () => {
  const { chosen } = await update({
    locked: ['app 1'],
    archives: ['app 1', `app 1.1; Depends: fresh; ${security}`, 'fresh 1'],
  });
  assert.deepEqual(chosen, ['app 1.1', 'fresh 1']);
});

test('what needs more than security brings is held back, with the sources that go with it; the rest is taken', async () => {
  const { chosen, held } = await update({
    locked: ['app 1', 'base 1', 'lib 1', 'other 1'],
    archives: [
      ...['app 1; Depends: lib, base, other', 'lib 1', 'base 1', 'base 2', 'other 1'],
      ...[`lib 1.1; Depends: base (>= 2); ${security}`, `other 1.1; ${security}`],
    ],
  });
  assert.deepEqual(chosen, ['app 1', 'base 1', 'lib 1', 'other 1.1']);
  assert.deepEqual(held, [{ name: 'lib', version: '1', available: '1.1' }]);
});

test('sources that need one another are taken one after the other', async () => {
  const { chosen, held } = await update({
    locked: ['a 1', 'b 1', 'c 1', 'd 1'],
    archives: [
      ...['a 1; Depends: b, c, d', 'b 1', 'c 1', 'd 1', 'd 2'],
      ...[`b 1.1; Depends: c (>= 1.1); ${security}`, `c 1.1; ${security}`, `d 1.1; Depends: gone; ${security}`],
    ],
    request: 'a',
  });
  assert.deepEqual(chosen, ['a 1', 'b 1.1', 'c 1.1', 'd 1']);
  assert.deepEqual(
    held.map(({ name }) => name),
    ['d'],
  );
});

test('an exact request is stronger than a security update', async () => {
  const { chosen, held } = await update({
    locked: ['app 1'],
    archives: ['app 1', `app 1.1; ${security}`],
    request: 'app=1',
  });
  assert.deepEqual(chosen, ['app 1']);
  assert.deepEqual(held, [{ name: 'app', version: '1', available: '1.1' }]);
});

test('what a security suite is called', () => {
  const release = { suite: 'stable', codename: 'bookworm', version: '', origin: 'Debian', label: 'Debian' };
  assert.ok(isSecurity({ suite: 'trixie-security' }));
  assert.ok(isSecurity({ suite: 'x', release: { ...release, suite: 'stable-security' } }));
  assert.ok(isSecurity({ suite: 'buster/updates', release: { ...release, label: 'Debian-Security' } }));
  assert.ok(!isSecurity({ suite: 'bookworm', release }));
  assert.ok(!isSecurity({ suite: 'bookworm-security-extra' }));
});

async function update({ locked, archives, request = 'app' }: Case) {
  const universe = universeOf(records(archives));
  const fetched: string[] = [];
  const question = requests(request);
  const ask = (among: Universe) => resolve(among, question, { policy: fullPolicy, versions: debianVersions });
  const found = await securityUniverse(universe, {
    locked: lockOf(locked).platforms[0]?.packages ?? [],
    free: [],
    ask,
    fetch: async (items) => {
      fetched.push(...items.map(({ name }) => name));
      return items.flatMap(({ name }) => records(locked).filter((record) => record.name === name));
    },
  });
  const answer = ask(found.universe);
  const chosen = answer.ok
    ? answer.resolution.packages.map(({ record }) => `${record.name} ${record.version}`)
    : answer;
  return { chosen, fetched, held: found.held, gone: found.gone.map(({ name }) => name) };
}

/** Their sums are those that `lockOf` gives to the same name and version. */
function records(lines: readonly string[]): readonly PackageRecord[] {
  return packages(...lines.map((line) => `${line}; SHA256: ${sha256Hex(`${line.split(';')[0]} `)}`));
}
