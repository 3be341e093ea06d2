import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContentEntry } from '../content/types.ts';
import { satisfiesVersion } from '../distro/debian/version.ts';
import type { Relation } from '../distro/types.ts';
import type { Diversion } from '../effects/diversions.ts';
import { isSlimimageError } from '../errors.ts';
import { type MergeInput, mergePackages } from './merge.ts';

type Picture = Readonly<Record<string, string>>;

interface Package {
  readonly files: Picture;
  readonly version?: string;
  readonly replaces?: readonly Relation[];
}

/** `d` is a folder (with an octal mode), `f` a file, `-> x` a link, `= x` a hard link. */
function entryOf(path: string, text: string): ContentEntry {
  const common = { path, uid: 0, gid: 0, mtime: 0, size: 0, offset: -1 };
  const [type, rest] = text.split(' ');
  if (type === 'd') return { ...common, type: 'directory', mode: Number.parseInt(rest ?? '755', 8) };
  if (type === '->') return { ...common, type: 'symlink', mode: 0o777, linkTarget: rest };
  if (type === '=') return { ...common, type: 'hardlink', mode: 0o644, linkTarget: rest };
  return { ...common, type: 'file', mode: 0o644 };
}

function merge(packages: Readonly<Record<string, Package>>, diversions: readonly Diversion[] = []) {
  const inputs = Object.entries(packages).map(([name, { files, version = '1', replaces = [] }]): MergeInput => {
    const entries = Object.entries(files).map(([path, text]) => entryOf(path, text));
    return { name, version, replaces, content: { index: { entries } as never } };
  });
  const merged = mergePackages(inputs, {
    order: Object.keys(packages),
    diversions,
    satisfies: (version, { operator, version: bound }) =>
      operator === undefined || bound === undefined || satisfiesVersion(version, { operator, version: bound }),
  });
  const picture = Object.fromEntries(
    [...merged.tree.nodes()].map(({ entry, source }) => {
      const owner = source.type === 'package' ? source.package : source.type === 'none' ? source.rule : source.type;
      return [entry.path, `${owner} ${entry.type} ${entry.mode.toString(8)}`];
    }),
  );
  return { picture, notes: merged.notes };
}

test('folders are shared, the first in dependency order decides, differences are told', () => {
  const { picture, notes } = merge({
    a: { files: { var: 'd 755', 'var/x': 'f' } },
    b: { files: { var: 'd 2775', 'var/y': 'f' } },
  });
  assert.deepEqual(picture, { var: 'a directory 755', 'var/x': 'a file 644', 'var/y': 'b file 644' });
  assert.deepEqual(notes, [{ type: 'directory-differs', path: 'var', winner: 'a', loser: 'b' }]);
});

test('folders that no package lists are made', () => {
  assert.deepEqual(merge({ a: { files: { 'opt/x/y': 'f' } } }).picture, {
    'opt/x/y': 'a file 644',
    opt: 'parent folder directory 755',
    'opt/x': 'parent folder directory 755',
  });
});

test('Replaces decides who has a file, whoever comes first', () => {
  const replaces = [{ name: 'b', operator: '<<', version: '2' }] as const;
  assert.equal(merge({ a: { files: { x: 'f' }, replaces }, b: { files: { x: 'f' } } }).picture['x'], 'a file 644');
  assert.equal(merge({ b: { files: { x: 'f' } }, a: { files: { x: 'f' }, replaces } }).picture['x'], 'a file 644');
});

test('a file in two packages without a Replaces that holds is refused, both named', () => {
  const replaces = [{ name: 'b', operator: '<<', version: '1' }] as const;
  assert.throws(
    () => merge({ a: { files: { x: 'f' }, replaces }, b: { files: { x: 'f' } } }),
    (error) => isSlimimageError(error, 'FILE_CONFLICT') && error.message.includes('/x is in both a and b'),
  );
});

test('a diverted file goes aside, the diverting package keeps its own', () => {
  const diversion = { package: 'b', from: 'bin/sh', to: 'bin/sh.distrib' };
  const { picture } = merge({ a: { files: { 'bin/sh': 'f' } }, b: { files: { 'bin/sh': '-> dash' } } }, [diversion]);
  assert.equal(picture['bin/sh.distrib'], 'a file 644');
  assert.equal(picture['bin/sh'], 'b symlink 777');
});

test('what lies below a folder that is a link elsewhere follows the link', () => {
  const { picture } = merge({
    a: { files: { usr: 'd', 'usr/share': 'd', 'usr/share/new': 'd', 'usr/share/old': '-> new' } },
    b: { files: { 'usr/share/old': 'd', 'usr/share/old/x': 'f' } },
  });
  assert.equal(picture['usr/share/new/x'], 'b file 644');
  assert.equal(picture['usr/share/old'], 'a symlink 777');
  assert.equal(picture['usr/share/old/x'], undefined);
});

test('what was unpacked before a link stays, and so does its folder', () => {
  const { picture, notes } = merge({
    b: { files: { 'usr/share/old': 'd', 'usr/share/old/x': 'f' } },
    a: { files: { 'usr/share': 'd 700', 'usr/share/new': 'd', 'usr/share/old': '-> new' } },
  });
  assert.equal(picture['usr/share/old/x'], 'b file 644');
  assert.equal(picture['usr/share/old'], 'b directory 755');
  assert.equal(picture['usr/share'], 'a directory 700');
  assert.deepEqual(notes, [{ type: 'link-dropped', path: 'usr/share/old', winner: 'b', loser: 'a' }]);
});

test('nothing lies below a link: it is followed inside the root, listed or not, through chains and to what is missing', () => {
  const below = { b: { files: { 'usr/x/passwd': 'f' } } };
  const placed = (links: Picture) => Object.keys(merge({ a: { files: links }, ...below }).picture).sort();
  assert.deepEqual(placed({ 'usr/x': '-> /etc' }), ['etc', 'etc/passwd', 'usr', 'usr/x']);
  assert.deepEqual(placed({ 'usr/x': '-> ../../../../tmp/out' }), ['tmp', 'tmp/out', 'tmp/out/passwd', 'usr', 'usr/x']);
  assert.deepEqual(placed({ 'usr/x': '-> y', 'usr/y': '-> /' }), ['passwd', 'usr', 'usr/x', 'usr/y']);
  assert.throws(
    () => placed({ 'usr/x': '-> y', 'usr/y': '-> x' }),
    (error) => isSlimimageError(error, 'PATH_UNSAFE'),
  );
  assert.throws(
    () => placed({ etc: 'f', 'usr/x': '-> /etc' }),
    (error) => isSlimimageError(error, 'FILE_CONFLICT') && error.message.includes('/etc is in both a and b'),
  );
});

test('one link of two packages is shared where it leads to a folder', () => {
  const a = { files: { 'usr/new': 'd', 'usr/old': '-> new', 'usr/one': '-> file' } };
  assert.equal(merge({ a, b: { files: { 'usr/old': '-> new' } } }).picture['usr/old'], 'a symlink 777');
  for (const files of [{ 'usr/old': '-> other' }, { 'usr/one': '-> file' }] as readonly Picture[]) {
    assert.throws(
      () => merge({ a, b: { files } }),
      (error) => isSlimimageError(error, 'FILE_CONFLICT'),
    );
  }
});

test('a diverted file goes through links too', () => {
  const diversion = { package: 'b', from: 'bin/sh', to: 'old/sh' };
  const packages = { b: { files: { old: '-> /new', 'bin/sh': 'f' } }, a: { files: { 'bin/sh': 'f' } } };
  assert.equal(merge(packages, [diversion]).picture['new/sh'], 'a file 644');
});

test('a folder and a file at one path are refused', () => {
  assert.throws(
    () => merge({ a: { files: { x: 'd', 'x/y': 'f' } }, b: { files: { x: 'f' } } }),
    (error) => isSlimimageError(error, 'FILE_CONFLICT'),
  );
});
