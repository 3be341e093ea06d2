import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { type LayerPicture, type ViewPicture, viewOf } from '../../test/support/view.ts';
import { inspectView } from '../inspect/inspect.ts';
import { limitNames, parseLimit } from '../inspect/limits.ts';
import { inspectSchema } from '../look/inspect-schema.ts';
import { runCaptured } from './testing.ts';

/** Runs the command over an image of literals: reading images has tests of its own. */
function inspect(argv: readonly string[], layers: readonly LayerPicture[], picture: ViewPicture = {}) {
  const view = viewOf(layers, { name: 'store:web', ...picture });
  return runCaptured(['inspect', 'store:web', ...argv], {
    api: {
      inspectImage: async (_image, { failOn = [], top, dive, showSecrets, files, layer } = {}) =>
        inspectView(view, {
          ...{ today: '2026-11-21', limits: failOn.map(parseLimit), top, dive, showSecrets },
          ...{ files: files !== undefined, layer: layer === undefined ? undefined : Number(layer) - 1 },
        }),
    },
  });
}

const layers: readonly LayerPicture[] = [
  {
    'etc/': '',
    'etc/os-release': 'ID=debian\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    'etc/group': 'root:x:0:\n',
    'usr/': '',
    'usr/bin/': '',
    'usr/bin/app1': { elf: {}, text: 'x'.repeat(2000) },
    'usr/bin/app': '->app1',
    'var/lib/dpkg/status': 'Package: app\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\n',
    'var/lib/dpkg/info/app.list': '/.\n/usr/bin/app1\n/usr/bin/app\n',
  },
  { 'opt/': '', 'opt/junk': 'j'.repeat(1500), 'opt/same': 's'.repeat(400), 'opt/also': 's'.repeat(400) },
  { '-opt/junk': '' },
];

const picture: ViewPicture = {
  runtime: { Entrypoint: ['app'], Env: ['PATH=/usr/bin', 'DB_PASSWORD=hunter22'], ExposedPorts: { '80/tcp': {} } },
  history: [
    { created_by: '/bin/sh -c #(nop) ADD file:0123456789abcdef in / ' },
    { created_by: 'COPY . /opt # buildkit', comment: 'buildkit.dockerfile.v0' },
    { created_by: 'RUN /bin/sh -c rm /opt/junk # buildkit', comment: 'buildkit.dockerfile.v0' },
  ],
};

test('inspect names files, a path a line', async () => {
  const lines = async (...argv: readonly string[]) => (await inspect(argv, layers, picture)).stdout.split('\n');
  assert.deepEqual(await lines('--files', 'app'), ['/usr/bin/app', '/usr/bin/app1', '']);
  assert.deepEqual(await lines('--files', 'app:amd64'), ['/usr/bin/app', '/usr/bin/app1', '']);
  assert.deepEqual((await lines('--files', 'none')).slice(-3), [
    '/var/lib/dpkg/info/app.list',
    '/var/lib/dpkg/status',
    '',
  ]);
  assert.deepEqual(await lines('--files', 'missing'), ['']);
  const gone = await inspect(['--files', 'missing'], [...layers, { '-usr/bin/app1': '' }]);
  assert.equal(gone.stdout, 'app: /usr/bin/app1\n');
  assert.deepEqual(await lines('--layer', '2'), ['+ /opt', '+ /opt/also', '+ /opt/junk', '+ /opt/same', '']);
  assert.deepEqual(await lines('--layer', '3'), ['- /opt/junk', '']);
  assert.equal((await inspect(['--layer', '2', '--files', 'none'], layers)).status, 2);
});

test('inspect tells all of it, section by section', async () => {
  const { status, stdout, stderr } = await inspect(['--top', '2'], layers, picture);
  assert.deepEqual([status, stderr], [0, '']);
  for (const line of [
    'store:web (linux/amd64)',
    '  distribution  Debian GNU/Linux 13 (trixie), supported until 2028-08-09',
    '  runs as root',
    '  waste: 1.5 kB that no path shows any more, 33.2 % of what the layers carry',
    '  duplicates: 400 B, 13.2 % of the image',
    '  entrypoint  ["app"]',
    '  user        root, by default (root, uid 0, gid 0)',
    '              DB_PASSWORD=****',
    '  1 value that may be secret: struck out (--show-secrets shows them)',
    '  app -> /usr/bin/app -> /usr/bin/app1 (elf, app, layer 1)',
    '       + 1 package: app',
    '  1 package: 2.0 kB in 2 files',
    '    2.0 kB  layer 1  /usr/bin/app1',
    '  1 content more than once: 400 B that one copy of each would save',
    '    1.5 kB  1 file  written by layer 2  gone with layer 3: RUN rm /opt/junk',
    '  FROM debian:trixie',
    '  RUN rm /opt/junk',
  ]) {
    assert.ok(stdout.includes(`${line}\n`), `${line}\n\n${stdout}`);
  }
});

test('the beginning says what is wrong', async () => {
  const shortOf = async (...image: [readonly LayerPicture[], ViewPicture]) => {
    const { stdout } = await inspect([], ...image);
    return /In short\n((?: {2}.*\n)+)/
      .exec(stdout)?.[1]
      ?.trimEnd()
      .split('\n')
      .map((line) => line.trim());
  };
  const script = { text: '#!/bin/none\n', mode: 0o755 };
  const old = 'ID=debian\nVERSION_ID="10"\nVERSION_CODENAME=buster\n';
  assert.deepEqual(
    await shortOf([{ app: script, 'etc/os-release': old }], { runtime: { User: 'ghost', Cmd: ['/app', 'x'] } }),
    [
      "it can't start: the image has no account ghost",
      '/bin/none is not there',
      'support of Debian 10 (buster) ended 2024-06-30',
      'no package database: nothing vouches for its files',
    ],
  );
  const status = 'Package: x\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\nrubbish\n';
  const database = { 'var/lib/dpkg/status': status, 'var/lib/dpkg/info/x.list': '/gone\n' };
  assert.deepEqual(await shortOf([database], { runtime: { User: '1000', Cmd: ['/var/lib/dpkg/status'] } }), [
    'runs as uid 1000',
    '/var/lib/dpkg/status is not executable',
    `of no package: 86 B in 2 files, 100.0 % of the image`,
    'missing: 1 file of packages',
    'damaged: 1 line about the package database below',
  ]);
});

test('--format json has the published form, with and without a config', async () => {
  const validate = new Ajv({ strict: true }).compile(inspectSchema);
  const limits = ['--fail-on', 'waste>1GB', '--fail-on', 'compressed-size>1GB', '--dive-compatible'];
  for (const shown of [picture, { bare: true } as const, { history: [] }]) {
    const { stdout } = await inspect([...limits, '--format', 'json'], layers, shown);
    assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
  }
});

test('--fail-on names the limits that failed, and the status says so', async () => {
  const failed = await inspect(['--fail-on', 'waste>1kB', '--fail-on', 'layers>3'], layers, picture);
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /Limits\n {2}failed waste>1kB: 1.5 kB\n {2}passed layers>3: 3\n$/);
  assert.equal((await inspect(['--fail-on', 'waste>1MB'], layers, picture)).status, 0);
  const wrong = await inspect(['--fail-on', 'wastes>1MB'], layers, picture);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /there is no figure wastes; waste\?/);
});

test('--dockerfile and --packages print nothing else', async () => {
  const dockerfile = await inspect(['--dockerfile'], layers, picture);
  assert.match(dockerfile.stdout, /^# Reconstructed .*\n# FROM is guessed/);
  assert.match(dockerfile.stdout, /\nENTRYPOINT \["app"\]\n$/);
  assert.ok(!dockerfile.stdout.includes('hunter22'));
  const bare = await inspect(['--dockerfile'], layers, { bare: true });
  assert.equal(bare.stdout, '# a file tree: nothing says how it was made\n');
  const packages = await inspect(['--packages'], layers, picture);
  assert.match(
    packages.stdout,
    /^ {2}SIZE {2}FILES {2}PACKAGE {2}VERSION {2}ARCH\n2.0 kB {6}2 {2}app {6}1.0 {6}amd64\n/,
  );
});

test("dive's figures stand beside the exact ones", async () => {
  const { stdout } = await inspect(['--dive-compatible'], layers, picture);
  assert.match(stdout, /dive's figures\n {2}efficiency \d+\.\d{4} %, 1\.5 kB \(1500 bytes\) wasted/);
});

test('what an image says reaches no terminal as it is', async () => {
  const control = '\u001b[2J\u202e';
  const evil: LayerPicture = {
    [`opt/${control}\nfake line`]: 'x'.repeat(99),
    'etc/os-release': `ID=debian\nPRETTY_NAME="${control}"\n`,
    'etc/passwd': `ro${control}ot:x:0:0::/:/bin/sh\n`,
    'var/lib/dpkg/status': `Package: a\nStatus: install ok installed\nVersion: 1${control}\nArchitecture: amd64\n`,
  };
  const shown: ViewPicture = {
    runtime: { Env: [`A=${control}`], Labels: { [control]: control }, Cmd: [control], User: control },
    history: [{ created_by: `RUN /bin/sh -c ${control} # buildkit`, comment: control }],
  };
  for (const flags of [[], ['--verbose'], ['--dockerfile'], ['--packages']]) {
    const { stdout } = await inspect(flags, [evil], shown);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
    assert.doesNotMatch(stdout, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    assert.doesNotMatch(stdout, /^fake line/m);
  }
});

test('the help and the manual name every figure that a limit may be about', async () => {
  const { stdout } = await runCaptured(['inspect', '--help']);
  const manual = await readFile(new URL('../../docs/looking.md', import.meta.url), 'utf8');
  for (const name of limitNames) {
    assert.match(stdout, new RegExp(`[\\s,]${name}(?:[,.;=]|\\s)`), name);
    assert.match(manual, new RegExp(`\`${name}=?\``), name);
  }
});
