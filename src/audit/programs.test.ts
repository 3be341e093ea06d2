import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import { dpkgPicture, type LayerPicture } from '../../test/support/view.ts';

const elf = { elf: {} };

describe('tools', () => {
  const only = ['shell', 'package-manager', 'downloader', 'compiler', 'network-tool', 'debugger', 'sudo'];
  const rows: readonly (readonly [string, LayerPicture, readonly string[]])[] = [
    ['a shell', { 'usr/bin/dash': elf }, ['info shell /usr/bin/dash']],
    ['busybox', { 'bin/busybox': elf, 'bin/sh': '->/bin/busybox' }, ['info shell /bin/busybox']],
    ['a package manager', { 'usr/bin/apt-get': elf }, ['info package-manager /usr/bin/apt-get']],
    ['a downloader', { 'usr/bin/curl': elf }, ['info downloader /usr/bin/curl']],
    ['a compiler', { 'usr/bin/x86_64-linux-gnu-gcc-14': elf }, ['info compiler /usr/bin/x86_64-linux-gnu-gcc-14']],
    [
      'netcat by its link',
      { 'usr/bin/nc': '->/etc/alternatives/nc', 'etc/alternatives/nc': '->/bin/nc.x', 'bin/nc.x': elf },
      ['info network-tool /bin/nc.x'],
    ],
    ['a debugger', { 'usr/local/bin/gdb': elf }, ['info debugger /usr/local/bin/gdb']],
    ['sudo', { 'usr/bin/sudo': { mode: 0o755 } }, ['warning sudo /usr/bin/sudo']],
    ['sudo that can not be run', { 'usr/bin/sudo': { mode: 0o644 } }, []],
    ['a file of that name elsewhere', { 'usr/share/doc/curl': elf, 'etc/init.d/ssh': elf, 'app/as': elf }, []],
    ['a link to nothing', { 'usr/bin/curl': '->nowhere' }, []],
    [
      'names that only begin so',
      { 'usr/bin/gcc-ranlibish': elf, 'usr/bin/dashboard': elf, 'usr/bin/ldconfig': elf },
      [],
    ],
  ];
  for (const [name, layer, expected] of rows) {
    test(name, () => assert.deepEqual(found([layer], { only }).lines, expected));
  }
});

describe('interpreters', () => {
  const only = ['unneeded-interpreter'];
  const python = {
    'usr/bin/': {},
    'usr/bin/python3': '->python3.13',
    'usr/bin/python3.13': elf,
    'usr/bin/pydoc3': '#!/usr/bin/python3\n',
    ...dpkgPicture({
      'python3 Depends: python3.13': ['usr/bin/python3', 'usr/bin/pydoc3'],
      'python3.13': ['usr/bin/python3.13'],
      'python3-requests Depends: python3': [],
    }),
  };
  const modulesOnly = {
    'usr/bin/php8.4': elf,
    ...dpkgPicture({ 'php8.4-cli Depends: php8.4-common': ['usr/bin/php8.4'], 'php-xml Depends: php8.4-cli': [] }),
  };
  const unneeded = ['info unneeded-interpreter /usr/bin/python3.13'];

  test('its own scripts and modules are no need', () => {
    assert.deepEqual(found([python], { only }).lines, unneeded);
    assert.deepEqual(found([modulesOnly], { only }).lines, ['info unneeded-interpreter /usr/bin/php8.4']);
  });

  const needs: readonly (readonly [string, Parameters<typeof found>])[] = [
    ['the entrypoint', [[python], { runtime: { Entrypoint: ['/usr/bin/python3', 'x.py'] } }]],
    ['the command, by PATH', [[python], { runtime: { Cmd: ['python3'] } }]],
    ['a command for a shell', [[python], { runtime: { Cmd: ['/bin/sh', '-c', 'cd /app && exec python3 x.py'] } }]],
    [
      'the script that is started',
      [[{ ...python, 'app/x': '#!/usr/bin/env python3\n' }], { runtime: { Cmd: ['/app/x'] } }],
    ],
    [
      'a server of its family',
      [
        [
          {
            'usr/bin/php8.4': elf,
            ...dpkgPicture({
              'php8.4-fpm Depends: php8.4-cli': [],
              'php8.4-cli': ['usr/bin/php8.4'],
            }),
          },
        ],
      ],
    ],
    ['some script', [[{ ...python, 'app/x': '#!/usr/bin/python3 -s\n' }]]],
    [
      'another package',
      [
        [
          {
            ...python,
            ...dpkgPicture({
              'python3 Depends: python3.13': [],
              'python3.13': ['usr/bin/python3.13'],
              'apt-listchanges Depends: python3': [],
            }),
          },
        ],
      ],
    ],
  ];
  for (const [name, [layers, options]] of needs) {
    test(`${name} is a need`, () => assert.deepEqual(found(layers, { ...options, only }).lines, []));
  }

  test('packages of Alpine ask for each other by names of many kinds', () => {
    const python = 'P:python3\nV:3.12\np:cmd:python3=3.12 so:libpython3.12.so.1.0=1.0\nF:usr/bin\nR:python3.13\n';
    const ask = (more: string) => {
      const database = { 'lib/apk/db/installed': `${python}\n${more}` };
      return found([{ 'usr/bin/python3.13': elf, ...database }], { only }).lines;
    };
    assert.deepEqual(ask(''), unneeded);
    assert.deepEqual(ask('P:py3-requests\nV:1\nD:python3~3.12\n'), unneeded);
    assert.deepEqual(ask('P:other\nV:1\nD:!python3 so:libc.so\n'), unneeded);
    for (const name of ['python3', 'python3>=3.12', 'cmd:python3', 'so:libpython3.12.so.1.0'])
      assert.deepEqual(ask(`P:other\nV:1\nD:musl ${name}\n`), [], name);
  });

  test('a script that can not be run is no need', () => {
    const layer = { ...python, 'app/x.py': { text: '#!/usr/bin/python3\n', mode: 0o644 } };
    assert.deepEqual(found([layer], { only }).lines, unneeded);
  });

  test('interpreters that begin with one another end', () => {
    const loop = { ...python, 'usr/bin/a': '#!/usr/bin/b\n', 'usr/bin/b': '#!/usr/bin/a\n' };
    assert.deepEqual(found([loop], { only, runtime: { Cmd: ['a'] } }).lines, unneeded);
  });
});

describe('whose programs are', () => {
  const only = ['unowned-executable'];
  const owned = { 'usr/bin/x': elf, ...dpkgPicture({ x: ['usr/bin/x'] }) };
  const rows: readonly (readonly [string, LayerPicture, readonly string[]])[] = [
    ['a package’s', owned, []],
    ['nobody’s', { ...owned, 'usr/bin/y': elf }, ['no package owns /usr/bin/y']],
    ['a script', { 'opt/x/run': '#!/bin/sh\n' }, ['no package owns /opt/x/run']],
    ['a script that can not be run', { 'opt/x/run': { text: '#!/bin/sh\n', mode: 0o644 } }, []],
    ['data', { 'opt/x/data': 'text' }, []],
    ['another name of a package’s', { ...owned, 'usr/bin/z': '=usr/bin/x' }, []],
    [
      'an application',
      Object.fromEntries(['a', 'b', 'c/d', 'c/e', 'f', 'g'].map((name) => [`opt/x/${name}`, elf])),
      ['no package owns 6 programs in /opt/x: /opt/x/a, /opt/x/b, /opt/x/c/d, /opt/x/c/e, /opt/x/f, 1 more'],
    ],
  ];
  for (const [name, layer, expected] of rows) {
    test(name, () => assert.deepEqual(found([layer], { only }).messages, expected));
  }
});
