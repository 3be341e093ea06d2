import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import { dpkgPicture, type LayerPicture, type PathPicture } from '../../test/support/view.ts';

const only = ['elf-no-nx', 'elf-no-relro', 'elf-no-pie', 'elf-no-canary', 'library-search-path'];

describe('ELF files', () => {
  const rows: readonly (readonly [string, NonNullable<PathPicture['elf']>, readonly string[]])[] = [
    ['a hardened one', {}, []],
    ['no NX', { hardening: { nx: false } }, ['warning elf-no-nx /opt/x']],
    ['no RELRO', { hardening: { relro: 'none' } }, ['warning elf-no-relro /opt/x']],
    ['partial RELRO', { hardening: { relro: 'partial' } }, []],
    ['no PIE', { hardening: { pie: false } }, ['warning elf-no-pie /opt/x']],
    ['a library is no PIE', { type: 'shared', hardening: { pie: false } }, []],
    ['no canary', { hardening: { canary: false } }, ['warning elf-no-canary /opt/x']],
    ['no canary, and no C library', { needed: ['libm.so.6'], hardening: { canary: false } }, []],
    ['an object for the linker', { type: 'relocatable', hardening: { nx: false, relro: 'none', canary: false } }, []],
  ];
  for (const [name, elf, expected] of rows) {
    test(name, () => assert.deepEqual(found([{ 'opt/x': { elf } }], { only }).lines, expected));
  }

  const weak = { 'usr/bin/x': { elf: { hardening: { pie: false } } }, ...dpkgPicture({ x: ['usr/bin/x'] }) };
  test("Debian's own is info, and no longer where a later layer wrote it", () => {
    assert.deepEqual(found([weak], { only }).lines, ['info elf-no-pie /usr/bin/x']);
    const later: LayerPicture = { 'usr/bin/x': { elf: { hardening: { pie: false } } } };
    assert.deepEqual(found([weak, later], { only }).lines, ['warning elf-no-pie /usr/bin/x']);
  });

  test('another name of it makes it no other file', () => {
    assert.deepEqual(found([weak, { 'app/x': '=usr/bin/x' }], { only }).lines, ['info elf-no-pie /app/x']);
  });

  test('where the package has a sum for it, the sum tells and no layer does', () => {
    const file = { elf: { hardening: { pie: false } }, text: 'a program' };
    const sum = (text: string): LayerPicture => ({
      'var/lib/dpkg/info/x.md5sums': `${createHash('md5').update(text).digest('hex')}  usr/bin/x\n`,
    });
    const layer = { ...weak, 'usr/bin/x': file, ...sum('another program') };
    assert.deepEqual(found([layer], { only }).lines, ['warning elf-no-pie /usr/bin/x']);
    const chowned = { 'usr/bin/x': { ...file, uid: 1000 } };
    assert.deepEqual(found([{ ...layer, ...sum('a program') }, chowned], { only }).lines, [
      'info elf-no-pie /usr/bin/x',
    ]);
  });
});

describe('where libraries are looked for', () => {
  const tree: LayerPicture = {
    'tmp/': { mode: 0o1777 },
    'opt/open/': { mode: 0o777 },
    'opt/sticky/': { mode: 0o1777 },
    'opt/lib/': {},
    'srv/x': '->/tmp/x',
  };
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['/opt/lib', undefined],
    ['/opt/none', undefined],
    ['$ORIGIN/../lib', undefined],
    [`\${ORIGIN}`, undefined],
    ['', undefined],
    ['/opt/open', 'everybody may write to /opt/open'],
    ['/opt/open/lib', 'everybody may write to /opt/open'],
    ['/opt/sticky/lib', 'there is none, and everybody may make it in /opt/sticky'],
    ['$ORIGIN/../open', 'everybody may write to /opt/open'],
    ['/tmp/build/lib', 'everybody may write to /tmp'],
    ['/var/tmp/lib', 'everybody may write to /var/tmp'],
    ['/srv/x', 'everybody may write to /tmp'],
    ['lib', 'that is relative to the working folder, whatever it is'],
    ['/opt/lib:', 'that is the working folder, whatever it is'],
  ];
  for (const [runpath, why] of rows) {
    test(JSON.stringify(runpath), () => {
      const { messages } = found([{ ...tree, 'opt/bin/x': { elf: { runpath } } }], { only });
      const element = runpath.endsWith(':') ? '(empty)' : runpath;
      assert.deepEqual(messages, why === undefined ? [] : [`/opt/bin/x looks for libraries in ${element}: ${why}`]);
    });
  }

  test('a runpath makes the rpath void', () => {
    assert.deepEqual(found([{ x: { elf: { rpath: '/tmp', runpath: '/opt/lib' } } }], { only }).lines, []);
    assert.deepEqual(found([{ x: { elf: { rpath: '/tmp' } } }], { only }).lines, ['error library-search-path /x']);
  });

  test('a million elements cost nothing', () => {
    const { messages } = found([{ x: { elf: { runpath: '/tmp/:'.repeat(1e5) } } }], { only });
    assert.equal(messages.length, 1);
  });
});
