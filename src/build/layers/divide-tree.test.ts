import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImageTree, type NodeSource } from '../tree.ts';
import { divideTree, recordedPackage, wholeTree } from './divide-tree.ts';

/** Path -> where it is from: `a` a package, `=x` a rule, `file`, `base`; folders end in a slash, `-> x` is a hard link. */
function treeOf(picture: Readonly<Record<string, string>>): ImageTree {
  const tree = new ImageTree();
  for (const [text, from] of Object.entries(picture)) {
    const [written = '', linkTarget] = text.split(' -> ');
    const path = written.replace(/\/$/, '');
    const type = written.endsWith('/') ? 'directory' : linkTarget === undefined ? 'file' : 'hardlink';
    const entry = { path, type, mode: 0o644, uid: 0, gid: 0, mtime: 7, size: 0, linkTarget } as const;
    tree.set({ entry, source: sourceOf(from, entry) });
  }
  return tree;
}

function sourceOf(from: string, entry: object): NodeSource {
  if (from === 'base') return { type: 'base' };
  if (from === 'file') return { type: 'file', file: '/host', sha256: '', rule: 'files: /app' };
  if (from.startsWith('=')) return { type: 'none', rule: from.slice(1) };
  return { type: 'package', package: from, origin: entry as never, intact: true };
}

function pictureOf(tree: ImageTree, generatedApart = true): readonly string[] {
  return divideTree(tree, { groups: [['a', 'base-files'], ['b']], generatedApart }).map(
    ({ holds, nodes }) =>
      `${holds}: ${nodes
        .map(({ entry }) => entry.path)
        .sort()
        .join(' ')}`,
  );
}

test('packages with their records, generated files, your own files; folders in each that has something in them', () => {
  const tree = treeOf({
    'usr/': 'a',
    'usr/bin/': '=parent folder',
    'usr/bin/a': 'a',
    'usr/bin/b': 'b',
    'usr/empty/': 'b',
    'etc/': '=parent folder',
    'etc/passwd': '=accounts',
    'bin/': '=base layout',
    'app/': '=files: /app',
    'app/x': 'file',
    'usr/bin/x': '=paths: /usr/bin/x',
    'var/': '=parent folder',
    'var/lib/': '=parent folder',
    'var/lib/dpkg/': '=parent folder',
    'var/lib/dpkg/status.d/': '=parent folder',
    'var/lib/dpkg/status.d/a': '=dpkg metadata',
    'var/lib/dpkg/status.d/b:amd64.md5sums': '=dpkg metadata',
  });
  const records = 'var var/lib var/lib/dpkg var/lib/dpkg/status.d';
  assert.deepEqual(pictureOf(tree), [
    `packages: bin usr usr/bin usr/bin/a ${records} var/lib/dpkg/status.d/a`,
    `packages: usr usr/bin usr/bin/b usr/empty ${records} var/lib/dpkg/status.d/b:amd64.md5sums`,
    'generated: etc etc/passwd',
    'own: app app/x usr usr/bin usr/bin/x',
  ]);
  assert.match(pictureOf(tree, false)[1] ?? '', /^packages: etc etc\/passwd usr usr\/bin usr\/bin\/b /);
});

test('a packaged path that the configuration replaces is in the last layer alone', () => {
  const layers = pictureOf(treeOf({ 'etc/': 'a', 'etc/a.conf': 'file' }));
  assert.deepEqual(layers, ['packages: etc', 'own: etc etc/a.conf']);
});

test('a hard link is in the layer of its file', () => {
  const tree = treeOf({ b: 'b', x: 'file', 'to-b -> b': '=paths: /to-b', 'to-x -> x': '=paths: /to-x' });
  assert.deepEqual(pictureOf(tree), ['packages: b to-b', 'own: to-x x']);
});

test('of the image below only the folders above something new are repeated', () => {
  const tree = treeOf({
    'etc/': 'base',
    'usr/': 'base',
    'usr/share/': 'base',
    'usr/share/old': 'base',
    'usr/share/b': 'b',
  });
  assert.deepEqual(pictureOf(tree), ['packages: usr usr/share usr/share/b']);
  assert.deepEqual(
    wholeTree(tree, [])
      .nodes.map(({ entry }) => entry.path)
      .sort(),
    ['usr', 'usr/share', 'usr/share/b'],
  );
});

test('a folder that was made for something which is gone is a generated one', () => {
  assert.deepEqual(pictureOf(treeOf({ 'opt/': '=parent folder', 'opt/left/': '=parent folder' })), [
    'generated: opt opt/left',
  ]);
});

test('the records of a package, its name with dots, its architecture', () => {
  const of = (name: string) => recordedPackage(`var/lib/dpkg/status.d/${name}`);
  assert.deepEqual(['python3.13', 'python3.13.md5sums', 'libc6:i386', 'libstdc++6:i386.md5sums'].map(of), [
    'python3.13',
    'python3.13',
    'libc6',
    'libstdc++6',
  ]);
  assert.equal(recordedPackage('usr/lib/x'), undefined);
});

test('byte code goes with the package of its module', () => {
  const tree = treeOf({
    'usr/': 'b',
    'usr/x.py': 'b',
    'usr/__pycache__/': '=parent folder',
    'usr/__pycache__/x.cpython-313.pyc': '=byte code',
    'etc/passwd': '=accounts',
  });
  assert.deepEqual(pictureOf(tree), [
    'packages: usr usr/__pycache__ usr/__pycache__/x.cpython-313.pyc usr/x.py',
    'generated: etc/passwd',
  ]);
});
