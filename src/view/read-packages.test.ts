import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ViewedFiles, viewOf } from '../../test/support/views.ts';
import { packagesByLayer } from './packages-by-layer.ts';
import { readPackages } from './read-packages.ts';

const sum = 'd41d8cd98f00b204e9800998ecf8427e';

/** A stanza from a line like `web 1 arm64; Depends: libc`. */
function stanza(line: string): string {
  const [head = '', ...fields] = line.split('; ');
  const [name, version, architecture = 'amd64'] = head.split(' ');
  const own = [`Package: ${name}`, 'Status: install ok installed', `Version: ${version}`];
  return `${[...own, `Architecture: ${architecture}`, ...fields].join('\n')}\n`;
}

const merged: ViewedFiles = [
  ['usr/bin/', ''],
  ['bin', { type: 'symlink', linkTarget: 'usr/bin' }],
];

function status(...lines: readonly string[]): readonly [string, string] {
  return ['var/lib/dpkg/status', lines.map(stanza).join('\n')];
}

/** `path: owners` of some paths. */
function owners(layers: readonly ViewedFiles[], ...paths: readonly string[]): readonly string[] {
  const { ownersOf } = readPackages(viewOf(layers));
  return paths.map((path) => `${path}: ${ownersOf(path).map(({ name, architecture }) => `${name}:${architecture}`)}`);
}

test('a full system: status with lists, sums and configuration files', () => {
  const files: ViewedFiles = [
    ...merged,
    status(`dash 0.5; Source: shell (0.4); Installed-Size: 3; Conffiles:\n /etc/dash.conf ${sum}`, 'gone 1', 'bash 5'),
    ['var/lib/dpkg/info/dash.list', '/.\n/bin\n/bin/dash\n/etc\n/etc/dash.conf\n'],
    ['var/lib/dpkg/info/dash.md5sums', `${sum}  bin/dash\n`],
    ['var/lib/dpkg/info/dash.conffiles', '/etc/dash.conf\n'],
    ['var/lib/apt/extended_states', 'Package: dash\nAuto-Installed: 1\n'],
  ];
  const { packages, automatic, problems, ownersOf } = readPackages(viewOf([files]));
  assert.deepEqual(problems, []);
  assert.deepEqual(automatic, new Set(['dash']));
  const [bash, dash] = packages;
  assert.equal(bash?.name, 'bash');
  assert.equal(bash?.installedSize, undefined);
  assert.partialDeepStrictEqual(dash, {
    ecosystem: 'deb',
    source: { name: 'shell', version: '0.4' },
    installedSize: 3072,
    files: ['bin', 'bin/dash', 'etc', 'etc/dash.conf'],
    md5sums: new Map([
      ['bin/dash', sum],
      ['etc/dash.conf', sum],
    ]),
    conffiles: ['etc/dash.conf'],
    database: 'var/lib/dpkg/status',
  });
  assert.deepEqual(ownersOf('usr/bin/dash'), [dash]);
  assert.deepEqual(ownersOf('bin/dash'), [dash]);
  assert.deepEqual(ownersOf('usr/bin/other'), []);
});

test('removed packages of which configuration is left do not count', () => {
  const left = stanza('left 1').replace('install ok installed', 'deinstall ok config-files');
  const { packages } = readPackages(viewOf([[['var/lib/dpkg/status', `${left}\n${stanza('here 1')}`]]]));
  assert.deepEqual(
    packages.map(({ name }) => name),
    ['here'],
  );
});

test('two architectures of a package have lists of their own', () => {
  const files: ViewedFiles = [
    status('libc6 2.41; Multi-Arch: same', 'libc6 2.41 i386; Multi-Arch: same'),
    ['var/lib/dpkg/info/libc6:amd64.list', '/.\n/lib64/ld.so\n/usr/share/doc\n'],
    ['var/lib/dpkg/info/libc6:i386.list', '/.\n/lib/ld.so\n/usr/share/doc\n'],
  ];
  assert.deepEqual(owners([files], 'lib64/ld.so', 'lib/ld.so', 'usr/share/doc'), [
    'lib64/ld.so: libc6:amd64',
    'lib/ld.so: libc6:i386',
    'usr/share/doc: libc6:amd64,libc6:i386',
  ]);
});

test('a diverted file is where the diversion says; the diverter keeps the path', () => {
  const files: ViewedFiles = [
    ...merged,
    status('coreutils 9', 'mine 1', 'old 1'),
    ['var/lib/dpkg/info/coreutils.list', '/bin/ls\n/bin/cat\n'],
    ['var/lib/dpkg/info/mine.list', '/usr/bin/ls\n'],
    ['var/lib/dpkg/diversions', '/usr/bin/ls\n/usr/bin/ls.distrib\nmine\n/bin/cat\n/opt/cat\n:\n'],
  ];
  assert.deepEqual(owners([files], 'usr/bin/ls', 'usr/bin/ls.distrib', 'usr/bin/cat', 'opt/cat'), [
    'usr/bin/ls: mine:amd64',
    'usr/bin/ls.distrib: coreutils:amd64',
    'usr/bin/cat: ',
    'opt/cat: coreutils:amd64',
  ]);
  const { placeOf } = readPackages(viewOf([files]));
  assert.equal(placeOf({ name: 'coreutils' }, 'bin/ls'), 'usr/bin/ls.distrib');
});

test('distroless: status.d with sums, whatever its files are called', () => {
  const files: ViewedFiles = [
    ['usr/bin/app', ''],
    ['var/lib/dpkg/status.d/base', `${stanza(`app 1; Conffiles:\n /etc/app.conf ${sum}`)}`],
    ['var/lib/dpkg/status.d/base.md5sums', `${sum}  bin/app\n${sum}  usr/share/app/a b\n`],
    ['var/lib/dpkg/status.d/tzdata', 'Package: tzdata\nVersion: 2025b\nArchitecture: all\n'],
    ['var/lib/dpkg/status.d/tzdata.md5sums', `${sum}  usr/share/zoneinfo/UTC\n`],
  ];
  assert.deepEqual(owners([files], 'usr/bin/app', 'usr/share/app/a b', 'etc/app.conf', 'usr/share/zoneinfo/UTC'), [
    'usr/bin/app: app:amd64',
    'usr/share/app/a b: app:amd64',
    'etc/app.conf: app:amd64',
    'usr/share/zoneinfo/UTC: tzdata:all',
  ]);
  assert.deepEqual(
    readPackages(viewOf([files])).packages.map(({ database }) => database),
    ['var/lib/dpkg/status.d/base', 'var/lib/dpkg/status.d/tzdata'],
  );
});

const apk = `C:Q1abc=
P:busybox
V:1.37.0-r12
A:x86_64
I:962560
o:busybox-src
F:bin
M:0:0:0755
R:busybox
a:0:0:0755
Z:Q1xyz=
F:etc/network
R:interfaces

P:musl
V:1.2.5-r9
A:x86_64
F:
R:top

`;

test('Alpine: lib/apk/db/installed, or the same below /usr', () => {
  for (const path of ['lib/apk/db/installed', 'usr/lib/apk/db/installed']) {
    const { packages, ownersOf, problems } = readPackages(viewOf([[[path, apk]]]));
    assert.deepEqual(problems, []);
    assert.partialDeepStrictEqual(packages, [
      {
        ecosystem: 'apk',
        name: 'busybox',
        version: '1.37.0-r12',
        architecture: 'x86_64',
        source: { name: 'busybox-src', version: '1.37.0-r12' },
        record: undefined,
        installedSize: 962560,
        files: ['bin', 'bin/busybox', 'etc/network', 'etc/network/interfaces'],
        database: path,
      },
      { name: 'musl', source: { name: 'musl' }, files: ['top'] },
    ]);
    assert.deepEqual(
      ownersOf('etc/network/interfaces').map(({ name }) => name),
      ['busybox'],
    );
  }
});

test('a database of Alpine that two paths lead to counts once', () => {
  const files: ViewedFiles = [
    ['usr/lib/apk/db/installed', apk],
    ['lib', { type: 'symlink', linkTarget: 'usr/lib' }],
  ];
  assert.equal(readPackages(viewOf([files])).packages.length, 2);
});

test('a package that is named twice counts once: the last of a file, the first of two files', () => {
  const files: ViewedFiles = [
    status('app 1', 'app 2', 'app 2 arm64', 'base 1'),
    ['var/lib/dpkg/status.d/base', stanza('base 1')],
    ['var/lib/dpkg/status.d/libc:arm64', stanza('libc 1 arm64')],
    ['var/lib/dpkg/status.d/libc:arm64.md5sums', `${sum}  usr/lib/libc.so\n`],
  ];
  const { packages, problems } = readPackages(viewOf([files]));
  assert.deepEqual(
    packages.map(({ name, architecture, version, database }) => [`${name}:${architecture}`, version, database]),
    [
      ['app:amd64', '2', 'var/lib/dpkg/status'],
      ['app:arm64', '2', 'var/lib/dpkg/status'],
      ['base:amd64', '1', 'var/lib/dpkg/status'],
      ['libc:arm64', '1', 'var/lib/dpkg/status.d/libc:arm64'],
    ],
  );
  assert.deepEqual(problems, []);
});

test('what is damaged is told, and the rest read', () => {
  const files: ViewedFiles = [
    [
      'var/lib/dpkg/status',
      `${stanza('good 1')}\nno field\n\n${stanza('odd 1; Depends: a (')}\nPackage: nameless\n\n${stanza('last 2')}`,
    ],
    ['var/lib/apt/extended_states', 'nothing'],
    ['lib/apk/db/installed', 'P:only\n\nP:fine\nV:1\n'],
  ];
  const { packages, problems, automatic } = readPackages(viewOf([files]));
  assert.deepEqual(
    packages.map(({ name }) => name),
    ['fine', 'good', 'last', 'odd'],
  );
  assert.equal(automatic, undefined);
  assert.deepEqual(problems, [
    'A paragraph of /var/lib/dpkg/status has no field name in line 1: "no field"',
    '/var/lib/dpkg/status: Depends of odd: "a (" is no package relation',
    '/var/lib/dpkg/status: The stanza of nameless has no Version',
    '/lib/apk/db/installed has a package without name or version: "P:only"',
    '/var/lib/apt/extended_states has no field name in line 1: "nothing"',
  ]);
});

test('whatever bytes a database has, nothing is thrown', () => {
  const part = fc.constantFrom('Package: a\n', 'Version: 1\n', 'Architecture: all\n', '\n', ' x\n', 'P:a\n', 'V:1\n');
  const bytes = fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 9 })), { maxLength: 12 });
  const paths = [
    ...['var/lib/dpkg/status', 'var/lib/dpkg/status.d/a', 'var/lib/dpkg/status.d/a.md5sums'],
    ...['var/lib/dpkg/info/a.list', 'var/lib/dpkg/diversions', 'var/lib/apt/extended_states', 'lib/apk/db/installed'],
  ];
  fc.assert(
    fc.property(fc.array(bytes, { minLength: paths.length, maxLength: paths.length }), (texts) => {
      const read = readPackages(viewOf([paths.map((path, at) => [path, texts[at]?.join('') ?? ''])]));
      assert.ok(Array.isArray(read.ownersOf('bin/x')));
    }),
    { numRuns: 200 },
  );
});

test('packages as they stood after each layer', () => {
  const layers: readonly ViewedFiles[] = [
    [['var/', ''], ['opt/x', ''], status('a 1', 'b 1'), ['var/lib/dpkg/info/a.list', '/opt/x\n']],
    [['opt/app', 'x']],
    [['usr/bin/tool', ''], ['usr/bin/again', { type: 'hardlink', linkTarget: 'usr/bin/tool' }], status('a 2', 'c 1')],
    [['var/lib/.wh.dpkg', '']],
  ];
  const byLayer = packagesByLayer(viewOf(layers)).map(({ layer, packages }) => [
    layer,
    ...packages.map(({ name, version, files }) => `${name} ${version} ${files}`),
  ]);
  assert.deepEqual(byLayer, [[0, 'a 1 opt/x', 'b 1 '], [2, 'a 2 opt/x', 'c 1 '], [3]]);
});
