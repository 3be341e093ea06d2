import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContentEntry } from '../content/types.ts';
import { sharedNames } from './shared-names.ts';
import { ImageTree, type NodeSource } from './tree.ts';

const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
const made: NodeSource = { type: 'none', rule: 'test' };

function packaged(tree: ImageTree, path: string, linkTarget?: string): void {
  const type = linkTarget === undefined ? 'file' : 'hardlink';
  const origin: ContentEntry = {
    ...metadata,
    offset: 0,
    path: path.replace('moved/', ''),
    type,
    linkTarget,
  };
  tree.set({ entry: { ...origin, path }, source: { type: 'package', package: 'perl', origin, intact: true } });
}

test('names of one file are found from each of them, by what the package said before anything moved', () => {
  const tree = new ImageTree();
  packaged(tree, 'moved/perl');
  packaged(tree, 'perl5', 'perl');
  packaged(tree, 'other');
  tree.set({ entry: { ...metadata, path: 'made', type: 'hardlink', linkTarget: 'perl5' }, source: made });
  const namesOf = sharedNames(tree);
  for (const path of ['moved/perl', 'perl5', 'made']) {
    assert.deepEqual([...namesOf(path)].sort(), ['made', 'moved/perl', 'perl5'], path);
  }
  assert.deepEqual(namesOf('other'), ['other']);
  assert.deepEqual(namesOf('not/there'), ['not/there']);
});

test('folders and symbolic links have one name', () => {
  const tree = new ImageTree();
  tree.set({ entry: { ...metadata, path: 'a', type: 'directory' }, source: made });
  tree.set({ entry: { ...metadata, path: 'b', type: 'symlink', linkTarget: 'a' }, source: made });
  const namesOf = sharedNames(tree);
  assert.deepEqual([namesOf('a'), namesOf('b')], [['a'], ['b']]);
});
