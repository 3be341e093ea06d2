import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diversionsOf } from './diversions.ts';

function diversions(preinst: string, postinst = ''): readonly string[] {
  return diversionsOf([{ name: 'vim', scripts: { preinst, postinst } }]).map(
    ({ package: owner, from, to }) => `${owner}: ${from} -> ${to}`,
  );
}

test('literal calls give diversions', () => {
  assert.deepEqual(diversions('dpkg-divert --package vim --add --rename --divert /usr/bin/vi.old /usr/bin/vi'), [
    'vim: usr/bin/vi -> usr/bin/vi.old',
  ]);
  assert.deepEqual(diversions('/usr/sbin/dpkg-divert --quiet --divert=/b --no-rename /a'), ['vim: a -> b']);
  assert.deepEqual(diversions('dpkg-divert --add /usr/bin/vi'), ['vim: usr/bin/vi -> usr/bin/vi.distrib']);
});

test('diversions that are taken back, local, unknown or only asked for are none', () => {
  assert.deepEqual(
    diversions('dpkg-divert --package vim --divert /b --add /a', 'dpkg-divert --package vim --remove /a'),
    [],
  );
  assert.deepEqual(diversions('dpkg-divert --local --divert /b --add /a'), []);
  assert.deepEqual(diversions('dpkg-divert --divert /b --add "$file"'), []);
  assert.deepEqual(diversions('dpkg-divert --list /a; dpkg-divert --truename /a'), []);
});
