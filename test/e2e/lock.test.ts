/** Locks through the command line: what they hold, where they lie, when they are written. */
import assert from 'node:assert/strict';
import { mkdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { makeDeb } from '../support/deb-maker.ts';
import { type LockScene, library, old, releaseDate, startLockScene, tool } from '../support/lock-scene.ts';

let scene: LockScene;
beforeEach(async () => {
  scene = await startLockScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

describe('lock', () => {
  test('what it writes: packages, donors, releases, accounts; one line on stdout', async () => {
    await scene.configure(['tool', 'service=1.0-1']);
    const { stdout, stderr } = await scene.user.succeed(['lock']);
    assert.match(stdout, /^slimimage\.lock\.json@sha256:[0-9a-f]{64}\n$/);
    assert.match(stderr, /linux\/amd64 {2}4 packages[\s\S]*own trixie, 20[\s\S]*written/);
    const { platforms, releases, compressor, configuration } = await scene.readLock();
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
    await scene.configure();
    await scene.user.write('own.asc', await readFile(scene.archive.keyFile));
    await scene.user.succeed(['lock']);
    const text = await readFile(join(scene.user.folder, 'slimimage.lock.json'), 'utf8');
    for (const trace of [scene.archive.server.host, '127.0.0.1', scene.user.folder, scene.archive.keyFile, '/tmp'])
      assert.ok(!text.includes(trace), trace);
  });

  test('the same again is not written; --check changes nothing and asks nobody', async () => {
    await scene.configure();
    const missing = await scene.user.run(['lock', '--check']);
    assert.equal(missing.status, 1);
    assert.match(missing.stdout, /slimimage\.lock\.json does not fit:\n {2}There is no lock/);
    const first = await scene.user.succeed(['lock']);
    const file = join(scene.user.folder, 'slimimage.lock.json');
    await utimes(file, 1, 1);
    const again = await scene.user.succeed(['lock']);
    assert.equal(again.stdout, first.stdout);
    assert.match(again.stderr, /nothing has changed/);
    assert.equal((await stat(file)).mtimeMs, 1000);

    scene.archive.server.forget();
    const check = await scene.user.succeed(['lock', '--check']);
    assert.equal(check.stdout, 'slimimage.lock.json fits\n');
    await scene.configure(['tool', 'service'], { recommends: 'true' });
    const moved = await scene.user.run(['lock', '--check', '--format', 'json']);
    assert.equal(moved.status, 1);
    assert.deepEqual(JSON.parse(moved.stdout), {
      file,
      fits: false,
      differences: ['packages: service was added', 'recommends: was false, is true'],
    });
    assert.equal(scene.archive.server.requests.length, 0);
  });

  test('beside its configuration, under its name; --output for another place; flags alone', async () => {
    await mkdir(join(scene.user.folder, 'deploy'));
    await scene.user.write('deploy/web.yaml', scene.config());
    assert.match((await scene.user.succeed(['lock', 'deploy/web.yaml'])).stdout, /^deploy\/web\.lock\.json@/);
    assert.match((await scene.user.succeed(['lock', 'deploy/web.yaml', '--output', 'my.lock'])).stdout, /^my\.lock@/);
    assert.deepEqual(await scene.readLock('my.lock'), await scene.readLock('deploy/web.lock.json'));
    const plain = await scene.build(['deploy/web.yaml']);
    const named = ['deploy/web.yaml', '--lock-file', 'my.lock'];
    assert.equal(await scene.build(named), plain);

    await scene.user.write('own.deb', await makeDeb(library()));
    const flags = ['-p', './own.deb', '--base', 'none', '--platform', 'linux/amd64', '--name', 'sample'];
    await scene.user.succeed(['lock', ...flags]);
    await scene.user.succeed(['build', '--locked', ...flags]);
    assert.deepEqual(
      (await scene.readLock()).platforms[0]?.packages.map(({ path }) => path),
      ['own.deb'],
    );
  });

  test('an index that says something else than its .deb: told, and refused where the .debs do not go together', async () => {
    const publishAs = async (depends: string) => {
      const bytes = await makeDeb({
        ...tool(),
        fields: { Depends: depends, Source: 'other (2)', 'Installed-Size': '77' },
      });
      await scene.publish([{ ...tool(), bytes }, ...old.slice(1)]);
    };
    await scene.configure();
    await publishAs('service,   libtool');
    const { stderr } = await scene.user.succeed(['lock']);
    assert.match(stderr, /warning: The archive own lists tool 1\.0-1 with other Depends than its \.deb has/);
    await scene.user.succeed(['build', '--locked'], scene.fresh());
    await publishAs('libtool, service, more');
    const { message } = await scene.user.refused({ code: 'ARCHIVE_INVALID', status: 3 }, ['lock']);
    assert.match(message, /own lists tool 1\.0-1 with other Depends than its \.deb has[\s\S]*more/);
  });

  test('names that a URL gives a meaning are names of files too; what no lock can hold is not written', async () => {
    const own = await makeDeb({ name: 'own', fields: { Source: 'Foo/Bar_x (1.0_2)' }, files: { '/opt/own': 'own' } });
    await scene.user.write('debs/my#app.deb', own);
    await scene.configure(['"./debs/my#app.deb"']);
    await scene.user.succeed(['lock']);
    await scene.user.succeed(['build', '--locked']);
    const before = await readFile(join(scene.user.folder, 'slimimage.lock.json'), 'utf8');
    const files = { '/usr/lib/sysusers.d/x.conf': 'u constructor -\n' };
    await scene.user.write('debs/odd.deb', await makeDeb({ name: 'odd', files }));
    await scene.configure(['./debs/odd.deb']);
    const { message } = await scene.user.refused({ code: 'LOCK_INVALID', status: 2 }, ['lock']);
    assert.match(message, /constructor can't be a key/);
    assert.equal(await readFile(join(scene.user.folder, 'slimimage.lock.json'), 'utf8'), before);
  });
});
