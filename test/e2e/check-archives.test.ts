/** The check in builds from an archive of the test's own, and of images wherever they are. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ElfRecipe, makeElf } from '../../src/formats/elf/elf-maker.ts';
import type { ImageCheck } from '../../src/index.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import type { DebRecipe, FileRecipe } from '../support/deb-maker.ts';
import { putSampleIndex, type SampleLayer } from '../support/images.ts';
import { lackingRegistry, startRegistry } from '../support/registry.ts';

const libraries = '/usr/lib/x86_64-linux-gnu';
const interpreter = '/lib64/ld-linux-x86-64.so.2';
const elf = (recipe: ElfRecipe): FileRecipe => ({ content: makeElf(recipe), mode: 0o755 });
const program = (needed: readonly string[]) => elf({ type: 2, interpreter, needed: [...needed, 'libc.so.6'] });
const depends = (text: string) => ({ fields: { Depends: text } });

const packages: readonly DebRecipe[] = [
  {
    name: 'libc6',
    files: {
      '/usr/lib64/ld-linux-x86-64.so.2': elf({ soname: 'ld-linux-x86-64.so.2' }),
      [`${libraries}/libc.so.6`]: elf({ soname: 'libc.so.6', needed: ['ld-linux-x86-64.so.2'] }),
    },
  },
  {
    name: 'libnice1',
    fields: { Section: 'libs' },
    files: {
      [`${libraries}/libnice.so.1`]: '-> libnice.so.1.2',
      [`${libraries}/libnice.so.1.2`]: elf({ soname: 'libnice.so.1', needed: ['libc.so.6'] }),
    },
  },
  // Another has a file of that name, where the loader does not look.
  { name: 'aaa', files: { '/opt/aaa/libnice.so.1': 'text' } },
  { name: 'app', ...depends('libc6'), files: { '/usr/bin/app': program(['libnice.so.1']) } },
  { name: 'whole', ...depends('libc6, libnice1'), files: { '/usr/bin/app': program(['libnice.so.1']) } },
  {
    name: 'broken',
    ...depends('libc6'),
    files: {
      '/usr/bin/app': program(['libbad.so.1']),
      [`${libraries}/libbad.so.1`]: { content: makeElf({ soname: 'libbad.so.1' }).subarray(0, 100), mode: 0o644 },
    },
  },
];

let user: TestUser;
let archive: TestArchive;

before(async () => {
  [user, archive] = await Promise.all([startUser(), startArchive()]);
  await archive.publish({ date: new Date(), components: { main: packages }, contents: true });
});
after(async () => {
  await user[Symbol.asyncDispose]();
  await archive[Symbol.asyncDispose]();
});

async function build(
  names: readonly string[],
  more: Readonly<Record<string, string>> = {},
  argv: readonly string[] = [],
) {
  const config = archiveConfig(archive, names, { more: { entrypoint: '[/usr/bin/app]', user: 'root', ...more } });
  await user.write('slimimage.yaml', config);
  return user.run(['build', ...argv]);
}

/** `error library libnice.so.1` */
async function check(image: string, ...argv: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await user.run(['check', image, '--format', 'json', '--offline', ...argv]);
  assert.ok(stdout.startsWith('{'), `${stdout}${stderr}`);
  const { sound, findings } = JSON.parse(stdout) as ImageCheck;
  assert.equal(status, sound ? 0 : 1);
  return findings.map(({ severity, type, missing }) => `${severity} ${type} ${missing}`);
}

describe('a build', () => {
  test('is refused, with the package that has what is missing', async () => {
    const { status, stderr } = await build(['app']);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /libnice\.so\.1, needed by .*app.*, is in libnice1: add it to packages:/);
    assert.match(stderr, /hint: Add libnice1 to packages:/);
    const { stderr: offline } = await build(['app'], {}, ['--offline']);
    assert.match(offline, /app of app needs libnice\.so\.1, which is not in the image/);
    assert.doesNotMatch(offline, /is in libnice1/);
  });

  test('is let through by name, where that is said for the file', async () => {
    const allow = (more: string) => ({ allow: `[{ missing: libnice.so.1, ${more}because: a test }]` });
    const named = await build(['app'], allow(''), ['--format', 'json']);
    assert.equal(named.status, 0, named.stderr);
    const { platforms, warnings } = JSON.parse(named.stdout);
    assert.deepEqual(platforms[0].check.allowed, 1);
    assert.deepEqual(warnings, []);
    assert.equal((await build(['app'], allow('in: /usr/bin/*, '))).status, 0);
    const elsewhere = await build(['app'], allow('in: /opt/**, '));
    assert.equal(elsewhere.status, 2);
    const needless = await build(['whole'], allow(''));
    assert.equal(needless.status, 0, needless.stderr);
    assert.match(needless.stderr, /allow: the check found nothing that misses libnice\.so\.1/);
  });

  test('tells a damaged library of a package', async () => {
    const { status, stderr } = await build(['broken']);
    assert.equal(status, 2);
    assert.match(stderr, /libbad\.so\.1, and .*libbad\.so\.1 is damaged/);
  });

  test('on another image counts what is there', async () => {
    assert.equal((await build(['whole'], { name: 'below' })).status, 0);
    const above = {
      on: 'store:below',
      files: '[{ source: ./app, path: /srv/app, mode: "0755" }]',
      entrypoint: '[/srv/app]',
    };
    await user.write('app', makeElf({ type: 2, interpreter, needed: ['libnice.so.1', 'libc.so.6'] }));
    const { status, stderr } = await build([], above);
    assert.equal(status, 0, stderr);
    await user.write('app', makeElf({ type: 2, interpreter, needed: ['libnone.so.1', 'libc.so.6'] }));
    const lacking = await build([], above);
    assert.equal(lacking.status, 2);
    assert.match(lacking.stderr, /libnone\.so\.1/);
  });
});

describe('slimimage check', () => {
  const fault = ['error library libnice.so.1'];

  test('looks into images wherever they are', { timeout: 60_000 }, async (t) => {
    const allow = { allow: '[{ missing: libnice.so.1, because: a test }]', name: 'faulty' };
    const outputs = ['oci:layout', 'oci-archive:layout.tar', 'docker-archive:docker.tar', 'tar:root.tar', 'dir:root'];
    const { status, stderr } = await build(
      ['app'],
      allow,
      outputs.flatMap((output) => ['-o', output]),
    );
    assert.equal(status, 0, stderr);
    for (const place of ['store:faulty', ...outputs]) assert.deepEqual(await check(place), fault, place);
    await t.test('a registry', { skip: lackingRegistry }, async (inner) => {
      const { host } = await startRegistry(inner);
      const name = `docker://${host}/team/app:1`;
      await user.succeed(['copy', 'store:faulty', name]);
      const { status: answer, stdout } = await user.run(['check', name]);
      assert.equal(answer, 1);
      assert.match(stdout, /would not run: 1 error\n {2}error: app of app needs libnice\.so\.1/);
    });
  });

  test('takes the platform that is asked for, and Linux alone', async () => {
    const layer = (machine: number): SampleLayer => [
      ['bin/', ''],
      ['bin/true', { content: makeElf({ type: 2, machine }), mode: 0o755 }],
    ];
    const store = await LocalStore.open(`${user.folder}/store`);
    const images = [
      { layers: [layer(62)], platform: 'linux/amd64', cmd: ['/bin/true'] },
      { layers: [layer(62)], platform: 'linux/arm64', cmd: ['/bin/true'] },
      { layers: [layer(62)], platform: 'windows/amd64', cmd: ['/bin/true'] },
    ];
    await store.tag(await putSampleIndex(store, images), 'several:latest');
    await store.close();
    assert.deepEqual(await check('store:several', '--platform', 'linux/amd64'), []);
    assert.deepEqual(await check('store:several', '--platform', 'linux/arm64'), ['error architecture aarch64']);
    await user.refused({ code: 'PLATFORM_UNAVAILABLE', status: 2 }, [
      'check',
      'store:several',
      '--platform',
      'windows/amd64',
    ]);
  });
});
