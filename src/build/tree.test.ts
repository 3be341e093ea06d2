import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { ensureParents, ImageTree, parentOf } from './tree.ts';

/** `d` is a folder, `f` a file, `-> x` a link. */
function treeOf(picture: Readonly<Record<string, string>>): ImageTree {
  const tree = new ImageTree();
  for (const [path, text] of Object.entries(picture)) {
    const type = text === 'd' ? 'directory' : text === 'f' ? 'file' : 'symlink';
    const linkTarget = type === 'symlink' ? text.slice(3) : undefined;
    tree.set({
      entry: { path, type, mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0, linkTarget },
      source: { type: 'none', rule: 'test' },
    });
  }
  return tree;
}

const merged = treeOf({
  usr: 'd',
  'usr/bin': 'd',
  'usr/bin/sh': '-> dash',
  'usr/bin/dash': 'f',
  bin: '-> usr/bin',
  var: 'd',
  'var/run': '-> /run',
  'opt/a': '-> ../../../../var/run/x',
  loop: '-> loop/x',
  'ring/a': '-> b',
  'ring/b': '-> /ring/a',
  empty: '-> ',
});

const cases: readonly (readonly [path: string, followed: string, kept?: string])[] = [
  ['usr/bin/dash', 'usr/bin/dash'],
  ['bin/sh', 'usr/bin/dash', 'usr/bin/sh'],
  ['bin', 'usr/bin', 'bin'],
  ['bin/none/deeper', 'usr/bin/none/deeper'],
  ['var/run/lock', 'run/lock'],
  ['opt/a', 'run/x', 'opt/a'],
  ['opt/a/b', 'run/x/b'],
  ['bin/../lib', 'usr/lib'],
  ['../../etc/./passwd', 'etc/passwd'],
  ['', ''],
  ['empty/x', 'x'],
];

for (const [path, followed, kept = followed] of cases) {
  test(`"${path}" is ${followed} inside the image`, () => {
    assert.equal(merged.resolve(path, { last: true }), followed);
    assert.equal(merged.resolve(path, { last: false }), kept);
  });
}

test('loops of links are refused, whichever way one comes in', () => {
  for (const path of ['loop', 'ring/a', 'ring/b/x', 'loop/x']) {
    assert.throws(
      () => merged.resolve(path, { last: true }),
      (error) => isSlimimageError(error, 'PATH_UNSAFE') && error.message.includes(`/${path}`),
    );
  }
  assert.equal(merged.resolve('ring/a', { last: false }), 'ring/a');
});

test('no links and no dots lead out of the root, and every answer comes', () => {
  const name = fc.constantFrom('a', 'b', '..', '.', '');
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  const links = fc.dictionary(fc.constantFrom('a', 'b', 'a/b', 'b/a'), fc.tuple(fc.boolean(), path), { maxKeys: 4 });
  fc.assert(
    fc.property(links, path, fc.boolean(), (targets, start, last) => {
      const tree = treeOf(
        Object.fromEntries(Object.entries(targets).map(([at, [root, to]]) => [at, `-> ${root ? '/' : ''}${to}`])),
      );
      try {
        const parts = tree.resolve(start, { last }).split('/');
        assert.ok(!parts.includes('..') && !parts.includes('.'));
      } catch (error) {
        assert.ok(isSlimimageError(error, 'PATH_UNSAFE'));
      }
    }),
    { numRuns: 10_000 },
  );
});

test('children and everything below are known, also after changes', () => {
  const tree = treeOf({ a: 'd', 'a/c': 'f', 'a/b': 'd', 'a/b/x': 'f', ab: 'f' });
  assert.deepEqual(tree.childrenOf('a'), ['a/b', 'a/c']);
  assert.deepEqual([...tree.below('a')].sort(), ['a/b', 'a/b/x', 'a/c']);
  assert.deepEqual([...tree.below('')].length, 5);
  tree.delete('a/b/x');
  const file = tree.get('a/c') ?? assert.fail('a/c is gone');
  tree.set({ entry: { ...file.entry, path: 'a/d' }, source: { type: 'base' } });
  assert.deepEqual([...tree.below('a')].sort(), ['a/b', 'a/c', 'a/d']);
  assert.deepEqual(tree.childrenOf('none'), []);
  assert.equal(tree.size, 5);
});

test('missing folders are made, those that are there are left alone', () => {
  const tree = treeOf({ srv: 'd' });
  assert.deepEqual(ensureParents(tree, 'srv/a/b/file', { mtime: 7 }), ['srv/a', 'srv/a/b']);
  assert.deepEqual(ensureParents(tree, 'srv/a/b/other', { mtime: 8 }), []);
  assert.deepEqual(ensureParents(tree, 'file', { mtime: 8 }), []);
  const { entry, source } = tree.get('srv/a') ?? assert.fail('srv/a was not made');
  assert.deepEqual([entry.type, entry.mode, entry.uid, entry.gid, entry.mtime], ['directory', 0o755, 0, 0, 7]);
  assert.deepEqual(source, { type: 'none', rule: 'parent folder' });
});

test('the parent of a path', () => {
  assert.deepEqual(['a/b/c', 'a/b', 'a', ''].map(parentOf), ['a/b', 'a', '', '']);
});
