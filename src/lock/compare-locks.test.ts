import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LockSketch, lockOf, releaseOf } from '../../test/support/locks.ts';
import { debianVersions } from '../../test/support/universe.ts';
import { compareLocks, type LockDifference } from './compare-locks.ts';
import type { LockDocument } from './types.ts';

test('two locks of the same are the same', () => {
  const { same, platforms } = compare(['curl 1; Requests: curl'], ['curl 1; Requests: curl']);
  assert.equal(same, true);
  assert.deepEqual(
    platforms.map(({ change }) => change),
    ['none'],
  );
});

test('packages: what came, went, rose, fell, was built again, moved', () => {
  const difference = compare(
    ['a 1', 'b 1', 'c 1:1.0~rc1', 'd 2', 'e 1', 'f 1; Suite: trixie-security', 'g 1'],
    ['a 1', 'c 1:1.0', 'd 1:1~', 'd2 1', 'e 1; Build: again', 'f 1', 'g 0.9'],
  );
  assert.deepEqual(packageLines(difference), [
    'b removed 1 -> none',
    'c upgraded 1:1.0~rc1 -> 1:1.0',
    'd upgraded 2 -> 1:1~',
    'd2 added none -> 1',
    'e rebuilt 1 -> 1',
    'f moved 1 -> 1',
    'g downgraded 1 -> 0.9',
  ]);
  assert.equal(difference.same, false);
});

test('sizes are those of all packages', () => {
  const [platform] = compare(
    ['a 1; Size: 100; Installed: 300', 'b 1; Size: 10; Installed: 20'],
    ['a 2; Size: 90; Installed: 310'],
  ).platforms;
  assert.deepEqual(platform?.size, { from: 110, to: 90 });
  assert.deepEqual(platform?.installedSize, { from: 320, to: 310 });
});

test('what is cut otherwise, and no other words for the same', () => {
  const cut = (name: string, grade: 'proven' | 'no-evidence', because = 'so') =>
    ({ name, grade, candidacy: 'listed', neededBy: [], because }) as const;
  const [platform] = compare(['a 1; Requests: a'], ['a 1; Requests: a'], {
    before: { cuts: [cut('debconf', 'proven'), cut('dpkg', 'proven', 'as before'), cut('ucf', 'proven')] },
    after: { cuts: [cut('adduser', 'proven'), cut('debconf', 'no-evidence'), cut('dpkg', 'proven')] },
  }).platforms;
  assert.deepEqual(
    platform?.cuts.map(({ name, from, to }) => [name, from?.grade, to?.grade]),
    [
      ['adduser', undefined, 'proven'],
      ['debconf', 'proven', 'no-evidence'],
      ['ucf', 'proven', undefined],
    ],
  );
  assert.equal(platform.change, 'changed');
});

test('requests, accounts and releases', () => {
  const difference = compare(['a 1; Requests: a', 'b 1; For: a'], ['a 1; Requests: a', 'b 1; Requests: b; For: a'], {
    before: { users: { one: 1, two: 2 } },
    after: { users: { two: 3, three: 3 }, releases: [releaseOf('2026-10-01T00:00:00Z')] },
  });
  const [platform] = difference.platforms;
  assert.deepEqual(platform?.requests, [{ name: 'b', from: [], to: ['b'] }]);
  assert.deepEqual(platform.accounts, [
    { type: 'user', name: 'one', from: 1, to: undefined },
    { type: 'user', name: 'three', from: undefined, to: 3 },
    { type: 'user', name: 'two', from: 2, to: 3 },
  ]);
  assert.deepEqual(difference.releases, [
    { archive: 'debian', suite: 'trixie', from: ['2026-09-01T08:00:00Z'], to: ['2026-10-01T00:00:00Z'] },
  ]);
});

test('images that files are copied from: came, went, another one', () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
  const { same, platforms } = compare(['a 1'], ['a 1'], {
    before: {
      images: [
        { image: 'store:a', digest: digest('1') },
        { image: 'store:b', digest: digest('2') },
        { image: 'store:c', digest: digest('3') },
      ],
    },
    after: {
      images: [
        { image: 'store:b', digest: digest('2') },
        { image: 'store:c', digest: digest('4') },
        { image: 'store:d', digest: digest('5') },
      ],
    },
  });
  assert.deepEqual([same, platforms[0]?.change], [false, 'changed']);
  assert.deepEqual(platforms[0]?.images, [
    { image: 'store:a', from: digest('1'), to: undefined },
    { image: 'store:c', from: digest('3'), to: digest('4') },
    { image: 'store:d', from: undefined, to: digest('5') },
  ]);
});

test('a Release alone makes two locks differ', () => {
  const difference = compare(['a 1'], ['a 1'], { after: { releases: [releaseOf('2026-10-01T00:00:00Z')] } });
  assert.equal(difference.same, false);
  assert.equal(difference.platforms[0]?.change, 'none');
});

test('another compiler of Python modules makes two locks differ', () => {
  const made = (bytecode?: string): LockDocument => {
    const lock = lockOf(['a 1']);
    return { ...lock, compressor: { ...lock.compressor, ...(bytecode === undefined ? {} : { bytecode }) } };
  };
  const differences = compareLocks(made('pyodide 0.29.4'), made('pyodide 0.29.5'), { versions: debianVersions }).inputs;
  assert.equal(differences.length, 1);
  assert.match(differences[0] ?? '', /0\.29\.4.*0\.29\.5/);
  assert.equal(compareLocks(made(), made(), { versions: debianVersions }).same, true);
});

test('platforms that came and went, with the configuration that says so', () => {
  const difference = compare(['a 1'], ['a 1'], {
    before: { platform: 'linux/arm64', inputs: { platforms: ['linux/arm64'] } },
    after: { inputs: { platforms: ['linux/amd64'] } },
  });
  assert.deepEqual(difference.inputs, ['platforms: linux/arm64 was removed', 'platforms: linux/amd64 was added']);
  assert.deepEqual(
    difference.platforms.map(({ platform, change, packages }) => [platform, change, packages[0]?.change]),
    [
      ['linux/arm64', 'removed', 'removed'],
      ['linux/amd64', 'added', 'added'],
    ],
  );
});

function compare(
  before: readonly string[],
  after: readonly string[],
  sketches: { readonly before?: LockSketch; readonly after?: LockSketch } = {},
): LockDifference {
  const locks = [lockOf(before, sketches.before), lockOf(after, sketches.after)] as const;
  return compareLocks(...locks, { versions: debianVersions });
}

function packageLines({ platforms }: LockDifference): readonly string[] {
  return platforms.flatMap(({ packages }) =>
    packages.map(
      ({ name, change, from, to }) => `${name} ${change} ${from?.version ?? 'none'} -> ${to?.version ?? 'none'}`,
    ),
  );
}
