/** Locks through the command line, with archives that go on living: what is asked of whom, and which bytes come out. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { LockDocument, LockedPackage } from '../../src/lock/types.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { type PublishedSuite, startArchive, type TestArchive } from '../support/archive-server.ts';
import { type Ended, startUser, type TestUser } from '../support/cli.ts';
import { type DebRecipe, makeDeb } from '../support/deb-maker.ts';
import { content, status } from '../support/http-behaviours.ts';
import { startHttpServer } from '../support/http-server.ts';

const tool = (version = '1.0-1'): DebRecipe => ({
  name: 'tool',
  version,
  fields: { Depends: 'libtool (>= 1.0), service | other' },
  files: { '/usr/bin/tool': `tool ${version}` },
});
const library = (version = '1.0-1'): DebRecipe => ({
  name: 'libtool',
  version,
  files: { '/usr/lib/libtool.so.1': `library ${version}`, '/usr/share/doc/libtool/copyright': 'free' },
});
const service = (version = '1.0-1'): DebRecipe => ({
  name: 'service',
  version,
  architecture: 'all',
  files: { '/usr/lib/sysusers.d/service.conf': 'u service -\nu redis -\n' },
});
const baseFiles: DebRecipe = { name: 'base-files', files: { '/etc/debian_version': '13' } };
const basePasswd: DebRecipe = {
  name: 'base-passwd',
  files: {
    '/usr/share/base-passwd/passwd.master': 'root:*:0:0:root:/root:/bin/bash\n',
    '/usr/share/base-passwd/group.master': 'root:*:0:\n',
  },
};

const old = [tool(), library(), service(), baseFiles, basePasswd];
const newer = [tool('1.1-1'), library('2.0-1'), service('1.0-2'), baseFiles, basePasswd];

let user: TestUser;
let archive: TestArchive;
let published: PublishedSuite;

beforeEach(async () => {
  user = await startUser();
  archive = await startArchive();
  published = await publish(old);
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

/** The mirror has these from now on. */
const publish = (main: readonly DebRecipe[], architectures: readonly string[] = ['amd64']) =>
  archive.publish({ date: releaseDate, components: { main }, architectures });

const releaseDate = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
const releaseStamp = releaseDate.toISOString().replace(/[-:]|\.\d+/g, '');

const config = (packages: readonly string[] = ['tool'], more: Readonly<Record<string, string>> = {}) =>
  archiveConfig(archive, packages, { more: { base: 'debian', ...more } });

/** The digest that a build prints. */
function digestOf({ stdout }: Ended): string {
  return /@(sha256:[0-9a-f]{64})\n$/.exec(stdout)?.[1] ?? assert.fail(stdout);
}

/** Another store, with nothing in it: another machine. */
const fresh = (name = 'fresh') => ({ env: { SLIMIMAGE_STORE: join(user.folder, name) } });

async function lockAndBuild(): Promise<string> {
  await user.succeed(['lock']);
  return digestOf(await user.succeed(['build']));
}

async function readLock(file = 'slimimage.lock.json'): Promise<LockDocument> {
  return JSON.parse(await readFile(join(user.folder, file), 'utf8')) as LockDocument;
}

/** The lock with packages of its first platform changed by hand. */
async function tamper(change: (one: LockedPackage) => LockedPackage | readonly LockedPackage[]): Promise<void> {
  const lock = await readLock();
  const platforms = lock.platforms.map((platform) => ({ ...platform, packages: platform.packages.flatMap(change) }));
  await user.write('slimimage.lock.json', JSON.stringify({ ...lock, platforms }));
}

const pathOf = (name: string) => archive.path(published.debs.get(name) ?? assert.fail(name));
const bytesOf = (name: string) => published.files.get(published.debs.get(name) ?? '') ?? assert.fail(name);

describe('lock', () => {
  test('what it writes: packages, donors, releases, accounts; one line on stdout', async () => {
    await user.write('slimimage.yaml', config(['tool', 'service=1.0-1']));
    const { stdout, stderr } = await user.succeed(['lock']);
    assert.match(stdout, /^slimimage\.lock\.json@sha256:[0-9a-f]{64}\n$/);
    assert.match(stderr, /linux\/amd64 {2}4 packages[\s\S]*own trixie, 20[\s\S]*written/);
    const { platforms, releases, compressor, configuration } = await readLock();
    const [platform] = platforms;
    assert.deepEqual(
      platform?.packages.map((one) => `${one.name} ${one.version} [${one.requests}] [${one.requestedBy}]`),
      [
        'base-files 1.0-1 [] []',
        'libtool 1.0-1 [] [tool]',
        'service 1.0-1 [service=1.0-1] [tool]',
        'tool 1.0-1 [tool] []',
      ],
    );
    assert.deepEqual(
      platform?.donors.map(({ name, path }) => `${name} ${path}`),
      ['base-passwd pool/main/b/base-passwd/base-passwd_1.0-1_amd64.deb'],
    );
    assert.deepEqual(Object.keys(platform?.accounts.users ?? {}), ['redis', 'service']);
    assert.equal(platform?.accounts.groups['redis'], 202);
    assert.deepEqual(
      releases.map((release) => `${release.archive} ${release.suite} ${release.date}`),
      [`own trixie ${releaseDate.toISOString().replace('.000', '')}`],
    );
    assert.equal(`${compressor.algorithm} ${compressor.level}`, 'gzip 6');
    assert.deepEqual(configuration.inputs['packages'], ['tool', 'service=1.0-1']);
  });

  test('nothing of the machine is in it: no mirror, no folder', async () => {
    await user.write('slimimage.yaml', config());
    await user.write('own.asc', await readFile(archive.keyFile));
    await user.succeed(['lock']);
    const text = await readFile(join(user.folder, 'slimimage.lock.json'), 'utf8');
    for (const trace of [archive.server.host, '127.0.0.1', user.folder, archive.keyFile, '/tmp'])
      assert.ok(!text.includes(trace), trace);
  });

  test('the same again is not written; --check changes nothing and asks nobody', async () => {
    await user.write('slimimage.yaml', config());
    const missing = await user.run(['lock', '--check']);
    assert.equal(missing.status, 1);
    assert.match(missing.stdout, /slimimage\.lock\.json does not fit:\n {2}There is no lock/);
    const first = await user.succeed(['lock']);
    const file = join(user.folder, 'slimimage.lock.json');
    await utimes(file, 1, 1);
    const again = await user.succeed(['lock']);
    assert.equal(again.stdout, first.stdout);
    assert.match(again.stderr, /nothing has changed/);
    assert.equal((await stat(file)).mtimeMs, 1000);

    archive.server.forget();
    const check = await user.succeed(['lock', '--check']);
    assert.equal(check.stdout, 'slimimage.lock.json fits\n');
    await user.write('slimimage.yaml', config(['tool', 'service'], { recommends: 'true' }));
    const moved = await user.run(['lock', '--check', '--format', 'json']);
    assert.equal(moved.status, 1);
    assert.deepEqual(JSON.parse(moved.stdout), {
      file,
      fits: false,
      differences: ['packages: service was added', 'recommends: was false, is true'],
    });
    assert.equal(archive.server.requests.length, 0);
  });

  test('beside its configuration, under its name; --output for another place; flags alone', async () => {
    await mkdir(join(user.folder, 'deploy'));
    await user.write('deploy/web.yaml', config());
    assert.match((await user.succeed(['lock', 'deploy/web.yaml'])).stdout, /^deploy\/web\.lock\.json@/);
    assert.match((await user.succeed(['lock', 'deploy/web.yaml', '--output', 'my.lock'])).stdout, /^my\.lock@/);
    assert.deepEqual(await readLock('my.lock'), await readLock('deploy/web.lock.json'));
    const plain = digestOf(await user.succeed(['build', 'deploy/web.yaml']));
    const named = ['build', 'deploy/web.yaml', '--lock-file', 'my.lock'];
    assert.equal(digestOf(await user.succeed(named)), plain);

    await user.write('own.deb', await makeDeb(library()));
    const flags = ['-p', './own.deb', '--base', 'none', '--platform', 'linux/amd64', '--name', 'sample'];
    await user.succeed(['lock', ...flags]);
    await user.succeed(['build', '--locked', ...flags]);
    assert.deepEqual(
      (await readLock()).platforms[0]?.packages.map(({ path }) => path),
      ['own.deb'],
    );
  });

  test('an index that says something else than its .deb is refused', async () => {
    const bytes = await makeDeb({ ...tool(), fields: { Depends: 'libtool' } });
    await publish([{ ...tool(), bytes }, library(), service(), baseFiles, basePasswd]);
    await user.write('slimimage.yaml', config());
    const { message } = await user.refused({ code: 'ARCHIVE_INVALID', status: 3 }, ['lock']);
    assert.match(message, /own lists tool 1\.0-1 with other Depends than its \.deb has/);
  });
});

describe('build --locked', () => {
  test('a second time, with newer versions on the mirror and a store that is empty: the same digest, no index', async () => {
    await user.write('slimimage.yaml', config());
    const digest = await lockAndBuild();
    await publish(newer);
    archive.server.forget();
    const locked = await user.succeed(['build', '--locked', '-o', 'tar:root.tar'], fresh());
    assert.equal(digestOf(locked), digest);
    assert.equal((await user.files('root.tar'))['usr/lib/libtool.so.1'], '0644 0:0 library 1.0-1');
    const asked = archive.server.requests.map(({ path }) => path);
    assert.deepEqual(asked.toSorted(), [...published.debs.keys()].map(pathOf).sort());
    assert.notEqual(digestOf(await user.succeed(['build'], fresh('today'))), digest);
  });

  test('the answer says what vouched for the packages: the Release files of the lock', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    await publish(newer);
    const { stdout } = await user.succeed(['build', '--locked', '--format', 'json'], fresh());
    const [release] = (await readLock()).releases;
    const [platform] = JSON.parse(stdout).platforms;
    assert.deepEqual(
      platform.releases.map(({ sha256, date }: { sha256: string; date: string }) => [`sha256:${sha256}`, date]),
      [[release?.digest, release?.date]],
    );
    const tool = platform.packages.find(({ name }: { name: string }) => name === 'tool');
    assert.equal(`${tool.version} ${tool.archive} ${tool.suite} ${tool.requested}`, '1.0-1 own trixie true');
  });

  test('with its .debs gone from the mirror: from a snapshot archive', async () => {
    await using snapshot = await startHttpServer();
    await user.write('slimimage.yaml', config(['tool'], { snapshot: snapshot.url('/{archive}/{timestamp}') }));
    const digest = await lockAndBuild();
    await publish(newer);
    for (const name of ['tool', 'libtool']) {
      archive.server.on(pathOf(name), status(404));
      snapshot.on(`/own/${releaseStamp}/${published.debs.get(name)}`, content(bytesOf(name)));
    }
    assert.equal(digestOf(await user.succeed(['build', '--locked'], fresh())), digest);
    assert.equal(snapshot.requests.length, 2);
  });

  test('gone everywhere: the package, its version and every place that was asked', async () => {
    await using snapshot = await startHttpServer();
    await user.write('slimimage.yaml', config(['tool'], { snapshot: snapshot.url('/{archive}/{timestamp}') }));
    await lockAndBuild();
    archive.server.on(pathOf('libtool'), status(404));
    const refused = await user.refused({ code: 'HTTP_STATUS', status: 3 }, ['build', '--locked'], fresh());
    assert.match(refused.message, /^libtool 1\.0-1 \(amd64\) of the archive own is gone from every place/);
    assert.ok(refused.message.includes(archive.server.host) && refused.message.includes(snapshot.host));
    assert.match(refused.hint ?? '', /slimimage update --write/);
    // The store has it: nobody is asked.
    await user.succeed(['build', '--locked', '--offline']);
  });

  test('in another folder, under another umask: the same digest', async () => {
    await user.write('here/slimimage.yaml', `${config(['tool', './own.deb'])}files: ["./app:/app"]\n`);
    await user.write('here/own.deb', await makeDeb({ name: 'own', files: { '/opt/own': 'own' } }));
    await user.write('here/app', 'app');
    await user.succeed(['lock', 'here']);
    const digest = digestOf(await user.succeed(['build', 'here']));
    await mkdir(join(user.folder, 'there/and'), { recursive: true });
    await rename(join(user.folder, 'here'), join(user.folder, 'there/and/deeper'));
    const under = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    const moved = await user.succeed(['build', '--locked', 'there/and/deeper'], { ...fresh(), under });
    assert.equal(digestOf(moved), digest);
  });

  test('for two platforms', async () => {
    const arm = old.map((recipe): DebRecipe => ({ ...recipe, architecture: recipe.architecture ?? 'arm64' }));
    await publish([...old, ...arm.filter(({ architecture }) => architecture === 'arm64')], ['amd64', 'arm64']);
    await user.write('slimimage.yaml', config(['tool'], { platforms: '[linux/amd64, linux/arm64]' }));
    const digest = await lockAndBuild();
    await publish(newer);
    assert.equal(digestOf(await user.succeed(['build', '--locked'], fresh())), digest);
    const { platforms, releases } = await readLock();
    assert.deepEqual(
      platforms.map((one) => `${one.platform} ${one.packages.map(({ architecture }) => architecture)}`),
      ['linux/amd64 amd64,amd64,all,amd64', 'linux/arm64 arm64,arm64,all,arm64'],
    );
    assert.equal(releases.length, 1);
    // Machines may share the work.
    await user.succeed(['build', '--locked', '--platform', 'linux/arm64'], fresh());
  });

  test('on an image, which has to be the same', async () => {
    const below = config(['libtool'], { name: 'below' });
    await user.write('below.yaml', below);
    await user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
    await user.write('slimimage.yaml', config(['tool'], { on: 'oci:./below' }));
    const digest = await lockAndBuild();
    const { platforms, configuration } = await readLock();
    assert.deepEqual(
      platforms[0]?.packages.map(({ name }) => name),
      ['service', 'tool'],
    );
    assert.equal(configuration.inputs['on'], 'oci:./below');
    await publish(newer);
    assert.equal(digestOf(await user.succeed(['build', '--locked'], fresh())), digest);

    await user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
    const { message } = await user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
    assert.match(message, /on: oci:.* is sha256:[0-9a-f]{64}, locked sha256:/);
    const check = await user.run(['lock', '--check']);
    assert.equal(check.status, 1);
    assert.match(check.stdout, /on: oci:/);
  });

  test('on an image of a form that keeps no digests', async () => {
    await user.write('below.yaml', config(['libtool'], { name: 'below' }));
    await user.succeed(['build', 'below.yaml', '-o', 'docker-archive:below.tar']);
    await user.write('slimimage.yaml', config(['tool'], { on: 'docker-archive:below.tar' }));
    const digest = await lockAndBuild();
    await publish(newer);
    assert.equal(digestOf(await user.succeed(['build', '--locked'], fresh())), digest);
    await user.succeed(['build', 'below.yaml', '-o', 'docker-archive:below.tar']);
    await user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
  });

  test('with own .debs, which have to be the same', async () => {
    await user.write('debs/own.deb', await makeDeb({ name: 'own', files: { '/opt/own': 'own' } }));
    await user.write('debs/more.deb', await makeDeb({ name: 'more', files: { '/opt/more': 'more' } }));
    await user.write('slimimage.yaml', config(['tool', './debs/']));
    const digest = await lockAndBuild();
    assert.equal(digestOf(await user.succeed(['build', '--locked'], fresh())), digest);
    await user.write('debs/own.deb', await makeDeb({ name: 'own', files: { '/opt/own': 'changed' } }));
    await user.write('debs/third.deb', await makeDeb({ name: 'third' }));
    await rename(join(user.folder, 'debs/more.deb'), join(user.folder, 'more'));
    const { message } = await user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
    assert.match(message, /debs\/more\.deb \(more 1\.0-1 \(amd64\)\) is not there any more/);
    assert.match(message, /debs\/own\.deb has changed: sha256 [0-9a-f]{64}, locked [0-9a-f]{64}/);
    assert.match(message, /\.\/debs\/third\.deb \(third 1\.0-1 \(amd64\)\) is new/);
  });

  test('system accounts have the numbers of the lock', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    const lock = await readLock();
    const ids = { redis: 888, service: 889 };
    const platforms = lock.platforms.map((platform) => ({ ...platform, accounts: { users: ids, groups: ids } }));
    await user.write('slimimage.lock.json', JSON.stringify({ ...lock, platforms }));
    await user.succeed(['build', '--locked', '-o', 'dir:root']);
    const passwd = await readFile(join(user.folder, 'root/etc/passwd'), 'utf8');
    assert.match(passwd, /^redis:x:888:888:[\s\S]*^service:x:889:889:/m);
  });

  test('--dry-run shows what is in it, and fetches nothing', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    await publish(newer);
    archive.server.forget();
    const { stdout } = await user.succeed(['build', '--locked', '--dry-run'], fresh());
    assert.match(stdout, /linux\/amd64 {2}4 packages/);
    assert.match(stdout, /libtool +1\.0-1 +own\/trixie +for tool/);
    assert.match(stdout, /base-files +1\.0-1 +own\/trixie +base/);
    const plan = JSON.parse((await user.succeed(['build', '--locked', '--dry-run', '--format', 'json'])).stdout);
    assert.equal(plan.platforms[0].packages[3].url, `${archive.url}/${published.debs.get('tool')}`);
    assert.equal(archive.server.requests.length, 0);
  });

  test('of another version of slimimage: built, and told', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    const lock = await readLock();
    await user.write(
      'slimimage.lock.json',
      JSON.stringify({ ...lock, compressor: { ...lock.compressor, contentFormat: 1 } }),
    );
    const { stderr } = await user.succeed(['build', '--locked']);
    assert.match(stderr, /warning:.* another version of slimimage/);
  });
});

describe('a lock that does not fit is refused', () => {
  const outdated = { code: 'LOCK_OUTDATED', status: 2 } as const;
  const invalid = { code: 'LOCK_INVALID', status: 2 } as const;

  test('there is none', async () => {
    await user.write('slimimage.yaml', config());
    const { message, hint } = await user.refused({ code: 'LOCK_NOT_FOUND', status: 2 }, ['build', '--locked']);
    assert.match(message, /slimimage\.lock\.json/);
    assert.match(hint ?? '', /slimimage lock/);
  });

  test('the configuration has moved: every difference by its name', async () => {
    await user.write('slimimage.yaml', config(['tool', 'libtool']));
    await user.succeed(['lock']);
    const more = { recommends: 'true', omit: '[other]', compression: 'zstd', pins: '[libtool=1*]' };
    await user.write('other.asc', await readFile(archive.keyFile, 'utf8').then((text) => `${text}\n`));
    await user.write(
      'slimimage.yaml',
      archiveConfig(archive, ['tool', 'service'], {
        archive: { 'signed-by': './other.asc', components: '[main, contrib]' },
        more: { base: 'none', platforms: '[linux/arm64]', ...more },
      }),
    );
    const { message, hint } = await user.refused(outdated, ['build', '--locked']);
    for (const difference of [
      /archives\.own\.components: contrib was added/,
      /archives\.own\.signed-by: sha256:.* was removed/,
      /base: was debian, is none/,
      /compression: was gzip-6, is zstd-3/,
      /omit: other was added/,
      /packages: libtool was removed/,
      /packages: service was added/,
      /pins: .*libtool.* was added/,
      /platforms: linux\/arm64 was added/,
      /recommends: was false, is true/,
    ])
      assert.match(message, difference);
    assert.match(hint ?? '', /slimimage lock/);
  });

  test('what is no matter of the lock may change', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    await user.write('app', 'app');
    const more = { files: '["./app:/app"]', entrypoint: '[/usr/bin/tool]', accounts: '{ users: [ann] }' };
    await user.write('slimimage.yaml', config(['tool'], { ...more, mirrors: `{ own: ${archive.url} }` }));
    await user.succeed(['build', '--locked']);
  });

  test('no JSON, another form, too much', async () => {
    await user.write('slimimage.yaml', config());
    for (const text of ['', '{', '[]', 'null', '{"lockVersion":2}', '{"lockVersion":1}']) {
      await user.write('slimimage.lock.json', text);
      await user.refused(invalid, ['build', '--locked']);
    }
    await writeFile(join(user.folder, 'slimimage.lock.json'), Buffer.alloc(33 * 1024 * 1024, ' '));
    await user.refused({ code: 'LIMIT_EXCEEDED', status: 3 }, ['build', '--locked']);
  });

  test('paths that lead out, whoever they mean to fool', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    const lock = await readFile(join(user.folder, 'slimimage.lock.json'), 'utf8');
    for (const path of ['../../etc/passwd', '/etc/passwd', 'pool/../../x.deb', 'pool\\\\x', 'pool/x?y', '']) {
      await user.write('slimimage.lock.json', lock.replace(/"path": "[^"]*tool_[^"]*"/, `"path": "${path}"`));
      await user.refused(invalid, ['build', '--locked'], fresh());
    }
    await user.write('slimimage.lock.json', lock);
    await tamper((one) => (one.name === 'tool' ? { ...one, archive: 'file', path: '../../../etc/passwd' } : one));
    const { message } = await user.refused(outdated, ['build', '--locked'], fresh());
    assert.match(message, /etc\/passwd .*is not there/);
  });

  test('another sha256: nothing of it is kept', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    await tamper((one) => (one.name === 'tool' ? { ...one, sha256: 'ab'.repeat(32) } : one));
    const { message } = await user.refused({ code: 'DIGEST_MISMATCH', status: 3 }, ['build', '--locked'], fresh());
    assert.match(message, /tool 1\.0-1/);
  });

  test('another package in the place of one', async () => {
    await publish([...old, { name: 'evil', version: '6.6', files: { '/usr/bin/evil': 'evil' } }]).then((suite) => {
      published = suite;
    });
    await user.write('slimimage.yaml', config(['tool', 'evil']));
    await user.succeed(['lock']);
    const evil = (await readLock()).platforms[0]?.packages.find(({ name }) => name === 'evil') as LockedPackage;
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    const { path, size, sha256 } = evil;
    await tamper((one) => (one.name === 'libtool' ? { ...one, path, size, sha256 } : one));
    const { message } = await user.refused(invalid, ['build', '--locked'], fresh());
    assert.match(message, /libtool 1\.0-1 \(amd64\) has the sha256 of a \.deb that is evil 6\.6 \(amd64\)/);
  });

  test('a dependency that is missing, a package that nothing asks for, one of another archive', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    await tamper((one) => (one.name === 'libtool' ? [] : one));
    const missing = await user.refused(invalid, ['build', '--locked'], fresh());
    assert.match(missing.message, /do not go together[\s\S]*tool[\s\S]*libtool \(>= 1\.0\)/);

    const over: DebRecipe = { name: 'over', files: { '/usr/bin/over': 'over' } };
    published = await publish([...old, over]);
    await user.write('slimimage.yaml', config(['tool', 'over']));
    await user.succeed(['lock']);
    const extra = (await readLock()).platforms[0]?.packages.find(({ name }) => name === 'over') as LockedPackage;
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    await tamper((one) => (one.name === 'tool' ? [one, extra] : one));
    const needless = await user.refused(invalid, ['build', '--locked'], fresh());
    assert.match(needless.message, /nothing asks for its package over 1\.0-1/);

    await user.succeed(['lock']);
    await tamper((one) => ({ ...one, archive: 'elsewhere' }));
    const foreign = await user.refused(invalid, ['build', '--locked'], fresh());
    assert.match(foreign.message, /comes from the archive elsewhere, which the configuration does not have/);
  });

  test('numbers of accounts that no system account gets', async () => {
    await user.write('slimimage.yaml', config());
    await user.succeed(['lock']);
    const lock = await readLock();
    for (const [users, problem] of [
      [{ service: 0 }, /service has the number 0, which no system account gets/],
      [{ redis: 300, service: 300 }, /the number 300 of the account service is not its own/],
    ] as const) {
      const platforms = lock.platforms.map((platform) => ({ ...platform, accounts: { users, groups: {} } }));
      await user.write('slimimage.lock.json', JSON.stringify({ ...lock, platforms }));
      assert.match((await user.refused(invalid, ['build', '--locked'])).message, problem);
    }
  });
});
