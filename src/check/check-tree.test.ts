import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  faults,
  ldso,
  library,
  libs,
  type Picture,
  program,
  settings,
  system,
  treeOf,
} from '../../test/support/checked-tree.ts';
import type { ElfRecipe } from '../formats/elf/elf-maker.ts';
import { checkTree } from './check-tree.ts';
import type { CheckSettings } from './types.ts';

describe('checkTree', () => {
  it('finds nothing wrong with an image that is whole', () => {
    assert.deepEqual(faults({}), []);
    assert.deepEqual(faults({}, { command: [] }), []);
  });

  it('misses libraries, and tells the way from the entrypoint', () => {
    const gone = { [`${libs}/libz.so.1`]: 'gone', [`${libs}/libz.so.1.3`]: 'gone' };
    assert.deepEqual(faults(gone), ['error library libz.so.1 of /usr/bin/app']);
    const deep = { 'usr/bin/app': program(['liba.so.1']), [`${libs}/liba.so.1`]: library('liba.so.1', ['libz.so.1']) };
    const { findings } = checkTree(
      treeOf(Object.fromEntries(Object.entries({ ...system, ...gone, ...deep }).filter(([, what]) => what !== 'gone'))),
      settings,
    );
    assert.deepEqual(findings[0]?.chain, ['needed by liba.so.1 of libs', 'needed by the entrypoint app']);
  });

  it('tells a library of another machine, and one that lacks a symbol version', () => {
    assert.deepEqual(faults({ [`${libs}/libz.so.1.3`]: library('libz.so.1', [], { machine: 183 }) }), [
      'error architecture libz.so.1 of /usr/bin/app',
    ]);
    const newer = program([], { versionsNeeded: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_2.40'] } });
    assert.deepEqual(faults({ 'usr/bin/app': newer }), ['error symbol-version libc.so.6 GLIBC_2.40 of /usr/bin/app']);
  });

  it('starts the entrypoint as the user would', () => {
    const found: readonly (readonly [Picture, Partial<CheckSettings>, string])[] = [
      [{}, { command: ['nothing'] }, 'error entrypoint nothing of /nothing'],
      [{ 'usr/bin/app': 'gone' }, { command: ['/usr/bin/app'] }, 'error entrypoint /usr/bin/app of /usr/bin/app'],
      [{ 'srv/app 644': '#!/bin/sh' }, { command: ['/srv/app'] }, 'error permission execute permission of /srv/app'],
      [
        { 'srv/ 700': '', 'srv/app': '#!/usr/bin/sh' },
        { command: ['/srv/app'] },
        'error permission execute permission of /srv',
      ],
      [{ app: '#!/usr/bin/python3' }, { command: ['/app'] }, 'error interpreter /usr/bin/python3 of /app'],
      [
        { app: '#!/usr/bin/sh', bin: '-> usr/bin', other: '-> /opt/x/y' },
        { command: ['/other'] },
        'error dangling-link /opt/x/y of /other',
      ],
      [{ app: 'text' }, { command: ['/app'] }, 'error entrypoint an interpreter line (#!) of /app'],
      [{ app: program([], { machine: 183 }) }, { command: ['/app'] }, 'error architecture x86_64 of /app'],
      [{ 'work/ 700': '' }, { workdir: '/work' }, 'error permission read and execute permission of /work'],
      [
        { 'usr/lib64/ld-linux-x86-64.so.2': 'gone', 'usr/bin/sh': 'gone' },
        {},
        `error interpreter ${ldso} of /usr/bin/app`,
      ],
    ];
    for (const [change, more, fault] of found) assert.deepEqual(faults(change, more), [fault]);
  });

  it('follows env and its PATH', () => {
    const script = { 'usr/bin/env': program([]), app: '#!/usr/bin/env -S sh -e' };
    assert.deepEqual(faults(script, { command: ['/app'] }), []);
    assert.deepEqual(faults({ ...script, app: '#!/usr/bin/env ruby' }, { command: ['/app'] }), [
      'error interpreter ruby of /app',
    ]);
  });

  it('looks where the loader looks', () => {
    const inside = (more: ElfRecipe): Picture => ({
      'opt/app/bin/app': program(['libown.so.1'], more),
      'opt/app/lib/libown.so.1': library('libown.so.1'),
    });
    const command = { command: ['/opt/app/bin/app'] };
    assert.deepEqual(faults(inside({ runpath: '$ORIGIN/../lib' }), command), []);
    assert.deepEqual(faults(inside({}), { ...command, env: ['LD_LIBRARY_PATH=/opt/app/lib'] }), []);
    assert.deepEqual(faults(inside({}), command), ['error library libown.so.1 of /opt/app/bin/app']);
    // DT_RUNPATH counts for a file's own needs alone; what is loaded already counts for all.
    const second: Picture = {
      'opt/app/lib/libown.so.1': library('libown.so.1', ['libtwo.so.1']),
      'opt/app/lib/libtwo.so.1': library('libtwo.so.1'),
    };
    const alone = { ...inside({ runpath: '$ORIGIN/../lib' }), ...second };
    assert.deepEqual(faults(alone, command), ['error library libtwo.so.1 of /opt/app/lib/libown.so.1']);
    const both = {
      ...alone,
      'opt/app/bin/app': program(['libtwo.so.1', 'libown.so.1'], { runpath: '$ORIGIN/../lib' }),
    };
    assert.deepEqual(faults(both, command), []);
  });

  it('takes musl as it is', () => {
    const alpine: Picture = {
      'lib/ld-musl-x86_64.so.1': { soname: 'libc.musl-x86_64.so.1' },
      'bin/app': { type: 2, interpreter: '/lib/ld-musl-x86_64.so.1', needed: ['libz.so.1', 'libc.musl-x86_64.so.1'] },
      'srv/lib/libz.so.1': { soname: 'libz.so.1', needed: ['libc.musl-x86_64.so.1'] },
      'etc/ld-musl-x86_64.path': '/lib:/srv/lib\n',
      'srv/glibc.node': { needed: ['libc.so.6'] },
    };
    assert.deepEqual(checkTree(treeOf(alpine), settings).findings, []);
  });

  it('warns of what was not asked for, and calls runtimes errors', () => {
    const requested = { requested: new Set<string>() };
    const dynload = 'usr/lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so';
    const found = faults(
      {
        'usr/bin/python3.13': program([]),
        [dynload]: { needed: ['libssl.so.3', 'libc.so.6'] },
        'usr/bin/other': program(['libnone.so.1']),
        'usr/bin/script': '#!/bin/none',
        'etc/link': '-> /var/none',
        'etc/later': '-> /run/later',
      },
      requested,
    );
    assert.deepEqual(found, [
      `error library libssl.so.3 of /${dynload}`,
      'warning dangling-link /var/none of /etc/link',
      'warning library libnone.so.1 of /usr/bin/other',
      'warning interpreter /bin/none of /usr/bin/script',
    ]);
  });

  it('leaves a plug-in to the program that opens it', () => {
    const plugin: Picture = {
      'usr/lib/app/plugins/one.so': { needed: ['libprivate.so.1', 'libc.so.6'] },
      'usr/lib/app/libprivate.so.1': library('libprivate.so.1'),
    };
    assert.deepEqual(faults(plugin), []);
  });

  it('takes any tree of links', () => {
    const name = fc.constantFrom('a', 'b', 'usr/bin/app', 'lib/c', 'usr');
    const target = fc.constantFrom('-> a', '-> /b', '-> ../lib/c', '-> .', '-> /', '#!/a', '#!/usr/bin/env b', 'x');
    fc.assert(
      fc.property(fc.dictionary(name, target), (change) => {
        checkTree(treeOf({ ...system, ...change }), settings);
      }),
    );
  });
});
