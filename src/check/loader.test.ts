/** ld.so(8) and musl's ldso/dynlink.c, rule by rule. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faults, ldso, library, libs, type Picture, program, system } from '../../test/support/checked-tree.ts';
import { encodeLibraryCache } from '../formats/ldcache/encode.ts';

/** /opt/app needs libone.so.1, which needs libtwo.so.1, which lies in /opt/deep. */
const chain: Picture = {
  'opt/app': program(['libone.so.1'], { rpath: '/opt/deep' }),
  'opt/deep/libone.so.1': library('libone.so.1', ['libtwo.so.1']),
  'opt/deep/libtwo.so.1': library('libtwo.so.1'),
};
const command = ['/opt/app'];
const twoIsMissing = ['error library libtwo.so.1 of /opt/deep/libone.so.1'];

describe('the loader of glibc', () => {
  it('is in memory before what it loads, wherever it lies', () => {
    const libc = { soname: 'libc.so.6', needed: ['ld-linux-x86-64.so.2'], versionsDefined: ['GLIBC_2.34'] };
    assert.deepEqual(faults({ [`${libs}/libc.so.6`]: libc }), []);
    const plugin = { needed: ['ld-linux-x86-64.so.2'], soname: 'libplug.so.1' };
    assert.deepEqual(faults({ [`${libs}/libplug.so.1`]: plugin }), []);
    const older = { ...libc, versionsNeeded: { 'ld-linux-x86-64.so.2': ['GLIBC_2.35'] } };
    const loader = { soname: 'ld-linux-x86-64.so.2', versionsDefined: ['GLIBC_2.2.5'] };
    assert.deepEqual(faults({ [`${libs}/libc.so.6`]: older, 'usr/lib64/ld-linux-x86-64.so.2': loader }), [
      `error symbol-version ld-linux-x86-64.so.2 GLIBC_2.35 of /${libs}/libc.so.6`,
    ]);
  });

  it('takes DT_RPATH down the chain, but for who has a DT_RUNPATH', () => {
    assert.deepEqual(faults(chain, { command }), []);
    const one = library('libone.so.1', ['libtwo.so.1'], { runpath: '/elsewhere' });
    assert.deepEqual(faults({ ...chain, 'opt/deep/libone.so.1': one }, { command }), twoIsMissing);
    const both = program(['libone.so.1'], { rpath: '/opt/deep', runpath: '/elsewhere' });
    assert.deepEqual(faults({ ...chain, 'opt/app': both }, { command }), ['error library libone.so.1 of /opt/app']);
    const first = program(['libone.so.1'], { runpath: '/opt/deep' });
    assert.deepEqual(faults({ ...chain, 'opt/app': first }, { command }), twoIsMissing);
  });

  it('takes LD_LIBRARY_PATH for all, relative folders from where the process starts', () => {
    const bare = { ...chain, 'opt/app': program(['libone.so.1']) };
    for (const path of ['/nothing:/opt/deep', '/nothing;/opt/deep', 'deep', '../opt/deep'])
      assert.deepEqual(faults(bare, { command, env: [`LD_LIBRARY_PATH=${path}`], workdir: '/opt' }), [], path);
    assert.deepEqual(faults(bare, { command, env: ['LD_LIBRARY_PATH=/nothing:'], workdir: '/opt/deep' }), []);
    const empty = faults(bare, { command, env: ['LD_LIBRARY_PATH='], workdir: '/opt/deep' });
    assert.deepEqual(empty, ['error library libone.so.1 of /opt/app']);
  });

  it('fills in $ORIGIN: of a program where it is, of a library where it was opened', () => {
    const own = { 'libown.so.1': library('libown.so.1') };
    assert.deepEqual(
      faults({ ...own, app: program(['libown.so.1'], { runpath: '$ORIGIN' }) }, { command: ['/app'] }),
      [],
    );
    const linked = {
      'srv/run': '-> /opt/bin/app',
      'opt/bin/app': program(['libone.so.1'], { rpath: ['$', '{ORIGIN}/../lib'].join('') }),
      'opt/lib/libone.so.1': '-> ../real/libone.so.1',
      'opt/real/libone.so.1': library('libone.so.1', ['libtwo.so.1'], { runpath: '$ORIGIN/more' }),
      'opt/lib/more/libtwo.so.1': library('libtwo.so.1'),
    };
    assert.deepEqual(faults(linked, { command: ['/srv/run'] }), []);
  });

  it('takes the cache before the default folders, unless a file forbids both', () => {
    const cache = encodeLibraryCache({
      entries: [{ name: 'libone.so.1', path: '/opt/deep/libone.so.1', flags: 0x303 }],
      generator: undefined,
      byteOrder: 'little',
    });
    const cached: Picture = {
      'opt/app': program(['libone.so.1']),
      'opt/deep/libone.so.1': library('libone.so.1', [], { versionsDefined: ['ONE_1'] }),
      'etc/ld.so.cache': cache,
    };
    assert.deepEqual(faults(cached, { command }), []);
    const shadowed = {
      ...cached,
      'opt/app': program(['libone.so.1'], { versionsNeeded: { 'libone.so.1': ['ONE_2'] } }),
      [`${libs}/libone.so.1`]: library('libone.so.1', [], { versionsDefined: ['ONE_2'] }),
    };
    assert.deepEqual(faults(shadowed, { command }), ['error symbol-version libone.so.1 ONE_2 of /opt/app']);
    const closed = program(['libz.so.1'], { flags1: 0x800 });
    const found = faults({ 'opt/app': { ...closed, needed: ['libz.so.1'] } }, { command });
    assert.deepEqual(found, ['error library libz.so.1 of /opt/app']);
  });

  it('passes other machines by, and stops at what is no library', () => {
    const path = { command, env: ['LD_LIBRARY_PATH=/first'] };
    const needs = { 'opt/app': program(['libz.so.1']) };
    assert.deepEqual(faults({ ...needs, 'first/libz.so.1': library('libz.so.1', [], { machine: 183 }) }, path), []);
    assert.deepEqual(faults({ ...needs, 'first/libz.so.1': { soname: 'libz.so.1', bits: 32, machine: 3 } }, path), []);
    const found = faults({ ...needs, 'first/libz.so.1': 'INPUT(-lz)' }, path);
    assert.deepEqual(found, ['error damaged libz.so.1 of /opt/app', 'error damaged libz.so.1 of /usr/bin/app']);
  });

  it('knows what is loaded by its soname, and holds versions against that', () => {
    const picture: Picture = {
      'opt/app': program(['libx.so', 'liby.so.1'], { runpath: '/opt/lib' }),
      'opt/lib/libx.so': library('libx.so.1', [], { versionsDefined: ['X_1'] }),
      'opt/lib/liby.so.1': library('liby.so.1', ['libx.so.1'], { versionsNeeded: { 'libx.so.1': ['X_2'] } }),
      [`${libs}/libx.so.1`]: library('libx.so.1', [], { versionsDefined: ['X_1', 'X_2'] }),
    };
    assert.deepEqual(faults(picture, { command }), ['error symbol-version libx.so.1 X_2 of /opt/lib/liby.so.1']);
  });

  it('looks into hwcaps folders', () => {
    const faster = {
      'opt/app': program(['libfast.so.1']),
      [`${libs}/glibc-hwcaps/x86-64-v3/libfast.so.1`]: library('libfast.so.1'),
    };
    assert.deepEqual(faults(faster, { command }), []);
  });
});

describe('images of others', () => {
  const nothing = Object.fromEntries(Object.keys(system).map((path) => [path, 'gone']));
  const scratch = (more: Picture): Picture => ({ ...nothing, ...more });

  it('run on nothing at all, where their program needs nothing', () => {
    assert.deepEqual(faults(scratch({ app: { type: 2 } }), { command: ['/app'] }), []);
    assert.deepEqual(faults(scratch({ app: { type: 2, machine: 183 } }), { command: ['/app'] }), [
      'error architecture x86_64 of /app',
    ]);
    const lacking = faults(scratch({ app: program([]) }), { command: ['/app'] });
    assert.deepEqual(lacking, [`error interpreter ${ldso} of /app`, 'error library libc.so.6 of /app']);
  });

  it('have the loader and libraries alone that their program needs', () => {
    const picture = scratch({
      'lib64/ld-linux-x86-64.so.2': { soname: 'ld-linux-x86-64.so.2' },
      'lib/x86_64-linux-gnu/libc.so.6': { soname: 'libc.so.6', needed: ['ld-linux-x86-64.so.2'] },
      'app 555': program([]),
    });
    assert.deepEqual(faults(picture, { command: ['/app'] }), []);
  });

  it('start as a user who has to exist by name, and need not by number', () => {
    const user = { userName: 'web', user: undefined };
    assert.deepEqual(faults({}, user), ['error entrypoint user web of /etc/passwd']);
    assert.deepEqual(faults({}, { userName: '4711', user: { uid: 4711, gids: [0] } }), []);
  });

  it('are of musl and busybox', () => {
    const alpine = scratch({
      'lib/ld-musl-x86_64.so.1': { soname: 'libc.musl-x86_64.so.1' },
      'bin/busybox': {
        type: 3,
        interpreter: '/lib/ld-musl-x86_64.so.1',
        needed: ['libc.musl-x86_64.so.1'],
        versionsNeeded: {},
      },
      'bin/sh': '-> /bin/busybox',
      'usr/bin/env': '-> /bin/busybox',
      'start.sh': '#!/usr/bin/env sh',
    });
    assert.deepEqual(faults(alpine, { command: ['/start.sh'] }), []);
    const deep = {
      ...alpine,
      app: { type: 2, interpreter: '/lib/ld-musl-x86_64.so.1', needed: ['liba.so'], runpath: '/own' },
      'own/liba.so': { soname: 'liba.so.1', needed: ['libb.so'] },
      'own/libb.so': { needed: ['liba.so'] },
    };
    // DT_RUNPATH is inherited there.
    assert.deepEqual(faults(deep, { command: ['/app'] }), []);
    const bySoname = { ...deep, 'own/libb.so': { needed: ['liba.so.1'] } };
    assert.deepEqual(faults(bySoname, { command: ['/app'] }), ['error library liba.so.1 of /own/libb.so']);
  });
});
