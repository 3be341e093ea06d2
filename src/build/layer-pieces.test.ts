import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content, ContentEntry } from '../content/types.ts';
import { readTarSync } from '../formats/tar/events.ts';
import { type PlannedPiece, planLayer } from './layer-pieces.ts';
import { ImageTree, type NodeSource, type TreeNode } from './tree.ts';

const common = { mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 };

/** `f` a file, `-> x` a link, `= x` a hard link, `d` a folder. Files are 10 bytes and begin at 100, 200, ... */
function contentOf(name: string, picture: Readonly<Record<string, string>>): Content {
  const entries = Object.entries(picture).map(([path, text], at): ContentEntry => {
    const [kind, linkTarget] = text.split(' ');
    if (kind === 'd') return { ...common, path, type: 'directory', mode: 0o755, offset: -1 };
    if (kind === '->') return { ...common, path, type: 'symlink', linkTarget, offset: -1 };
    if (kind === '=') return { ...common, path, type: 'hardlink', linkTarget, offset: -1 };
    return { ...common, path, type: 'file', size: 10, offset: (at + 1) * 100 };
  });
  return { key: name, index: { name, entries } as never, fragmentPath: name, compressed: undefined };
}

/** Every entry of the packages, at its own path. */
function treeOf(...contents: readonly Content[]): ImageTree {
  const tree = new ImageTree();
  for (const { index } of contents) {
    for (const entry of index.entries) {
      const source: NodeSource = { type: 'package', package: index.name, origin: entry, intact: true };
      tree.set({ entry, source });
    }
  }
  return tree;
}

function add(tree: ImageTree, path: string, node: Partial<TreeNode['entry']> & { source?: NodeSource } = {}): void {
  const { source = { type: 'none', rule: 'test' }, ...entry } = node;
  tree.set({ entry: { ...common, path, type: 'file', ...entry }, source });
}

function change(tree: ImageTree, path: string, entry: Partial<TreeNode['entry']>): void {
  const node = tree.get(path) ?? assert.fail(path);
  tree.delete(path);
  tree.set({ entry: { ...node.entry, ...entry }, source: { ...node.source, intact: false } as NodeSource });
}

function pictureOf(tree: ImageTree, ...contents: readonly Content[]): readonly string[] {
  return planLayer(tree.nodes(), new Map(contents.map((content) => [content.index.name, content]))).map(pieceText);
}

function pieceText(piece: PlannedPiece): string {
  switch (piece.type) {
    case 'bytes':
      return `bytes: ${headersOf(piece.bytes).join(', ')}`;
    case 'content':
      return `content of ${piece.content.key}`;
    case 'cut': {
      const entries = piece.entries.map(({ header: { path, type, size, linkTarget }, contentOffset }) => {
        const rest = type === 'file' ? ` ${size}@${contentOffset}` : ` -> ${linkTarget}`;
        return `${path} ${type}${rest}`;
      });
      return `cut of ${piece.content.key}: ${entries.join(', ')}`;
    }
    case 'pack':
      return `pack: ${piece.entries.map(({ header, file }) => `${header.path} from ${file}`).join(', ')}`;
  }
}

function headersOf(tar: Uint8Array): readonly string[] {
  return [...readTarSync([tar], { endOptional: true })].flatMap((event) =>
    event.type === 'entry' ? [event.header.path] : [],
  );
}

test('folders, packages by name, copied files, generated entries with hard links last, the end', () => {
  const b = contentOf('b', { usr: 'd', 'usr/b': 'f' });
  const a = contentOf('a', { 'usr/lib': 'd', 'usr/lib/z': 'f', 'usr/a': '-> lib/z' });
  const tree = treeOf(b, a);
  const host = (file: string): NodeSource => ({ type: 'file', file, sha256: '', rule: 'test' });
  add(tree, 'srv/z', { source: host('/host/z') });
  add(tree, 'srv/a', { source: host('/host/a') });
  add(tree, 'etc/passwd', { size: 4, source: { type: 'bytes', bytes: Buffer.from('root'), rule: 'test' } });
  add(tree, 'etc/alias', { type: 'hardlink', linkTarget: 'etc/passwd' });
  add(tree, 'var/run', { type: 'symlink', linkTarget: '/run' });
  add(tree, 'srv', { type: 'directory', mode: 0o755 });
  assert.deepEqual(pictureOf(tree, a, b), [
    'bytes: srv, usr, usr/lib',
    'content of a',
    'content of b',
    'pack: srv/a from /host/a, srv/z from /host/z',
    'bytes: etc/passwd, var/run, etc/alias',
  ]);
});

test('the end of the archive is two empty blocks, also of an image of nothing', () => {
  const pieces = planLayer([], new Map());
  const bytes = Buffer.concat(pieces.map((piece) => (piece.type === 'bytes' ? piece.bytes : Buffer.from('?'))));
  assert.equal(bytes.length % 512, 0);
  assert.ok(bytes.length >= 1024 && bytes.every((byte) => byte === 0));
});

test('a package of which anything changed is cut, its entries in order of where they are now', () => {
  const a = contentOf('a', { 'usr/a': 'f', 'usr/b': 'f', 'usr/c': '-> b' });
  const moved = treeOf(a);
  change(moved, 'usr/a', { path: 'usr/x' });
  assert.deepEqual(pictureOf(moved, a)[1], 'cut of a: usr/b file 10@200, usr/c symlink -> b, usr/x file 10@100');
  const dropped = treeOf(a);
  dropped.delete('usr/b');
  assert.deepEqual(pictureOf(dropped, a)[1], 'cut of a: usr/a file 10@100, usr/c symlink -> b');
  const other = treeOf(a);
  change(other, 'usr/a', { mode: 0o600 });
  assert.match(pictureOf(other, a)[1] ?? '', /^cut of a: usr\/a/);
});

test('a package of which nothing is left is no piece', () => {
  const a = contentOf('a', { usr: 'd', 'usr/a': 'f' });
  const tree = treeOf(a);
  tree.delete('usr/a');
  assert.deepEqual(pictureOf(tree, a), ['bytes: usr', 'bytes: ']);
});

test('files that share an inode go on sharing it: the first that is left carries the bytes', () => {
  const a = contentOf('a', { 'usr/a': 'f', 'usr/b': '= usr/a', 'usr/c': '= usr/a' });
  const without = treeOf(a);
  without.delete('usr/a');
  assert.deepEqual(pictureOf(without, a)[1], 'cut of a: usr/b file 10@100, usr/c hardlink -> usr/b');
  const moved = treeOf(a);
  change(moved, 'usr/a', { path: 'usr/z' });
  assert.deepEqual(
    pictureOf(moved, a)[1],
    'cut of a: usr/b file 10@100, usr/c hardlink -> usr/b, usr/z hardlink -> usr/b',
  );
});
