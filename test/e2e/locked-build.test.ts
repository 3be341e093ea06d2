/** Builds from locks, through the command line, while archives go on living: what is asked of whom, and which bytes come out. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { type DebRecipe, makeDeb } from '../support/deb-maker.ts';
import { content, status } from '../support/http-behaviours.ts';
import { startHttpServer } from '../support/http-server.ts';
import { type LockScene, newer, old, releaseDate, releaseStamp, startLockScene } from '../support/lock-scene.ts';

let scene: LockScene;
beforeEach(async () => {
  scene = await startLockScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

describe('build --locked', () => {
  test('a second time, with newer versions on the mirror and a store that is empty: the same digest, no index', async () => {
    await scene.configure();
    const digest = await scene.lockAndBuild();
    await scene.publish(newer);
    scene.archive.server.forget();
    assert.equal(await scene.build(['--locked', '-o', 'tar:root.tar'], scene.fresh()), digest);
    assert.equal((await scene.user.files('root.tar'))['usr/lib/libtool.so.1'], '0644 0:0 library 1.0-1');
    const asked = scene.archive.server.requests.map(({ path }) => path);
    assert.deepEqual(asked.toSorted(), old.map(({ name }) => scene.pathOf(name)).sort());
    assert.notEqual(await scene.build([], scene.fresh('today')), digest);
  });

  test('the answer says what vouched for the packages: the Release files of the lock', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.publish(newer);
    const { stdout } = await scene.user.succeed(['build', '--locked', '--format', 'json'], scene.fresh());
    const [release] = (await scene.readLock()).releases;
    const [platform] = JSON.parse(stdout).platforms;
    assert.deepEqual(
      platform.releases.map(({ sha256, date }: { sha256: string; date: string }) => [`sha256:${sha256}`, date]),
      [[release?.digest, release?.date]],
    );
    const [index, ...more] = platform.releases[0].indexes;
    assert.deepEqual([index, more], [release?.indexes[0], []]);
    assert.equal(index.path, 'main/binary-amd64/Packages');
    const tool = platform.packages.find(({ name }: { name: string }) => name === 'tool');
    assert.equal(`${tool.version} ${tool.archive} ${tool.suite} ${tool.requested}`, '1.0-1 own trixie true');
  });

  test('its SBOM is that of the same image without the lock, whatever section the index gives a package', async () => {
    const main = old.map((deb) => ({ ...deb, fields: { ...deb.fields, Section: 'libs' } }));
    const edit = (stanza: string) => stanza.replace('Section: libs', 'Section: admin');
    await scene.archive.publish({
      date: releaseDate,
      components: { main },
      architectures: ['amd64'],
      edit,
    });
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.build(['-o', 'oci-archive:here.tar']);
    await scene.build(['--locked', '-o', 'oci-archive:there.tar'], scene.fresh());
    for (const kind of ['spdx', 'cdx']) {
      const [here, there] = ['here', 'there'].map((name) =>
        readFile(join(scene.user.folder, `${name}.${kind}.json`), 'utf8'),
      );
      assert.equal(await there, await here);
    }
  });

  test('with its .debs gone from the mirror: from a snapshot archive', async () => {
    await using snapshot = await startHttpServer();
    await scene.configure(['tool'], { snapshot: snapshot.url('/{archive}/{timestamp}') });
    const digest = await scene.lockAndBuild();
    await scene.publish(newer);
    for (const name of ['tool', 'libtool']) {
      scene.archive.server.on(scene.pathOf(name), status(404));
      snapshot.on(`/own/${releaseStamp}/${scene.fileOf(name)}`, content(scene.bytesOf(name)));
    }
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
    assert.equal(snapshot.requests.length, 2);
  });

  test('gone everywhere: the package, its version and every place that was asked', async () => {
    await using snapshot = await startHttpServer();
    await scene.configure(['tool'], { snapshot: snapshot.url('/{archive}/{timestamp}') });
    await scene.lockAndBuild();
    scene.archive.server.on(scene.pathOf('libtool'), status(404));
    const refused = await scene.user.refused({ code: 'HTTP_STATUS', status: 3 }, ['build', '--locked'], scene.fresh());
    assert.match(refused.message, /^libtool 1\.0-1 \(amd64\) of the archive own is gone from every place/);
    assert.ok(refused.message.includes(scene.archive.server.host) && refused.message.includes(snapshot.host));
    assert.match(refused.hint ?? '', /slimimage update --write/);
    // The store has it: nobody is asked.
    await scene.user.succeed(['build', '--locked', '--offline']);
  });

  test('in another folder, under another umask: the same digest', async () => {
    await scene.user.write('here/slimimage.yaml', `${scene.config(['tool', './own.deb'])}files: ["./app:/app"]\n`);
    await scene.user.write('here/own.deb', await makeDeb({ name: 'own', files: { '/opt/own': 'own' } }));
    await scene.user.write('here/app', 'app');
    await scene.user.succeed(['lock', 'here']);
    const digest = await scene.build(['here']);
    await mkdir(join(scene.user.folder, 'there/and'), { recursive: true });
    await rename(join(scene.user.folder, 'here'), join(scene.user.folder, 'there/and/deeper'));
    const under = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    const moved = await scene.build(['--locked', 'there/and/deeper'], { ...scene.fresh(), under });
    assert.equal(moved, digest);
  });

  test('for two platforms', async () => {
    const arm = old.map((recipe): DebRecipe => ({ ...recipe, architecture: recipe.architecture ?? 'arm64' }));
    await scene.publish([...old, ...arm.filter(({ architecture }) => architecture === 'arm64')], ['amd64', 'arm64']);
    await scene.configure(['tool'], { platforms: '[linux/amd64, linux/arm64]' });
    const digest = await scene.lockAndBuild();
    await scene.publish(newer);
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
    const { platforms, releases } = await scene.readLock();
    assert.deepEqual(
      platforms.map((one) => `${one.platform} ${one.packages.map(({ architecture }) => architecture)}`),
      ['linux/amd64 amd64,amd64,all,amd64', 'linux/arm64 arm64,arm64,all,arm64'],
    );
    assert.equal(releases.length, 1);
    // Machines may share the work.
    await scene.user.succeed(['build', '--locked', '--platform', 'linux/arm64'], scene.fresh());
  });

  test('on an image, which has to be the same', async () => {
    const below = scene.config(['libtool'], { name: 'below' });
    await scene.user.write('below.yaml', below);
    await scene.user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
    await scene.configure(['tool'], { on: 'oci:./below' });
    const digest = await scene.lockAndBuild();
    const { platforms, configuration } = await scene.readLock();
    assert.deepEqual(
      platforms[0]?.packages.map(({ name }) => name),
      ['service', 'tool'],
    );
    assert.equal(configuration.inputs['on'], 'oci:./below');
    await scene.publish(newer);
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);

    await scene.user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
    const { message } = await scene.user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
    assert.match(message, /on: oci:.* is sha256:[0-9a-f]{64}, locked sha256:/);
    const check = await scene.user.run(['lock', '--check']);
    assert.equal(check.status, 1);
    assert.match(check.stdout, /on: oci:/);
  });

  test('on an image of a form that keeps no digests', async () => {
    await scene.user.write('below.yaml', scene.config(['libtool'], { name: 'below' }));
    await scene.user.succeed(['build', 'below.yaml', '-o', 'docker-archive:below.tar']);
    await scene.configure(['tool'], { on: 'docker-archive:below.tar' });
    const digest = await scene.lockAndBuild();
    await scene.publish(newer);
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
    await scene.user.succeed(['build', 'below.yaml', '-o', 'docker-archive:below.tar']);
    await scene.user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
  });

  test('with own .debs, which have to be the same', async () => {
    await scene.user.write('debs/own.deb', await makeDeb({ name: 'own', files: { '/opt/own': 'own' } }));
    await scene.user.write('debs/more.deb', await makeDeb({ name: 'more', files: { '/opt/more': 'more' } }));
    await scene.configure(['tool', './debs/']);
    const digest = await scene.lockAndBuild();
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
    await scene.user.write('debs/own.deb', await makeDeb({ name: 'own', files: { '/opt/own': 'changed' } }));
    await scene.user.write('debs/third.deb', await makeDeb({ name: 'third' }));
    await rename(join(scene.user.folder, 'debs/more.deb'), join(scene.user.folder, 'more'));
    const { message } = await scene.user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
    assert.match(message, /debs\/more\.deb \(more 1\.0-1 \(amd64\)\) is not there any more/);
    assert.match(message, /debs\/own\.deb has changed: sha256 [0-9a-f]{64}, locked [0-9a-f]{64}/);
    assert.match(message, /\.\/debs\/third\.deb \(third 1\.0-1 \(amd64\)\) is new/);
  });

  test('needs no key of the archive, and does not mind another one', async () => {
    const key = join(scene.user.folder, 'archive.asc');
    await copyFile(scene.archive.keyFile, key);
    await scene.user.write(
      'slimimage.yaml',
      archiveConfig(scene.archive, ['tool'], { archive: { 'signed-by': './archive.asc' }, more: { base: 'debian' } }),
    );
    const digest = await scene.lockAndBuild();
    await scene.user.write('archive.asc', 'renewed');
    assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
    await rm(key);
    assert.equal(await scene.build(['--locked'], scene.fresh('again')), digest);
  });

  test('system accounts have the numbers of the lock', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const lock = await scene.readLock();
    const ids = { redis: 888, service: 889 };
    const platforms = lock.platforms.map((platform) => ({ ...platform, accounts: { users: ids, groups: ids } }));
    await scene.user.write('slimimage.lock.json', JSON.stringify({ ...lock, platforms }));
    await scene.user.succeed(['build', '--locked', '-o', 'dir:root']);
    const passwd = await readFile(join(scene.user.folder, 'root/etc/passwd'), 'utf8');
    assert.match(passwd, /^redis:x:888:888:[\s\S]*^service:x:889:889:/m);
  });

  test('an account that the lock has no number for gets one as without a lock, and is told; one too many is nothing', async () => {
    await scene.configure();
    const digest = await scene.lockAndBuild();
    const [platform] = (await scene.readLock()).platforms;
    const [redis = 0, service = 0] = ['redis', 'service'].map((name) => platform?.accounts.users[name]);
    const ids = { redis, unknown: service === 299 ? 298 : 299 };
    await scene.edit(() => ({ accounts: { users: ids, groups: ids } }));
    const { stderr, stdout } = await scene.user.succeed(['build', '--locked']);
    assert.match(stderr, new RegExp(`warning: The lock has no number for the account service: it gets ${service}`));
    assert.doesNotMatch(stderr, /account (?:redis|unknown)/);
    assert.ok(stdout.includes(digest));
  });

  test('--dry-run shows what is in it, and fetches nothing', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.publish(newer);
    scene.archive.server.forget();
    const { stdout } = await scene.user.succeed(['build', '--locked', '--dry-run'], scene.fresh());
    assert.match(stdout, /linux\/amd64 {2}4 packages/);
    assert.match(stdout, /libtool +1\.0-1 +own\/trixie +for tool/);
    assert.match(stdout, /base-files +1\.0-1 +own\/trixie +base/);
    const plan = JSON.parse((await scene.user.succeed(['build', '--locked', '--dry-run', '--format', 'json'])).stdout);
    assert.equal(plan.platforms[0].packages[3].url, `${scene.archive.url}/${scene.fileOf('tool')}`);
    assert.equal(scene.archive.server.requests.length, 0);
  });

  test('of another version of slimimage: built, and told', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const lock = await scene.readLock();
    await scene.user.write(
      'slimimage.lock.json',
      JSON.stringify({ ...lock, compressor: { ...lock.compressor, contentFormat: 1 } }),
    );
    const { stderr } = await scene.user.succeed(['build', '--locked']);
    assert.match(stderr, /warning:.* another version of slimimage/);
  });
});
