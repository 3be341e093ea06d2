import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerEntry } from '../rootfs/entry.ts';
import { diveFigures } from './dive.ts';

/** Layers of files with their sizes; a trailing slash is a folder, `.wh.` a whiteout. */
function figures(...layers: Readonly<Record<string, number>>[]) {
  const entries = layers.map((layer) =>
    Object.entries(layer).map(([name, size]): LayerEntry => {
      const type = name.endsWith('/') ? 'directory' : 'file';
      return { path: name.replace(/\/$/, ''), type, mode: 0o644, uid: 0, gid: 0, mtime: 0, size };
    }),
  );
  return diveFigures(entries, { top: 10 });
}

// The case of dive's own test, dive/filetree/efficiency_test.go: 15,000 of 20,000.
test("dive's own example", () => {
  const { efficiency, inefficiencies, wastedBytes } = figures(
    { 'etc/nginx/nginx.conf': 2000, 'etc/nginx/public': 3000 },
    { 'etc/nginx/nginx.conf': 5000, 'etc/athing': 10_000 },
    { 'etc/.wh.nginx': 0 },
  );
  assert.equal(efficiency, 0.75);
  assert.deepEqual(inefficiencies, [{ path: '/etc/nginx/nginx.conf', count: 2, cumulativeSize: 7000 }]);
  assert.equal(wastedBytes, 7000, 'the copy that is left counts as waste');
});

test('a removed file: its size over nothing; a removed folder: all that lay in it', () => {
  const { efficiency, wastedBytes, sizeBytes, userSizeBytes, userWastedPercent } = figures(
    { a: 300, 'opt/': 0, 'opt/x': 100 },
    { '.wh.a': 0, '.wh.opt': 0, b: 50 },
  );
  // Least: a 0, opt/x 100, the whiteout of opt 100, b 50. All: a 300 and 0, opt/x 100, opt 100, b 50.
  assert.equal(efficiency, 250 / 550);
  assert.equal(wastedBytes, 300, 'opt/x and opt are two paths to it');
  assert.deepEqual([sizeBytes, userSizeBytes, userWastedPercent], [450, 50, 6]);
});

test('a folder that the layer above does not list is none, and its whiteout counts nothing', () => {
  assert.equal(figures({ 'opt/': 0, 'opt/x': 100 }, { 'opt/y': 100 }, { '.wh.opt': 0 }).efficiency, 1);
});

test('a whiteout of what is not there ends the look at its layer', () => {
  // It leaves a least size of -1, and b is never looked at.
  assert.equal(figures({ a: 300 }, { '.wh.aa': 0, b: 50 }).efficiency, 299 / 300);
});

test('an image of one layer, an empty one, and none', () => {
  assert.deepEqual(figures({ a: 1 }), {
    efficiency: 1,
    wastedBytes: 0,
    sizeBytes: 1,
    userSizeBytes: 0,
    userWastedPercent: undefined,
    inefficiencies: [],
  });
  assert.equal(figures({ nothing: 0 }).efficiency, 1);
  assert.equal(figures().efficiency, 1);
});
