/** Images from archives of every form, through the command line: what is asked of whom, and what comes out. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { type DebRecipe, makeDeb, type Packing } from '../support/deb-maker.ts';
import { lacking } from '../support/need.ts';

const hello: DebRecipe = { name: 'hello', files: { '/usr/bin/hello': { content: 'hello', mode: 0o755 } } };
const tool: DebRecipe = { name: 'tool', fields: { Depends: 'libtool (>= 1.0)' }, files: { '/usr/bin/tool': 'tool' } };
const library: DebRecipe = { name: 'libtool', architecture: 'all', files: { '/usr/lib/libtool.so.1': 'library' } };

/** What a merged /usr adds to files below it. */
const links = { bin: '-> usr/bin', lib: '-> usr/lib' };

let user: TestUser;
let archive: TestArchive;

beforeEach(async () => {
  user = await startUser();
  archive = await startArchive();
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

const config = (packages: readonly string[], entry: Readonly<Record<string, string>> = {}) =>
  archiveConfig(archive, packages, { archive: entry });

const now = () => new Date();

describe('an archive of the user', () => {
  for (const form of ['InRelease', 'Release.gpg'] as const) {
    test(`by url, suites, components and signed-by, with ${form}`, async () => {
      await archive.publish({ form, date: now(), components: { main: [tool], extra: [library] } });
      await user.write('slimimage.yaml', config(['tool'], { components: '[main, extra]' }));
      const { stdout, stderr } = await user.succeed(['build', '-o', 'tar:root.tar']);
      assert.match(stdout, /^tar:root\.tar@sha256:[0-9a-f]{64}\n$/);
      assert.match(stderr, /2 packages/);
      assert.deepEqual(await user.files('root.tar'), {
        'usr/bin/tool': '0644 0:0 tool',
        'usr/lib/libtool.so.1': '0644 0:0 library',
        ...links,
      });
      const asked = archive.server.requests.map(({ path }) => path);
      assert.ok(asked.some((path) => path.includes('/by-hash/SHA256/')));
      assert.ok(!asked.some((path) => path.endsWith('/Packages')));
    });
  }

  test('only the components that are named count', async () => {
    await archive.publish({ date: now(), components: { main: [tool], extra: [library] } });
    await user.write('slimimage.yaml', config(['tool']));
    const { message } = await user.refused({ code: 'UNSATISFIABLE', status: 2 }, ['build']);
    assert.match(message, /libtool/);
  });

  test('flat', async () => {
    await archive.publish({ suite: './', date: now(), components: { main: [tool, library] } });
    await user.write('slimimage.yaml', config(['tool'], { suites: '[./]' }));
    await user.succeed(['build', '-o', 'tar:root.tar']);
    assert.deepEqual(Object.keys(await user.files('root.tar')), ['usr/lib/libtool.so.1', 'usr/bin/tool', 'bin', 'lib']);
  });

  test('several URLs: the first that answers', async () => {
    await archive.publish({ date: now(), components: { main: [hello] } });
    const urls = `[${archive.server.url('/nothing')}, ${archive.url}]`;
    await user.write('slimimage.yaml', config(['hello'], { url: urls }));
    await user.succeed(['build']);
  });

  test('`mirrors:`, `--mirror` and SLIMIMAGE_MIRROR_NAME say where else it is', async () => {
    await archive.publish({ date: now(), components: { main: [hello] } });
    const text = config(['hello'], { url: 'http://archive.invalid/debian' });
    await user.write('slimimage.yaml', `${text}mirrors: { own: ${archive.url} }\n`);
    const { stdout } = await user.succeed(['build']);
    await user.write('slimimage.yaml', text);
    const byFlag = await user.succeed(['build', '--mirror', `own=${archive.url}`]);
    const byVariable = await user.succeed(['build'], { env: { SLIMIMAGE_MIRROR_OWN: archive.url } });
    assert.deepEqual([byFlag.stdout, byVariable.stdout], [stdout, stdout]);
  });
});

test('an Ubuntu archive: zstd .debs in main and universe, its pockets, base files', async () => {
  const packing = 'zstd' as const;
  const baseFiles: DebRecipe = {
    name: 'base-files',
    packing,
    files: { '/etc/os-release': '-> ../usr/lib/os-release', '/usr/lib/os-release': 'ID=ubuntu\n' },
  };
  const suites = {
    noble: { main: [baseFiles, { ...library, packing }], universe: [{ ...tool, packing }] },
    'noble-updates': { main: [{ ...library, packing, version: '1.2-1' }], universe: [] },
    'noble-security': { main: [], universe: [] },
  };
  for (const [suite, components] of Object.entries(suites)) {
    await archive.publish({ suite, codename: 'noble', date: now(), components });
  }
  await user.write(
    'slimimage.yaml',
    `archives:
  - url: ${archive.url}
    suites: [noble, noble-updates, noble-security]
    components: [main, universe]
    signed-by: ${archive.keyFile}
packages: [tool]
platforms: [linux/amd64]
`,
  );
  const { stderr } = await user.succeed(['build', '-o', 'tar:root.tar', '-t', 'web:1']);
  assert.match(stderr, /libtool +1\.2-1/);
  const files = await user.files('root.tar');
  assert.equal(files['usr/lib/os-release'], '0644 0:0 ID=ubuntu');
  assert.equal(files['usr/bin/tool'], '0644 0:0 tool');
  assert.match(files['etc/passwd'] ?? '', /^0644 0:0 /);
});

test('the preset ubuntu/noble asks its mirror, and trusts nobody but Ubuntu', async () => {
  for (const suite of ['noble', 'noble-updates', 'noble-security']) {
    await archive.publish({ suite, codename: 'noble', date: now(), components: { main: [hello], universe: [] } });
  }
  const argv = ['build', '--from', 'ubuntu/noble', '-p', 'hello', '--platform', 'linux/amd64'];
  const refusal = { code: 'SIGNATURE_UNKNOWN_KEY', status: 3 } as const;
  await user.refused(refusal, argv, { env: { SLIMIMAGE_MIRROR_UBUNTU: archive.url } });
  await user.write('slimimage.yaml', `mirrors: { ubuntu: ${archive.url} }\n`);
  await user.refused(refusal, argv);
  assert.deepEqual([...new Set(archive.server.requests.map(({ path }) => path))].sort(), [
    '/debian/dists/noble-security/InRelease',
    '/debian/dists/noble-updates/InRelease',
    '/debian/dists/noble/InRelease',
  ]);
  assert.deepEqual(await user.stored(), []);
});

describe('the user’s own .debs', () => {
  test('a single one and a folder of them, with no archive at all', async () => {
    await user.write('app.deb', await makeDeb(tool));
    await user.write('debs/libtool.deb', await makeDeb(library));
    await user.write('debs/other.deb', await makeDeb({ name: 'other', architecture: 'arm64' }));
    await user.write('debs/README', 'not a package');
    await user.write('slimimage.yaml', 'packages: [./app.deb, ./debs/]\nbase: none\nplatforms: [linux/amd64]\n');
    await user.succeed(['build', '-o', 'tar:root.tar', '--offline']);
    assert.deepEqual(await user.files('root.tar'), {
      'usr/bin/tool': '0644 0:0 tool',
      'usr/lib/libtool.so.1': '0644 0:0 library',
      ...links,
    });
  });

  test('their dependencies come from the archive, and they come before its versions', async () => {
    await archive.publish({ date: now(), components: { main: [library, { ...tool, version: '9.0-1' }] } });
    await user.write('app.deb', await makeDeb(tool));
    await user.write('slimimage.yaml', config(['./app.deb']));
    const { stderr } = await user.succeed(['build']);
    assert.match(stderr, /tool +1\.0-1/);
    assert.match(stderr, /libtool +1\.0-1/);
  });

  test('a .deb for another architecture, a folder without any, a file that is none', async () => {
    await user.write('arm.deb', await makeDeb({ name: 'other', architecture: 'arm64' }));
    await user.write('empty/README', 'not a package');
    await user.write('text.deb', 'not a package');
    const argv = (path: string) => ['build', '-p', path, '--base', 'none', '--platform', 'linux/amd64'];
    const arm = await user.refused({ code: 'SOURCE_INVALID', status: 2 }, argv('./arm.deb'));
    assert.match(arm.message, /arm\.deb is for arm64, the image is for amd64/);
    await user.refused({ code: 'SOURCE_INVALID', status: 2 }, argv('./empty'));
    await user.refused({ code: 'SOURCE_INVALID', status: 2 }, argv('./none.deb'));
    const text = await user.refused({ code: 'AR_INVALID', status: 3 }, argv('./text.deb'));
    assert.match(text.message, /text\.deb/);
  });
});

test('.debs in every compression, all in one image', { skip: lacking({ commands: ['bzip2'] }) }, async () => {
  const packings: readonly Packing[] = ['none', 'gzip', 'zstd', 'xz', 'lzma', 'bzip2'];
  const debs = packings.map(
    (packing): DebRecipe => ({ name: `in-${packing}`, packing, files: { [`/usr/share/${packing}`]: `by ${packing}` } }),
  );
  await archive.publish({ date: now(), components: { main: debs }, packings: ['gzip'], listsPlain: false });
  await user.write('slimimage.yaml', config(debs.map(({ name }) => name)));
  await user.succeed(['build', '-o', 'tar:root.tar']);
  assert.deepEqual(
    await user.files('root.tar'),
    Object.fromEntries(packings.map((packing) => [`usr/share/${packing}`, `0644 0:0 by ${packing}`]).sort()),
  );
});

test('Packages in every compression', { skip: lacking({ commands: ['bzip2'] }) }, async () => {
  const packings: readonly Packing[] = ['none', 'gzip', 'zstd', 'xz', 'lzma', 'bzip2'];
  for (const packing of packings) {
    const debs = [{ ...hello, name: `in-${packing}` }];
    await archive.publish({ suite: packing, date: now(), components: { main: debs }, packings: [packing] });
  }
  const names = packings.map((packing) => `in-${packing}`);
  await user.write('slimimage.yaml', config(names, { suites: `[${packings.join(', ')}]` }));
  const { stdout } = await user.succeed(['build', '--dry-run']);
  assert.match(stdout, /6 packages/);
});

describe('--offline', () => {
  test('fails clearly before, works after, and asks nobody', async () => {
    await archive.publish({ date: now(), components: { main: [tool, library] } });
    await user.write('slimimage.yaml', config(['tool']));
    const before = await user.refused({ code: 'OFFLINE', status: 3 }, ['build', '--offline']);
    assert.match(before.message, /own trixie/);
    assert.match(before.hint ?? '', /without --offline/);
    assert.equal(archive.server.requests.length, 0);

    // The indexes alone are not enough, and every package that is missing is named.
    await user.succeed(['build', '--dry-run']);
    const half = await user.refused({ code: 'OFFLINE', status: 3 }, ['build', '--offline']);
    assert.match(half.message, /libtool 1\.0-1 \(all\), tool 1\.0-1 \(amd64\)/);

    const online = await user.succeed(['build', '-o', 'tar:online.tar']);
    await archive.server.close();
    const offline = await user.succeed(['build', '--offline', '-o', 'tar:offline.tar']);
    assert.equal(offline.stdout.split('@')[1], online.stdout.split('@')[1]);
    const [a, b] = await Promise.all(['online.tar', 'offline.tar'].map((name) => readFile(join(user.folder, name))));
    assert.ok(a?.equals(b ?? Buffer.alloc(0)));
  });

  test('without a change at the archive a second build fetches nothing anew', async () => {
    await archive.publish({ date: now(), components: { main: [tool, library] } });
    await user.write('slimimage.yaml', config(['tool']));
    await user.succeed(['build']);
    archive.server.forget();
    await user.succeed(['build']);
    assert.deepEqual(
      archive.server.requests.map(({ path, headers }) => [path, headers['if-none-match'] !== undefined]),
      [['/debian/dists/trixie/InRelease', true]],
    );
  });
});
