import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseLayout } from './base-layout.ts';
import { effectInput, picture } from './testing.ts';

const directory = { type: 'directory' } as const;
const link = (linkTarget: string) => ({ type: 'symlink', linkTarget }) as const;
/** What base-files ships, /usr merged. */
const bookworm = Object.fromEntries(
  'dev proc run sys tmp home root usr usr/bin usr/lib usr/sbin var var/lock var/run var/tmp'
    .split(' ')
    .map((path) => [path, directory]),
);
const trixie = {
  ...bookworm,
  'usr/lib64': directory,
  bin: link('usr/bin'),
  lib: link('usr/lib'),
  lib64: link('usr/lib64'),
  sbin: link('usr/sbin'),
};

function made(options: Parameters<typeof effectInput>[0]) {
  return picture(baseLayout(effectInput(options)));
}

test('on bookworm, the links of a merged /usr and what postinst makes', () => {
  assert.deepEqual(made({ tree: bookworm }), {
    bin: '-> usr/bin',
    lib: '-> usr/lib',
    sbin: '-> usr/sbin',
    lib64: '-> usr/lib64',
    'usr/lib64': 'directory 0755',
    'home/nonroot': 'directory 0700 65532:65532',
    'var/lock': '-> /run/lock',
    'var/run': '-> /run',
  });
});

test('on trixie, what base-files has is left alone', () => {
  assert.deepEqual(Object.keys(made({ tree: trixie })), ['home/nonroot', 'var/lock', 'var/run']);
});

test('the other library folders only where something is in them, lib64 by architecture', () => {
  const tree = { ...bookworm, 'usr/lib32': directory, 'usr/lib32/libc.so.6': '' };
  const links = made({ tree, settings: { architecture: 'arm64' } });
  assert.equal(links['lib32'], '-> usr/lib32');
  assert.equal(links['lib64'], undefined);
  assert.equal(links['libx32'], undefined);
});

test('an empty tree gets every folder; a split /usr no links', () => {
  assert.deepEqual(made({ settings: { layout: 'split' } }), {
    dev: 'directory 0755',
    proc: 'directory 0755',
    run: 'directory 0755',
    sys: 'directory 0755',
    tmp: 'directory 01777',
    'var/tmp': 'directory 01777',
    root: 'directory 0700',
    'home/nonroot': 'directory 0700 65532:65532',
    'var/lock': '-> /run/lock',
    'var/run': '-> /run',
  });
});

test('a folder with something in it is not replaced', () => {
  assert.equal(made({ tree: { ...trixie, 'var/run/x': '' } })['var/run'], undefined);
});

test('without a base: nothing, except the other names of packaged programs', () => {
  assert.deepEqual(made({ settings: { base: 'none' } }), {});
  const busybox = { 'usr/bin': directory, 'usr/bin/busybox': '' };
  assert.deepEqual(made({ tree: busybox, settings: { base: 'none' } }), {});
  assert.deepEqual(made({ tree: busybox, packages: [{ name: 'busybox-static' }], settings: { base: 'none' } }), {
    bin: '-> usr/bin',
  });
});

test('a folder for mail where something delivers or reads it', () => {
  const packages = [{ name: 'exim4', control: 'Package: exim4\nProvides: mail-transport-agent\n' }];
  const { 'var/mail': folder, 'var/spool/mail': link } = made({ tree: trixie, packages });
  assert.deepEqual([folder, link], ['directory 0775 0:8', '-> ../mail']);
});
