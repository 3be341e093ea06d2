/** What inspect says that each layer changed, held against what GNU tar makes of one layer after the other. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { saveLook } from '../support/look-saved.ts';
import { type LookScene, lackingLookScene, startLookScene } from '../support/look-scene.ts';
import { lacking } from '../support/need.ts';

type Changes = Readonly<Record<'added' | 'changed' | 'removed', readonly string[]>>;

interface Inspected {
  readonly layers: readonly { readonly command?: string; readonly changes?: Changes }[];
}

const skip = lackingLookScene || lacking({ commands: ['find', 'tar'] });

describe('the layers of an image of the real Docker engine', { skip }, () => {
  let scene: LookScene;
  before(async () => {
    scene = await startLookScene(['layers']);
  });
  after(() => scene?.[Symbol.asyncDispose]());

  test('what each layer added, changed and removed equals what GNU tar makes of one layer after the other', async () => {
    const { layers } = await saveLook(scene, 'layers');
    const root = join(scene.folder, 'layer-by-layer');
    mkdirSync(root);
    for (const [at, tar] of layers.entries()) {
      const { layers: told } = await scene.ask<Inspected>([
        ...['inspect', scene.place('layers'), '--layer', String(at + 1)],
      ]);
      assert.deepEqual(
        told.flatMap(({ changes }, place) => (changes === undefined ? [] : place)),
        [at],
      );
      assert.deepEqual(told[at]?.changes, applied(tar, root), `layer ${at + 1}: ${told[at]?.command}`);
    }
  });
});

/** Puts a layer of Docker's on an unpacked tree, as its whiteouts and tar say, and tells what is otherwise since. */
function applied(tar: string, root: string): Changes {
  const before = seenIn(root);
  const listing = execFileSync('tar', ['--quoting-style=literal', '-tf', tar], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const lines = listing.split('\n').map((line) => line.replace(/^\.\//, ''));
  const paths = lines.map((line) => line.replace(/\/$/, ''));
  for (const path of paths) {
    const name = basename(path);
    // New folders are opaque, too.
    if (name === '.wh..wh..opq' && !existsSync(join(root, dirname(path)))) continue;
    if (name === '.wh..wh..opq') execFileSync('find', [join(root, dirname(path)), '-mindepth', '1', '-delete']);
    else if (name.startsWith('.wh.')) execFileSync('rm', ['-rf', join(root, dirname(path), name.slice(4))]);
  }
  // GNU tar leaves a folder where something else takes its place.
  for (const line of lines) {
    const isFolder = line !== '' && lstatSync(join(root, line), { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder && !line.endsWith('/')) execFileSync('rm', ['-rf', join(root, line)]);
  }
  const keep = ['--numeric-owner', '--same-owner', '-p', '--exclude=.wh.*'];
  execFileSync('tar', [...keep, '-C', root, '-xf', tar]);
  const after = seenIn(root);
  const listed = new Set(paths);
  const of = (choose: (path: string) => boolean, from: ReadonlyMap<string, string>) =>
    [...from.keys()].filter(choose).map((path) => `/${path}`);
  return {
    added: of((path) => !before.has(path), after).sort(),
    changed: of(
      (path) =>
        before.has(path) &&
        listed.has(path) &&
        !(after.get(path)?.startsWith('d') && before.get(path) === after.get(path)),
      after,
    ).sort(),
    removed: of((path) => !after.has(path), before).sort(),
  };
}

/** Path -> type, mode, owner and second of the last change. */
function seenIn(root: string): ReadonlyMap<string, string> {
  const fields = execFileSync('find', [root, '-mindepth', '1', '-printf', '%P\\0%y %m %U %G %Ts\\0'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  }).split('\0');
  return new Map(fields.flatMap((path, at) => (at % 2 === 0 && path !== '' ? [[path, fields[at + 1] ?? '']] : [])));
}
