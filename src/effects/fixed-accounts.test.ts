import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixedAccounts, packagedOwner } from './fixed-accounts.ts';
import { systemIds } from './system-ids.ts';

const folder = '/usr/share/base-passwd';

test("base-passwd's own masters are read in full", { skip: existsSync(folder) ? false : 'no base-passwd' }, () => {
  const fixed = fixedAccounts({ read: (path) => readFileSync(join('/', path)) });
  const names = (file: string) =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0] ?? '');
  for (const name of names('passwd.master')) assert.ok(fixed.users.has(name), name);
  for (const name of names('group.master')) assert.ok(fixed.groups.has(name), name);
  assert.equal(fixed.users.get('www-data')?.uid, 33);
  assert.equal(fixed.users.size, names('passwd.master').length + 1, 'and nonroot');
  for (const name of Object.keys(systemIds)) {
    assert.ok(!fixed.users.has(name) && !fixed.groups.has(name), `${name} has a number of Debian's own`);
  }
});

test('owners: the name that Debian knows before the number', () => {
  const fixed = fixedAccounts({
    read: (path) => new TextEncoder().encode(path.endsWith('group.master') ? 'mail:*:8:\n' : 'man:*:6:12:man:/m:/s\n'),
  });
  assert.deepEqual(packagedOwner({ uid: 0, gid: 77, userName: 'man', groupName: 'mail' }, fixed), { uid: 6, gid: 8 });
  assert.deepEqual(packagedOwner({ uid: 5, gid: 77, groupName: 'stranger' }, fixed), { uid: 5, gid: 77 });
});
