import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
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

test('what is taken back is the diversion of that name and target, in the order of the calls', () => {
  const add = 'dpkg-divert --package vim --divert /a.new --add /a';
  assert.deepEqual(diversions(`dpkg-divert --package vim --remove /a\n${add}`), ['vim: a -> a.new']);
  assert.deepEqual(diversions(add, 'dpkg-divert --package vim --divert /a.old --remove /a'), ['vim: a -> a.new']);
  assert.deepEqual(diversions(add, 'dpkg-divert --package bash --remove /a'), ['vim: a -> a.new']);
  assert.deepEqual(diversions(`${add}; ${add}`), ['vim: a -> a.new']);
});

test('loops and functions divert too, as zutils and vim-runtime do', () => {
  assert.deepEqual(
    diversions('for FILE in zcat zcmp; do dpkg-divert --package zutils --divert "/bin/$FILE.gzip" /bin/$FILE; done'),
    ['zutils: bin/zcat -> bin/zcat.gzip', 'zutils: bin/zcmp -> bin/zcmp.gzip'],
  );
  const script =
    'add_diversion() {\n  dpkg-divert --add --rename \\\n    --divert "$1.vim-tiny" "$1"\n}\nadd_diversion /doc/tags\n';
  assert.deepEqual(diversions(script), ['vim: doc/tags -> doc/tags.vim-tiny']);
});

test('a path is one path however it is written, and never leaves the root', () => {
  assert.deepEqual(diversions('dpkg-divert --add --divert //usr/./b /usr//a'), ['vim: usr/a -> usr/b']);
  assert.deepEqual(
    diversions('dpkg-divert --add --divert /usr/b/ /usr/a; dpkg-divert --add /; dpkg-divert --add /.'),
    [],
  );
  for (const call of ['--divert /../../etc/x /usr/a', '--divert /usr/b /usr/../a']) {
    assert.throws(
      () => diversions(`dpkg-divert --add ${call}`),
      (error) => isSlimimageError(error, 'PATH_UNSAFE') && error.message.includes('vim (preinst)'),
    );
  }
});
