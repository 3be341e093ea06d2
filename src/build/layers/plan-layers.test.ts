import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayersSetting } from '../../config/spec.ts';
import { ImageTree, type NodeSource } from '../tree.ts';
import { historyComments } from './describe.ts';
import type { LayeredPackage } from './group-packages.ts';
import { planLayers } from './plan-layers.ts';

const megabyte = 1_000_000;

interface Picture {
  /** Name -> megabytes of its one file. */
  readonly packages?: Readonly<Record<string, number>>;
  /** Whether there are files of your own. */
  readonly own?: boolean;
  readonly setting?: LayersSetting;
  readonly below?: number;
  readonly given?: boolean;
}

const created = 1_800_000_000;
const fixed = 315_619_200;
const packaged = 1_700_000_000;

function plan({ packages = {}, own = false, setting = { type: 'automatic' }, below = 0, given = false }: Picture) {
  const tree = new ImageTree();
  const add = (
    path: string,
    source: NodeSource,
    entry: { type?: 'file' | 'directory'; size?: number; mtime?: number },
  ) =>
    tree.set({
      entry: { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: created, size: 0, ...entry },
      source,
    });
  const rule = (name: string): NodeSource => ({ type: 'none', rule: name });
  for (const folder of ['usr', 'var', 'var/lib', 'var/lib/dpkg', 'var/lib/dpkg/status.d'])
    add(folder, rule('parent folder'), { type: 'directory' });
  for (const [name, megabytes] of Object.entries(packages)) {
    const source: NodeSource = { type: 'package', package: name, origin: {} as never, intact: true };
    add(`usr/${name}`, source, { size: megabytes * megabyte, mtime: packaged });
    add(`var/lib/dpkg/status.d/${name}`, rule('dpkg metadata'), {});
  }
  add('etc/passwd', rule('accounts'), {});
  add('etc', rule('parent folder'), { type: 'directory' });
  if (own) add('app', { type: 'file', file: '/host', sha256: '', rule: 'files: /app' }, {});
  const warnings: string[] = [];
  const parts = planLayers(tree, {
    setting,
    packages: Object.entries(packages).map(
      ([name, megabytes]): LayeredPackage => ({
        name,
        source: name,
        installedBytes: megabytes * megabyte,
        requested: false,
        neededBy: [],
      }),
    ),
    below,
    created,
    given,
    onWarning: (message) => warnings.push(message),
  });
  return { parts, warnings };
}

function kindsOf(picture: Picture): readonly string[] {
  return plan(picture).parts.map(({ holds, packages }) =>
    packages.length > 0 ? `${holds} ${packages.join(' ')}` : holds,
  );
}

function timesOf(picture: Picture): Readonly<Record<string, readonly number[]>> {
  const times: Record<string, number[]> = {};
  for (const { entry } of plan(picture).parts.flatMap(({ nodes }) => nodes)) {
    const known = times[entry.path] ?? [];
    times[entry.path] = known.includes(entry.mtime) ? known : [...known, entry.mtime];
  }
  return times;
}

test('without a setting a small image is one layer of packages and one of your own files, a large one several', () => {
  assert.deepEqual(kindsOf({ packages: { a: 40, b: 50 }, own: true }), ['packages a b', 'own']);
  assert.deepEqual(kindsOf({ packages: { a: 40, b: 50 } }), ['all a b']);
  assert.deepEqual(kindsOf({ own: true }), ['all']);
  assert.deepEqual(kindsOf({ packages: { a: 40, b: 70, c: 0.1 }, own: true }), [
    'packages c',
    'packages a',
    'packages b',
    'generated',
    'own',
  ]);
});

test('the layers below count among the 127', () => {
  const packages = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`p${at}`, at + 1]));
  const setting = { type: 'package' } as const;
  const { parts, warnings } = plan({ packages, own: true, setting, below: 117 });
  assert.equal(parts.length, 10);
  assert.match(warnings.join(), /engines take 127 layers at most, so the 13 smallest packages share one/);
  assert.deepEqual(plan({ packages, setting }).warnings, []);
  assert.equal(plan({ packages, own: true, setting, below: 126 }).parts.length, 1);
});

test('in one layer times are as ever; in several only your own files have the time of the image', () => {
  const packages = { a: 1, b: 1 };
  assert.deepEqual(timesOf({ packages })['var/lib/dpkg/status.d/a'], [created]);
  const setting = { type: 'package' } as const;
  const times = timesOf({ packages, own: true, setting });
  assert.deepEqual(
    ['usr', 'var/lib/dpkg/status.d', 'usr/a', 'var/lib/dpkg/status.d/a', 'etc/passwd', 'app'].map(
      (path) => times[path],
    ),
    [[fixed], [fixed], [packaged], [packaged], [fixed], [created]],
  );
  const given = timesOf({ packages, own: true, setting, given: true });
  assert.deepEqual([given['app'], given['usr'], given['etc/passwd']], [[created], [fixed], [fixed]]);
});

test('a comment names eight packages of a layer at most, and the last one of packages what was asked for', () => {
  const packages = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`p${at}`, 1]));
  const { parts } = plan({ packages, own: true });
  const versions = new Map(Object.keys(packages).map((name) => [name, '1']));
  const comments = historyComments(parts, { versions, summary: 'p0 (11 packages)' });
  assert.deepEqual(comments, [
    'p0 (11 packages), holds: p0 1, p1 1, p10 1, p2 1, p3 1, p4 1, p5 1, p6 1 and 3 more packages',
    'files',
  ]);
});
