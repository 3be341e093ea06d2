/** Locks of configurations that leave out packages which others need for what they provide, through the command line. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { DebRecipe } from '../support/deb-maker.ts';
import { type LockScene, old, startLockScene } from '../support/lock-scene.ts';

let scene: LockScene;

/** As Perl's packages need an interpreter, and `perlapi-5.40` of it. */
const interpreted: readonly DebRecipe[] = [
  { name: 'script', fields: { Depends: 'interp-api (= 5), interp-any | other, interp, libtool' } },
  { name: 'interp', version: '5.1-1', fields: { Provides: 'interp-api (= 5), interp-any, unneeded' } },
];

beforeEach(async () => {
  scene = await startLockScene();
  await scene.publish([...old, ...interpreted]);
  await scene.configure(['script'], { omit: '[interp]' });
});
afterEach(() => scene[Symbol.asyncDispose]());

test('what omit: leaves out counts for what it provides, in a locked build as without', async () => {
  const digest = await scene.lockAndBuild();
  assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
  const [platform] = (await scene.readLock()).platforms;
  assert.deepEqual(platform?.omitted, [{ name: 'interp', provides: ['interp-any', 'interp-api (= 5)'] }]);
  assert.ok(!platform?.packages.some(({ name }) => name === 'interp'));
  await scene.user.succeed(['lock', '--check']);
  await scene.user.succeed(['update', '--security-only']);
});

test('a lock in which something else is left out, or less, is refused', async () => {
  await scene.user.succeed(['lock']);
  for (const [omitted, problem] of [
    [[], /interp-api \(= 5\)/],
    [[{ name: 'libtool', provides: ['interp-api (= 5)', 'interp-any'] }], /it leaves out libtool, which the config/],
  ] as const) {
    await scene.edit(() => ({ omitted }));
    const { message } = await scene.user.refused({ code: 'LOCK_INVALID', status: 2 }, ['build', '--locked']);
    assert.match(message, problem);
  }
});
