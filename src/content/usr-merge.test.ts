import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aliasNames } from '../rootfs/usr-aliases.ts';
import { placeDirectory, placePath } from './usr-merge.ts';

const cases: readonly (readonly [path: string, file: string, directory?: string])[] = [
  ['bin/sh', 'usr/bin/sh'],
  ['sbin/init', 'usr/sbin/init'],
  ['lib/x86_64-linux-gnu/libc.so.6', 'usr/lib/x86_64-linux-gnu/libc.so.6'],
  ['lib64/ld-linux-x86-64.so.2', 'usr/lib64/ld-linux-x86-64.so.2'],
  ['lib32/libc.so.6', 'usr/lib32/libc.so.6'],
  ['libx32/x', 'usr/libx32/x'],
  ['libo32/x', 'usr/libo32/x'],
  // The name alone is the link in an image; as a folder of a package it is the merged folder.
  ['lib', 'lib', 'usr/lib'],
  ['bin', 'bin', 'usr/bin'],
  ['usr/bin/sh', 'usr/bin/sh'],
  ['library/x', 'library/x'],
  ['lib128/x', 'lib128/x'],
  ['opt/bin/x', 'opt/bin/x'],
  ['etc', 'etc'],
];

test('a merged layout keeps /bin, /sbin and /lib* below /usr', () => {
  for (const [path, file, directory = file] of cases) {
    assert.equal(placePath(path, 'merged'), file);
    assert.equal(placeDirectory(path, 'merged'), directory);
  }
});

test('a split layout leaves everything where it is', () => {
  for (const [path] of cases) {
    assert.equal(placePath(path, 'split'), path);
    assert.equal(placeDirectory(path, 'split'), path);
  }
});

test('placing twice is placing once', () => {
  for (const [path] of cases) {
    assert.equal(placePath(placePath(path, 'merged'), 'merged'), placePath(path, 'merged'));
  }
  for (const name of aliasNames) assert.equal(placeDirectory(name, 'merged'), `usr/${name}`);
});
