import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import { dpkgPicture, type LayerPicture } from '../../test/support/view.ts';

const base: LayerPicture = { 'usr/bin/a': 'a', ...dpkgPicture({ a: ['usr/bin/a'] }) };
const both: LayerPicture = { 'usr/bin/b': 'b', ...dpkgPicture({ a: ['usr/bin/a'], b: ['usr/bin/b'] }) };

describe('packages that a layer deletes', () => {
  const only = ['deleted-package', 'damaged-package-database'];

  test('of a lower layer', () => {
    const { messages } = found([base, both, { '-usr/bin/b': '', ...dpkgPicture({ a: ['usr/bin/a'] }) }], { only });
    assert.deepEqual(messages, ['layer 3 deletes the package b 1.0, which is still in layer 2']);
  });

  test('none is, where all stay or the same layer takes it away', () => {
    assert.deepEqual(found([base, both], { only }).messages, []);
    assert.deepEqual(found([base, { ...dpkgPicture({ a: ['usr/bin/a'] }) }], { only }).messages, []);
  });

  test('taken out of the database alone', () => {
    const { lines, messages } = found([both, dpkgPicture({ a: ['usr/bin/a'] })], { only });
    assert.deepEqual(lines, ['warning damaged-package-database']);
    assert.deepEqual(messages, ['layer 2 takes packages out of the database and leaves their files: b']);
  });

  test('a database that can not be read', () => {
    assert.deepEqual(found([{ 'var/lib/dpkg/status': 'Package: x\nVersion' }], { only }).lines.length, 1);
  });
});

describe('what a build leaves', () => {
  const only = ['package-lists', 'source-control', 'build-file'];
  const rows: readonly (readonly [string, LayerPicture, readonly string[]])[] = [
    [
      'lists of apt',
      { 'var/lib/apt/lists/x_InRelease': 'x', 'var/lib/apt/lists/y': 'yy' },
      ['info package-lists /var/lib/apt'],
    ],
    [
      'what apt-get clean leaves',
      { 'var/lib/apt/lists/lock': '', 'var/lib/apt/lists/partial/': {}, 'var/cache/apt/archives/lock': '' },
      [],
    ],
    ['a cache of apk', { 'var/cache/apk/APKINDEX.1.tar.gz': 'x' }, ['info package-lists /var/cache/apk']],
    ['a repository', { 'app/.git/': {}, 'app/.git/HEAD': 'ref' }, ['warning source-control /app/.git']],
    ['a file named .git', { 'app/.git': 'gitdir: ..' }, []],
    ['a Dockerfile', { 'app/Dockerfile': 'FROM x' }, ['info build-file /app/Dockerfile']],
    ['a module’s', { 'app/node_modules/x/Dockerfile': 'FROM x', 'app/Dockerfile.ts/': {} }, []],
    ['a package’s', { 'usr/share/x/Dockerfile': 'FROM x', ...dpkgPicture({ x: ['usr/share/x/Dockerfile'] }) }, []],
  ];
  for (const [name, layer, expected] of rows) {
    test(name, () => assert.deepEqual(found([layer], { only }).lines, expected));
  }
});
