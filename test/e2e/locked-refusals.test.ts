/** Locks that do not fit, were edited by hand or mean harm, through the command line. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { makeElf } from '../../src/formats/elf/elf-maker.ts';
import type { LockedPackage } from '../../src/lock/types.ts';
import { archiveConfig } from '../support/archive-config.ts';
import type { DebRecipe } from '../support/deb-maker.ts';
import { type LockScene, old, startLockScene } from '../support/lock-scene.ts';

let scene: LockScene;
beforeEach(async () => {
  scene = await startLockScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

describe('a lock that does not fit is refused', () => {
  const outdated = { code: 'LOCK_OUTDATED', status: 2 } as const;
  const invalid = { code: 'LOCK_INVALID', status: 2 } as const;

  test('there is none', async () => {
    await scene.configure();
    const { message, hint } = await scene.user.refused({ code: 'LOCK_NOT_FOUND', status: 2 }, ['build', '--locked']);
    assert.match(message, /slimimage\.lock\.json/);
    assert.match(hint ?? '', /slimimage lock/);
  });

  test('the configuration has moved: every difference by its name', async () => {
    await scene.configure(['tool', 'libtool']);
    await scene.user.succeed(['lock']);
    const more = { recommends: 'true', omit: '[other]', compression: 'zstd', pins: '[libtool=1*]' };
    await scene.user.write('other.asc', await readFile(scene.archive.keyFile, 'utf8').then((text) => `${text}\n`));
    await scene.user.write(
      'slimimage.yaml',
      archiveConfig(scene.archive, ['tool', 'service'], {
        archive: { 'signed-by': './other.asc', components: '[main, contrib]' },
        more: { base: 'none', platforms: '[linux/arm64]', ...more },
      }),
    );
    const { message, hint } = await scene.user.refused(outdated, ['build', '--locked']);
    for (const difference of [
      /archives\.own\.components: contrib was added/,
      /archives\.own\.signed-by: \.\/other\.asc was added/,
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
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.user.write('app', makeElf({ type: 2 }));
    const files = '[{ source: ./app, path: /app, mode: "0755" }]';
    const more = { files, entrypoint: '[/app]', accounts: '{ users: [ann] }' };
    await scene.configure(['tool'], { ...more, mirrors: `{ own: ${scene.archive.url} }` });
    await scene.user.succeed(['build', '--locked']);
  });

  test('no JSON, another form, too much', async () => {
    await scene.configure();
    for (const text of ['', '{', '[]', 'null', '{"lockVersion":2}', '{"lockVersion":1}']) {
      await scene.user.write('slimimage.lock.json', text);
      await scene.user.refused(invalid, ['build', '--locked']);
    }
    await writeFile(join(scene.user.folder, 'slimimage.lock.json'), Buffer.alloc(33 * 1024 * 1024, ' '));
    await scene.user.refused(invalid, ['build', '--locked']);
  });

  test('paths that lead out, whoever they mean to fool', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const lock = await readFile(join(scene.user.folder, 'slimimage.lock.json'), 'utf8');
    for (const path of ['../../etc/passwd', '/etc/passwd', 'pool/../../x.deb', 'pool\\\\x', 'pool/x?y', '']) {
      await scene.user.write('slimimage.lock.json', lock.replace(/"path": "[^"]*tool_[^"]*"/, `"path": "${path}"`));
      await scene.user.refused(invalid, ['build', '--locked'], scene.fresh());
    }
    await scene.user.write('slimimage.lock.json', lock);
    await scene.tamper((one) => (one.name === 'tool' ? { ...one, archive: 'file', path: '../../../etc/passwd' } : one));
    const { message } = await scene.user.refused(outdated, ['build', '--locked'], scene.fresh());
    assert.match(message, /etc\/passwd .*is not there/);
  });

  test('another sha256: nothing of it is kept', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.tamper((one) => (one.name === 'tool' ? { ...one, sha256: 'ab'.repeat(32) } : one));
    const { message } = await scene.user.refused(
      { code: 'DIGEST_MISMATCH', status: 3 },
      ['build', '--locked'],
      scene.fresh(),
    );
    assert.match(message, /tool 1\.0-1/);
  });

  test('another package in the place of one', async () => {
    await scene.publish([...old, { name: 'evil', version: '6.6', files: { '/usr/bin/evil': 'evil' } }]);
    await scene.configure(['tool', 'evil']);
    await scene.user.succeed(['lock']);
    const evil = (await scene.readLock()).platforms[0]?.packages.find(({ name }) => name === 'evil') as LockedPackage;
    await scene.configure();
    await scene.user.succeed(['lock']);
    const { path, size, sha256 } = evil;
    await scene.tamper((one) => (one.name === 'libtool' ? { ...one, path, size, sha256 } : one));
    const { message } = await scene.user.refused(invalid, ['build', '--locked'], scene.fresh());
    assert.match(message, /libtool 1\.0-1 \(amd64\) has the sha256 of a \.deb that is evil 6\.6 \(amd64\)/);
  });

  test('a dependency that is missing, a package that nothing asks for, one of another archive', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.tamper((one) => (one.name === 'libtool' ? [] : one));
    const missing = await scene.user.refused(invalid, ['build', '--locked'], scene.fresh());
    assert.match(missing.message, /do not go together[\s\S]*tool[\s\S]*libtool \(>= 1\.0\)/);

    const over: DebRecipe = { name: 'over', files: { '/usr/bin/over': 'over' } };
    await scene.publish([...old, over]);
    await scene.configure(['tool', 'over']);
    await scene.user.succeed(['lock']);
    const extra = (await scene.readLock()).platforms[0]?.packages.find(({ name }) => name === 'over') as LockedPackage;
    await scene.configure();
    await scene.user.succeed(['lock']);
    await scene.tamper((one) => (one.name === 'tool' ? [one, extra] : one));
    const needless = await scene.user.refused(invalid, ['build', '--locked'], scene.fresh());
    assert.match(needless.message, /over is there for over, which the configuration does not ask for/);

    await scene.user.succeed(['lock']);
    await scene.tamper((one) => ({ ...one, archive: 'elsewhere' }));
    const foreign = await scene.user.refused(invalid, ['build', '--locked'], scene.fresh());
    assert.match(foreign.message, /comes from the archive elsewhere, which the configuration does not have/);
  });

  test('a donor that is missing, swapped, invented or of a lock without one', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const [platform] = (await scene.readLock()).platforms;
    assert.deepEqual(platform?.absentDonors, ['libc-bin']);
    const [donor] = platform?.donors ?? [];
    const other = platform?.packages.find(({ name }) => name === 'libtool') as LockedPackage;
    const { path, size, sha256 } = other;
    const { requests: _, requestedBy: __, ...stranger } = other;
    for (const [change, problem] of [
      [{ donors: [] }, /base-passwd is not among its donors, and this image is made with it/],
      [{ absentDonors: [] }, /libc-bin is not among its donors/],
      [{ absentDonors: ['base-passwd', 'libc-bin'] }, /base-passwd can't be among absentDonors/],
      [{ donors: [donor, stranger] }, /libtool is not a package that is read without being installed/],
      [{ donors: [{ ...donor, path, size, sha256 }] }, /base-passwd .* has the sha256 of a \.deb that is libtool/],
    ] as const) {
      await scene.edit(() => ({ ...platform, ...change }));
      assert.match((await scene.user.refused(invalid, ['build', '--locked'])).message, problem);
    }
  });

  test('another source or installed size than the .deb says', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const [platform] = (await scene.readLock()).platforms;
    for (const [change, problem] of [
      [{ source: { name: 'tool', version: '0.9-1' } }, /is built from the source \S+ 1\.0-1, and not from tool 0\.9-1/],
      [{ installedSize: 123 * 1024 }, /declares another installed size than the lock says/],
    ] as const) {
      await scene.edit(() => ({ packages: platform?.packages.map((one) => ({ ...one, ...change })) }));
      assert.match((await scene.user.refused(invalid, ['build', '--locked'])).message, problem);
    }
  });

  test('--check refuses what a build would refuse without having fetched anything', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const [platform] = (await scene.readLock()).platforms;
    const edited = (name: string, change: object) =>
      platform?.packages.map((one) => (one.name === name ? { ...one, ...change } : one));
    for (const [packages, problem] of [
      [edited('tool', { requests: ['other'] }), /tool is there for other, which the configuration does not ask for/],
      [edited('tool', { requests: [], requestedBy: ['libtool'] }), /it has nothing for tool/],
      [edited('libtool', { requestedBy: ['ghost'] }), /libtool is there for ghost, which it does not have/],
      [edited('libtool', { requestedBy: [] }), /nothing asks for its package libtool 1\.0-1/],
      [edited('libtool', { suite: 'sid' }), /libtool 1\.0-1 comes from own\/sid\/main, which/],
      [edited('libtool', { component: 'contrib' }), /libtool 1\.0-1 comes from own\/trixie\/contrib, which/],
    ] as const) {
      await scene.edit(() => ({ ...platform, packages }));
      assert.match((await scene.user.refused(invalid, ['lock', '--check'])).message, problem);
    }
    await scene.user.succeed(['lock']);
    const lock = await scene.readLock();
    const compressor = { ...lock.compressor, level: 9 };
    await scene.user.write('slimimage.lock.json', JSON.stringify({ ...lock, compressor }));
    const { message } = await scene.user.refused(invalid, ['lock', '--check']);
    assert.match(message, /its compressor is gzip-9, and the configuration says gzip-6/);
  });

  test('numbers of accounts that no system account gets', async () => {
    await scene.configure();
    await scene.user.succeed(['lock']);
    const lock = await scene.readLock();
    for (const [users, problem] of [
      [{ service: 0 }, /service has the number 0, which no system account gets/],
      [{ redis: 300, service: 300 }, /the number 300 of the account service is not its own/],
    ] as const) {
      const platforms = lock.platforms.map((platform) => ({ ...platform, accounts: { users, groups: {} } }));
      await scene.user.write('slimimage.lock.json', JSON.stringify({ ...lock, platforms }));
      assert.match((await scene.user.refused(invalid, ['build', '--locked'])).message, problem);
    }
  });
});
