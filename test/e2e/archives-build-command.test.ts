/** The command line and the library over archives: what is printed, how it ends, what lies on what. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildImage, flagsToSpec, planImage, type SlimimageEvent } from '../../src/index.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';

let user: TestUser;
let archive: TestArchive;

before(async () => {
  user = await startUser();
  archive = await startArchive();
  await archive.publish({
    date: new Date(),
    architectures: ['amd64', 'arm64'],
    components: {
      main: [
        { name: 'hello', files: { '/usr/bin/hello': 'hello' } },
        { name: 'hello', architecture: 'arm64', files: { '/usr/bin/hello': 'hello, arm' } },
        { name: 'extra', architecture: 'all', files: { '/usr/share/extra': 'extra' } },
      ],
    },
  });
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

const config = (more: Readonly<Record<string, string>> = {}) => archiveConfig(archive, ['hello'], { more });
const digest = /@sha256:[0-9a-f]{64}\n$/;

describe('stdout is one line, stderr the rest', () => {
  test('of the store, of a tag, of an output', async () => {
    await user.write('slimimage.yaml', config());
    const byName = await user.succeed(['build']);
    const byTag = await user.succeed(['build', '-t', 'web:dev']);
    const byOutput = await user.succeed(['build', '-o', 'oci:layout']);
    assert.deepEqual(
      [byName, byTag, byOutput].map(({ stdout }) => stdout.replace(digest, '')),
      ['store:sample', 'web:dev', 'oci:layout'],
    );
    assert.match(byName.stderr, /done in/);
  });

  test('--quiet leaves it alone, and quiet it is', async () => {
    await user.write('slimimage.yaml', config());
    const { stdout, stderr } = await user.succeed(['build', '--quiet']);
    assert.match(stdout, digest);
    assert.equal(stderr, '');
  });

  test('--format json is one document with everything', async () => {
    await user.write('slimimage.yaml', config());
    const result = JSON.parse((await user.succeed(['build', '--format', 'json'])).stdout);
    assert.deepEqual(
      result.platforms[0].packages.map(({ name, version, archive: from, suite }: Record<string, string>) => [
        name,
        version,
        from,
        suite,
      ]),
      [['hello', '1.0-1', 'own', 'trixie']],
    );
    assert.equal(result.platforms[0].releases[0].fingerprints.length, 1);
    assert.ok(!JSON.stringify(result).includes('127.0.0.1'), 'papers name archive and path, never a mirror');
  });
});

describe('--dry-run', () => {
  test('shows what would go in, fetches no package, writes nothing', async () => {
    await using fresh = await startUser();
    await fresh.write('slimimage.yaml', config());
    archive.server.forget();
    const { stdout } = await fresh.succeed(['build', '--dry-run', '-p', 'extra', '-o', 'tar:root.tar']);
    assert.match(stdout, /^linux\/amd64 {2}2 packages/);
    assert.match(stdout, /hello +1\.0-1 +own\/trixie +requested/);
    assert.ok(!archive.server.requests.some(({ path }) => path.endsWith('.deb')));
    assert.deepEqual(await fresh.mentions('hello, arm'), []);
    assert.ok((await fresh.stored()).every((path) => !/^(?:tags|contents|tmp)/.test(path)));
  });

  test('as JSON', async () => {
    await user.write('slimimage.yaml', config());
    const plan = JSON.parse((await user.succeed(['build', '--dry-run', '--format', 'json'])).stdout);
    assert.equal(plan.name, 'sample');
    assert.match(plan.platforms[0].packages[0].sha256, /^[0-9a-f]{64}$/);
  });
});

describe('a file, what it extends, and flags on top', () => {
  test('lists add up, single values replace', async () => {
    await user.write('base/common.yaml', config({ env: '{ A: base, B: base }', user: 'root', labels: '{ team: a }' }));
    await user.write(
      'slimimage.yaml',
      'extends: base/common.yaml\npackages: [extra]\nenv: { B: file }\nname: derived\n',
    );
    const argv = [
      'build',
      '--env',
      'C=flag',
      '--label',
      'team=b',
      '-u',
      '1234',
      '-o',
      'tar:root.tar',
      '-o',
      'oci:derived',
    ];
    const { stdout } = await user.succeed([...argv, '-t', 'derived:1']);
    assert.match(stdout, /^derived:1@/);
    assert.deepEqual(Object.keys(await user.files('root.tar')), ['usr/share/extra', 'usr/bin/hello', 'bin']);
    const { Env, User, Labels } = await imageConfig('derived');
    assert.deepEqual([Env.slice(-3).sort(), User, Labels['team']], [['A=base', 'B=file', 'C=flag'], '1234:0', 'b']);
  });

  test('a mistake in the file below names that file', async () => {
    await user.write('base/common.yaml', 'packges: [hello]\n');
    await user.write('slimimage.yaml', 'extends: base/common.yaml\n');
    const { status, stdout, stderr } = await user.run(['build']);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /base\/common\.yaml:1:1: unknown key "packges"[\s\S]*did you mean "packages"\?/);
  });
});

describe('the exit status', () => {
  test('0 for an image, 2 for the user’s mistake, 3 for the world’s', async () => {
    await user.write('slimimage.yaml', config());
    const statusOf = async (...argv: readonly string[]) => (await user.run(['build', '--quiet', ...argv])).status;
    assert.equal(await statusOf(), 0);
    assert.equal(await statusOf('--nonsense'), 2);
    assert.equal(await statusOf('-o', 'floppy:a'), 2);
    assert.equal(await statusOf('-p', 'unknown'), 2);
    assert.equal(await statusOf('--mirror', 'own=http://127.0.0.1:9/debian'), 3);
    assert.equal(await statusOf('-o', 'tar:/dev/null/root.tar'), 3);
  });

  test('a build that fails leaves the outputs of the one before', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['build', '-o', 'tar:kept.tar', '-o', 'oci:kept']);
    const before = await Promise.all([readFile(join(user.folder, 'kept.tar')), imageConfig('kept')]);
    const failing = ['-p', 'extra', '--file', './missing:/x', '-o', 'tar:kept.tar', '-o', 'oci:kept'];
    await user.refused({ code: 'SOURCE_INVALID', status: 2 }, ['build', ...failing]);
    assert.deepEqual(await Promise.all([readFile(join(user.folder, 'kept.tar')), imageConfig('kept')]), before);
  });
});

test('two platforms: each its own packages', async () => {
  await user.write('slimimage.yaml', config({ platforms: '[linux/amd64, linux/arm64]' }));
  const result = JSON.parse((await user.succeed(['build', '--format', 'json', '-o', 'oci:both'])).stdout);
  assert.equal(result.mediaType, 'application/vnd.oci.image.index.v1+json');
  assert.deepEqual(
    result.platforms.map(({ platform, packages }: { platform: string; packages: { architecture: string }[] }) => [
      platform,
      packages[0]?.architecture,
    ]),
    [
      ['linux/amd64', 'amd64'],
      ['linux/arm64', 'arm64'],
    ],
  );
  await user.write('slimimage.yaml', config({ platforms: '[linux/s390x]' }));
  const { hint } = await user.refused({ code: 'PLATFORM_UNAVAILABLE', status: 2 }, ['build']);
  assert.match(hint ?? '', /amd64, arm64/);
});

test('the library builds the same image, tells events, and stops', async () => {
  const file = await user.write('slimimage.yaml', config());
  const { stdout } = await user.succeed(['build']);
  const options = { store: join(user.folder, 'second-store'), env: {}, cwd: user.folder };
  const events: SlimimageEvent[] = [];
  const result = await buildImage({ config: file }, { ...options, onEvent: (event) => events.push(event) });
  assert.equal(`${result.reference}@${result.digest}\n`, stdout);
  assert.ok(events.some((event) => event.type === 'task' && event.phase === 'download'));

  const plan = await planImage({ config: file }, { ...options, offline: true });
  assert.deepEqual(
    plan.platforms[0]?.packages.map(({ name }) => name),
    ['hello'],
  );

  const controller = new AbortController();
  const stopped = buildImage(
    { config: file },
    {
      ...options,
      store: join(user.folder, 'third-store'),
      signal: controller.signal,
      onEvent: () => controller.abort(),
    },
  );
  await assert.rejects(stopped, { code: 'ABORTED' });

  const spec = await flagsToSpec({ file: ['./slimimage.yaml:/x'], platform: ['linux/amd64'] }, { cwd: user.folder });
  assert.equal((await buildImage(spec, options)).platforms[0]?.files.count, 1);
});

/** What an engine would take from the only image of a layout. */
async function imageConfig(layout: string) {
  const read = async (path: string) => JSON.parse(await readFile(join(user.folder, layout, path), 'utf8'));
  const blob = (of: { digest: string }) => read(`blobs/${of.digest.replace(':', '/')}`);
  const manifest = await blob((await read('index.json')).manifests[0]);
  return (await blob(manifest.config)).config;
}
