/** `slimimage update --security-only` through the command line. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { status } from '../support/http-behaviours.ts';
import { deb, library, service, startUpdateScene, tool, type UpdateScene } from '../support/update-scene.ts';

let scene: UpdateScene;

beforeEach(async () => {
  scene = await startUpdateScene();
});

afterEach(() => scene[Symbol.asyncDispose]());

test('takes what the security suite brings; everything else stays, though its .deb is in no index any more', async () => {
  const { debs } = await scene.publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-1')]);
  await scene.publish([tool('1.1-1'), ...library('2.0-1'), service('1.1-1')]);
  await scene.publishSecurity(library('1.0-1+deb13u1'));
  const { stdout } = await scene.user.run(['update', '--security-only']);
  assert.match(stdout, /^linux\/amd64 {2}2 upgraded;/);
  await scene.user.succeed(['update', '--security-only', '--write'], scene.fresh());
  assert.deepEqual(await scene.lockedVersions(), [
    'libtool-data 1.0-1+deb13u1 trixie-security',
    'libtool1 1.0-1+deb13u1 trixie-security',
    'service 1.0-1 trixie',
    'tool 1.0-1 trixie',
  ]);
  const digest = (await scene.user.succeed(['build', '--locked'])).stdout;
  assert.equal((await scene.user.succeed(['build', '--locked'], scene.fresh())).stdout, digest);
  assert.equal(
    (await scene.user.succeed(['update', '--security-only'])).stdout,
    'no security update for slimimage.lock.json\n',
  );

  scene.archive.server.on(scene.archive.path(debs.get('tool') ?? ''), status(404));
  await scene.publishSecurity(library('1.0-1+deb13u2'));
  const { message } = await scene.user.refused(
    { code: 'HTTP_STATUS', status: 3 },
    ['update', '--security-only'],
    scene.fresh('empty'),
  );
  assert.match(message, /^tool 1\.0-1 \(amd64\)/);
});

test('no security update: status 0, whatever else is newer', async () => {
  await scene.publish([tool('1.1-1'), ...library('2.0-1'), service('1.1-1')]);
  const { stdout } = await scene.user.succeed(['update', '--security-only']);
  assert.equal(stdout, 'no security update for slimimage.lock.json\n');
});

test('a package that is new because of it may come from anywhere', async () => {
  await scene.publish([tool('1.0-1'), ...library('1.0-1'), service('1.1-1'), deb('helper', '1')]);
  await scene.publishSecurity(library('1.0-1+deb13u1', { fields: { Depends: 'helper' } }));
  await scene.user.succeed(['update', '--security-only', '--write']);
  assert.deepEqual(await scene.lockedVersions(), [
    'helper 1 trixie',
    'libtool-data 1.0-1+deb13u1 trixie-security',
    'libtool1 1.0-1+deb13u1 trixie-security',
    'service 1.0-1 trixie',
    'tool 1.0-1 trixie',
  ]);
});

test('what the configuration holds back is told, and no more: status 0', async () => {
  await scene.user.write('slimimage.yaml', scene.config(['tool=1.0-1']));
  await scene.user.succeed(['lock']);
  await scene.publishSecurity([tool('1.0-1+deb13u1')]);
  const { stdout } = await scene.user.succeed(['update', '--security-only']);
  assert.match(stdout, /held back: tool 1\.0-1, not 1\.0-1\+deb13u1: the configuration asks for tool=1\.0-1\n/);
  assert.match(stdout, /^1 security update held back, nothing else for slimimage\.lock\.json$/m);
});

test('what does not go with the locked rest is held back and told; the others are taken', async () => {
  await scene.publish([tool('1.0-1'), ...library('1.0-1'), service('2.0-1')]);
  const stuck = library('1.0-1+deb13u1', { fields: { Depends: 'service (>= 2)' } });
  await scene.publishSecurity([...stuck, tool('1.0-1+deb13u1')]);
  const { stdout } = await scene.user.succeed(['update', '--security-only', '--write']);
  const held = 'held back: libtool1 1.0-1, not 1.0-1+deb13u1: libtool1 1.0-1+deb13u1 cannot be installed';
  assert.ok(stdout.includes(`${held}: it needs service (>= 2)\n`), stdout);
  assert.match(stdout, /^1 package to update, .*, 2 held back\nwritten /m);
  assert.deepEqual(await scene.lockedVersions(), [
    'libtool-data 1.0-1 trixie',
    'libtool1 1.0-1 trixie',
    'service 1.0-1 trixie',
    'tool 1.0-1+deb13u1 trixie-security',
  ]);
  const again = await scene.user.run(['update', '--security-only']);
  assert.equal(again.status, 1);
  assert.match(again.stdout, /^2 security updates held back, nothing else for slimimage\.lock\.json$/m);
  const plan = JSON.parse((await scene.user.run(['update', '--security-only', '--format', 'json'])).stdout);
  assert.equal(plan.outdated, true);
  assert.equal(plan.platforms[0].held[0].by, 'packages');
  assert.match(plan.platforms[0].held[0].why, /^libtool1 .* it needs service \(>= 2\)$/);
});
