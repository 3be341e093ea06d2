import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type LayerPicture, type ViewPicture, viewOf } from '../../test/support/view.ts';
import { inspectView } from './inspect.ts';
import { parseLimit } from './limits.ts';
import type { Inspection } from './types.ts';

function inspect(
  layers: readonly LayerPicture[],
  picture: ViewPicture = {},
  limits: readonly string[] = [],
): Inspection {
  return inspectView(viewOf(layers, picture), { today: '2026-11-21', limits: limits.map(parseLimit) });
}

function status(...packages: readonly string[]): string {
  return packages
    .map((line) => line.split(' '))
    .map(
      ([name, version]) => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\n`,
    )
    .join('\n');
}

const list = (...paths: readonly string[]) => `/.\n${paths.map((path) => `/${path}\n`).join('')}`;

const debian: LayerPicture = {
  'etc/': '',
  'etc/os-release':
    'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\nidle:x:7:7::/:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\napp:x:1000:\nextra:x:2000:app\n',
  'usr/': '',
  'usr/bin/': '',
  'usr/bin/dash': { elf: {}, text: 'x'.repeat(100), mode: 0o755 },
  'usr/bin/sh': '->dash',
  'usr/bin/env': { elf: {}, text: 'x'.repeat(50), mode: 0o755 },
  bin: '->usr/bin',
  'var/lib/dpkg/status': status('dash 0.5', 'coreutils 9.1'),
  'var/lib/dpkg/info/dash.list': list('usr', 'usr/bin', 'bin/dash', 'bin/sh', 'usr/share/doc/dash'),
  'var/lib/dpkg/info/coreutils.list': list('usr', 'usr/bin', 'usr/bin/env'),
};

test("packages: whose each file is, what is listed and gone, what is nobody's", () => {
  const { packages } = inspect([debian, { 'opt/': '', 'opt/app/': '', 'opt/app/a.bin': 'y'.repeat(500) }]);
  assert.deepEqual(
    packages.packages.map(
      ({ name, version, files, bytes, missing }) => `${name} ${version}: ${files} files ${bytes} B, ${missing} gone`,
    ),
    ['dash 0.5: 2 files 100 B, 1 gone', 'coreutils 9.1: 1 files 50 B, 0 gone'],
  );
  assert.equal(packages.bytes, 150);
  assert.deepEqual(packages.unowned.biggest[0], { path: '/opt/app/a.bin', bytes: 500, layer: 2 });
  assert.deepEqual(packages.unowned.folders[0], { path: '/opt/app', files: 1, bytes: 500 });
});

test('files by name: of each package, of none, and what is missing', () => {
  const view = viewOf([debian, { 'opt/': '', 'opt/z': 'z', 'opt/link': '=opt/z', 'opt/a': '->z', '-usr/bin/env': '' }]);
  const { packages } = inspectView(view, { today: '2026-11-21', files: true });
  assert.deepEqual(
    packages.packages.map(({ name, paths, missingPaths }) => ({ name, paths, missingPaths })),
    [
      { name: 'dash', paths: ['/usr/bin/dash', '/usr/bin/sh'], missingPaths: ['/usr/share/doc/dash'] },
      { name: 'coreutils', paths: [], missingPaths: ['/usr/bin/env'] },
    ],
  );
  const { paths = [] } = packages.unowned;
  assert.equal(paths.length, packages.unowned.files);
  assert.deepEqual(
    paths.filter((path) => !/^\/(?:etc|var)\//.test(path)),
    ['/bin', '/opt/a', '/opt/link', '/opt/z'],
  );
  const unnamed = inspect([debian]).packages;
  assert.deepEqual([unnamed.unowned.paths, unnamed.packages[0]?.paths], [undefined, undefined]);
});

test('what a layer changed, path by path, of the one that is asked for', () => {
  const layers = [
    { 'a/': '', 'a/x': '1', 'a/y': '1', 'b/': '', 'b/z': '1' },
    { 'a/': '', 'a/x': '2', 'a/new': '1', '-b': '' },
  ];
  const { layers: told } = inspectView(viewOf(layers), { today: '2026-11-21', layer: 1 });
  assert.deepEqual(
    told.map(({ changes }) => changes),
    [undefined, { added: ['/a/new'], changed: ['/a/x'], removed: ['/b', '/b/z'] }],
  );
});

test('links of a package whose list is of sums alone are whose they lead to', () => {
  const sums = ['libx.so.1', 'gone'].map((name) => `${'0'.repeat(32)}  usr/lib/${name}\n`).join('');
  const { packages } = inspect([
    {
      'usr/': '',
      'usr/lib/': '',
      'usr/lib/libx.so.1': 'x'.repeat(70),
      'usr/lib/libx.so': '->libx.so.1',
      'usr/lib/dangling': '->nowhere',
      'var/lib/dpkg/status.d/libx': 'Package: libx\nVersion: 1\nArchitecture: amd64\n',
      'var/lib/dpkg/status.d/libx.md5sums': sums,
    },
  ]);
  const [libx] = packages.packages;
  assert.deepEqual([libx?.files, libx?.bytes, libx?.missing], [2, 70, 1]);
  assert.equal(packages.unowned.files, 3, 'the database and the link that leads nowhere');
});

test('users: who it runs as, who owns what, and who has no account', () => {
  const layers = [debian, { 'srv/': { uid: 1000, gid: 1000 }, 'srv/x': { uid: 4711, gid: 1000, text: '' } }];
  const { users } = inspect(layers, { runtime: { User: 'app' } });
  assert.deepEqual(users.runsAs, { configured: 'app', uid: 1000, gids: [1000, 2000], name: 'app' });
  assert.deepEqual(users.accounts.map(({ name, uid, group, paths }) => `${name} ${uid} ${group} ${paths}`).slice(1), [
    'app 1000 app 1',
    'idle 7 undefined 0',
  ]);
  assert.deepEqual(users.strangers, {
    count: 1,
    most: [{ type: 'user', id: 4711, paths: 1, example: '/srv/x' }],
  });
  const many = Object.fromEntries(
    Array.from({ length: 99 }, (_, at) => [`f${at}`, { uid: 5000 + at, gid: 7, text: '' }]),
  );
  const { strangers } = inspect([debian, many]).users;
  assert.deepEqual(
    [strangers.count, strangers.most.length, strangers.most[0]],
    [100, 10, { type: 'group', id: 7, paths: 99, example: '/f0' }],
  );
  assert.equal(inspect([debian], { runtime: { User: 'nobody-here' } }).users.runsAs, undefined);
});

/** `name > way (packages, layer)` of everything that is started. */
function started(layers: readonly LayerPicture[], runtime: NonNullable<ViewPicture['runtime']>): readonly string[] {
  const { entrypoint } = inspect(layers, { runtime });
  return (entrypoint?.programs ?? []).map(({ role, name, steps, file }) => {
    const owner = file === undefined ? 'not there' : `${file.type} ${file.packages.join() || '-'} ${file.layer}`;
    return `${role} ${name}: ${steps.join(' > ')} (${owner})`;
  });
}

test('the entrypoint through PATH, links, shebangs and wrappers', () => {
  const app: LayerPicture = {
    'usr/bin/tini': { elf: {}, mode: 0o755, text: 't' },
    'app/main': { text: '#!/usr/bin/env python3\n', mode: 0o755 },
    'usr/bin/python3': '->python3.13',
    'usr/bin/python3.13': { elf: {}, mode: 0o755, text: 'p' },
    'docker-entrypoint.sh': { text: '#!/bin/sh -e\nexec "$@"\n', mode: 0o755 },
  };
  assert.deepEqual(started([debian, app], { Entrypoint: ['tini', '-g', '--', 'main'], Env: ['PATH=/app:/bin'] }), [
    'command tini: /bin/tini > /usr/bin/tini (elf - 2)',
    'argument main: /app/main (script - 2)',
    'interpreter /usr/bin/env: /usr/bin/env (elf coreutils 1)',
    'interpreter python3: /bin/python3 > /usr/bin/python3 > /usr/bin/python3.13 (elf - 2)',
  ]);
  assert.deepEqual(started([debian, app], { Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['python3', 'x'] }), [
    'command /docker-entrypoint.sh: /docker-entrypoint.sh (script - 2)',
    'interpreter /bin/sh: /bin/sh > /usr/bin/sh > /usr/bin/dash (elf dash 1)',
    'argument python3: /usr/bin/python3 > /usr/bin/python3.13 (elf - 2)',
  ]);
  assert.equal(started([debian, app], { Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['--verbose'] }).length, 2);
  assert.deepEqual(
    started([debian, app], { Cmd: ['/bin/sh', '-c', 'exec python3 -m app'], WorkingDir: '/app' }).slice(1),
    ['argument python3: /usr/bin/python3 > /usr/bin/python3.13 (elf - 2)'],
  );
  assert.deepEqual(
    started([debian, app], { Cmd: ['./main'], WorkingDir: '/app' })[0],
    'command ./main: /app/main (script - 2)',
  );
  assert.deepEqual(started([debian], { Cmd: ['gone'] }), ['command gone:  (not there)']);
});

test("scripts that are each other's interpreters, and links in a circle, end", () => {
  const layer: LayerPicture = {
    a: { text: '#!/b\n', mode: 0o755 },
    b: { text: '#!/a\n', mode: 0o755 },
    l: '->m',
    m: '->l',
  };
  assert.equal(started([layer], { Cmd: ['/a'] }).length, 12);
  assert.match(started([layer], { Cmd: ['/l'] })[0] ?? '', /not there/);
});

test('layers: what each one added, changed and removed, and its packages', () => {
  const layers: readonly LayerPicture[] = [
    debian,
    { 'var/lib/dpkg/status': status('dash 0.6', 'curl 8'), 'opt/': '', 'opt/big': 'z'.repeat(1000) },
    { '-opt/big': '', 'etc/passwd': 'root:x:0:0::/:/bin/sh\n' },
  ];
  const report = inspect(layers, {
    history: [
      { created_by: 'ADD x /' },
      { created_by: 'ENV A=1', empty_layer: true },
      { created_by: '/bin/sh -c apt-get  upgrade' },
      { created_by: 'RUN /bin/sh -c rm /opt/big # buildkit' },
    ],
  });
  assert.deepEqual(
    report.layers.map(({ command }) => command),
    ['ADD x /', 'RUN apt-get upgrade', 'RUN rm /opt/big'],
  );
  const [, second, third] = report.layers;
  assert.deepEqual(second?.packages, {
    added: [{ name: 'curl', version: '8' }],
    removed: [{ name: 'coreutils', version: '9.1' }],
    changed: [{ name: 'dash', from: '0.5', to: '0.6' }],
  });
  assert.deepEqual([second?.added, second?.changed.paths], [{ paths: 2, bytes: 1000 }, 1]);
  assert.deepEqual(
    [third?.removed, third?.changed],
    [
      { paths: 1, bytes: 1000 },
      { paths: 1, bytes: 22 },
    ],
  );
  assert.equal(third?.hidBytes, 1000 + (debian['etc/passwd'] as string).length);
  assert.equal(second?.lostBytes, 1000);
});

test('packages of layers: several architectures, databases of distroless images, and those that are taken away', () => {
  const foreign = `${status('a 1')}\nPackage: a\nStatus: install ok installed\nVersion: 1\nArchitecture: i386\n`;
  const { layers } = inspect([
    { 'var/lib/dpkg/status': status('a 1') },
    { 'var/lib/dpkg/status': foreign },
    { 'var/lib/dpkg/status.d/b': 'Package: b\nVersion: 2\nArchitecture: all\n' },
    { 'var/lib/dpkg/status.d/b': 'Package: b\nVersion: 3\nArchitecture: amd64\n', x: '' },
    { '-var/lib/dpkg': '' },
  ]);
  const told = layers.map(({ packages: { added, removed, changed } }) =>
    [
      ...added.map(({ name }) => `+${name}`),
      ...removed.map(({ name }) => `-${name}`),
      ...changed.map(({ name, from, to }) => `${name} ${from}>${to}`),
    ].join(),
  );
  assert.deepEqual(told, ['+a', '+a:i386', '+b', 'b 2>3', '-a:amd64,-a:i386,-b']);
});

test('waste: each byte with who wrote it and who took it away', () => {
  const { waste, contents } = inspect([
    { a: 'a'.repeat(300), keep: 'k'.repeat(10), 'd/': '', 'd/x': 'x'.repeat(40), one: 'o'.repeat(70), two: '=one' },
    { a: 'b'.repeat(500), '-one': '' },
    { '-a': '', '-d': '' },
  ]);
  assert.equal(waste.bytes, 840, 'a hard link keeps its content');
  assert.deepEqual(waste.pairs, [
    { writtenBy: 2, lostBy: 3, bytes: 500, files: 1 },
    { writtenBy: 1, lostBy: 2, bytes: 300, files: 1 },
    { writtenBy: 1, lostBy: 3, bytes: 40, files: 1 },
  ]);
  assert.deepEqual(waste.biggest[0], { path: '/a', bytes: 500, writtenBy: 2, lostBy: 3 });
  assert.equal(contents.bytes, 80);
});

test('what is big and what is double; hard links are no copies', () => {
  const { contents } = inspect([
    {
      'a/': '',
      'a/b/': '',
      'a/b/one': 'same'.repeat(100),
      'a/b/link': '=a/b/one',
      'a/b/two': 'same'.repeat(100),
      c: 'small',
      e: '',
      f: '',
      s: '->c',
    },
  ]);
  const { files, folders, symlinks, hardLinks, bytes } = contents;
  assert.deepEqual(
    { files, folders, symlinks, hardLinks, bytes },
    { files: 5, folders: 2, symlinks: 1, hardLinks: 1, bytes: 805 },
  );
  assert.deepEqual(
    contents.biggestFolders.map(({ path, bytes: size }) => `${path} ${size}`),
    ['/a/b 800'],
  );
  assert.deepEqual(contents.biggestFiles.map(({ path }) => path).slice(0, 3), ['/a/b/link', '/a/b/two', '/c']);
  const [double] = contents.duplicates.biggest;
  assert.deepEqual([contents.duplicates.bytes, double?.copies, double?.paths], [400, 2, ['/a/b/link', '/a/b/two']]);
});

test('a bare tree tells what there is', () => {
  const report = inspect([debian], { bare: true });
  assert.equal(report.settings, undefined);
  assert.equal(report.dockerfile, undefined);
  assert.equal(report.users.runsAs, undefined);
  assert.equal(report.packages.count, 2);
  assert.equal(report.distribution?.support?.status, 'extended');
});

test('limits: those that fail, and figures of dive where one asks for them', () => {
  const layers = [{ a: 'a'.repeat(300) }, { a: 'b'.repeat(100) }];
  const { limits, dive } = inspect(layers, {}, [
    'waste>200',
    'waste>=300B',
    'files>1',
    'layers>1',
    'compressed-size>1GB',
    'lowestEfficiency=0.9',
    'highestUserWastedPercent=90%',
    'efficiency<20%',
  ]);
  assert.deepEqual(
    limits.map(({ limit, actual, failed }) => `${failed ? 'failed' : 'passed'} ${limit} ${actual}`),
    [
      'failed waste>200 300',
      'failed waste>=300B 300',
      'passed files>1 1',
      'failed layers>1 2',
      'failed compressed-size>1GB undefined',
      'failed lowestEfficiency=0.9 0.25',
      'failed highestUserWastedPercent=90% 4',
      'passed efficiency<20% 0.25',
    ],
  );
  const unlisted = inspectView(viewOf(layers), {
    today: '2026-11-21',
    top: 0,
    limits: [parseLimit('biggest-file>50')],
  });
  assert.deepEqual([unlisted.contents.biggestFiles.length, unlisted.limits[0]?.failed], [0, true]);
  assert.equal(dive?.wastedBytes, 400);
  assert.equal(inspect(layers).dive, undefined);
});

test("Docker's own members of the config are told, too", () => {
  const runtime = { Shell: ['/bin/bash', '-c'], OnBuild: ['RUN x'] } as NonNullable<ViewPicture['runtime']>;
  const { settings } = inspect([debian], { runtime });
  assert.deepEqual([settings?.shell, settings?.onbuild], [['/bin/bash', '-c'], ['RUN x']]);
  assert.deepEqual(inspect([debian]).settings?.shell, []);
});

test('secrets of the config are struck out unless they are asked for', () => {
  const runtime = {
    Env: ['PATH=/bin', 'API_TOKEN=abcdef123', 'URL=http://u:pw123@h/'],
    Labels: { 'x.password': 'hunter22', y: 'z' },
    Cmd: ['serve', '--token=abcdef123'],
  };
  const { settings, entrypoint } = inspect([debian], { runtime });
  assert.deepEqual(settings?.env, ['PATH=/bin', 'API_TOKEN=****', 'URL=http://u:****@h/']);
  assert.deepEqual(settings?.labels, { 'x.password': '****', y: 'z' });
  assert.deepEqual([settings?.cmd, settings?.redacted], [['serve', '--token=****'], 3]);
  assert.deepEqual(entrypoint?.words, ['serve', '--token=****']);
  const shown = inspectView(viewOf([debian], { runtime }), { today: '2026-11-21', showSecrets: true });
  assert.deepEqual(shown.settings?.env, runtime.Env);
});

test('nothing that audit calls a secret is printed, wherever it stands', () => {
  // In two parts: nobody shall take them for real ones.
  const token = ['ghp', 'q7Zt3KvXb9LmR2wPc8NdF4hJ6sYg5TxVk1Qz'].join('_');
  const aws = 'wJalrXUtnFEMIK7MDENGbPxRfiCYq8R2vT5sHdKe';
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
  const body = key.split('\n')[1] ?? '';
  const layers = [debian, { x: 'x' }];
  const picture: ViewPicture = {
    runtime: {
      Env: [`HEADER=Bearer ${token}`, `SITE_KEY=${key}`, 'PIN_TOKEN=1234'],
      Labels: { 'org.note': `postgres://web:tr0ub4dor@db.corp/x ${token}` },
      Entrypoint: ['web', `--header=${token}`],
      Healthcheck: { Test: ['CMD-SHELL', `curl -H "X: ${token}" localhost`] },
    },
    history: [
      { created_by: `RUN curl -H "Authorization: ${token}" a.org # buildkit`, comment: token },
      { created_by: `ENV HEADER=Bearer ${token}`, empty_layer: true },
      { created_by: `|1 KEY=${token} /bin/sh -c export AWS_SECRET_ACCESS_KEY=${aws} && make` },
    ],
  };
  const secrets = [token, aws, body, '1234', 'tr0ub4dor'];
  const view = viewOf(layers, picture);
  const config = view.config && { ...view.config, author: `me <${token}>` };
  const text = (showSecrets: boolean) =>
    JSON.stringify(inspectView({ ...view, config }, { today: '2026-11-21', showSecrets }));
  assert.deepEqual(
    secrets.filter((secret) => text(false).includes(secret)),
    [],
  );
  assert.deepEqual(
    secrets.filter((secret) => !text(true).includes(secret)),
    [],
  );
});
