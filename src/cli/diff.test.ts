import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LockSketch, lockOf, releaseOf } from '../../test/support/locks.ts';
import { debianVersions } from '../../test/support/universe.ts';
import { compareLocks } from '../lock/compare-locks.ts';
import { runCaptured } from './testing.ts';

test('diff is a table of what changed', async () => {
  const { status, stdout } = await run(
    ['curl 8.14.1-2; Installed: 500000; Size: 200000', 'gone 1; Installed: 1500; Size: 500', 'same 1'],
    [
      'curl 8.14.1-3; Installed: 512000; Size: 201000; Suite: trixie-security',
      'same 1; Requests: same',
      'z 1; Size: 9',
    ],
    {
      before: { users: { _apt: 42 } },
      after: {
        inputs: { from: 'debian/trixie', packages: ['curl', 'same'] },
        releases: [releaseOf('2026-10-01T00:00:00Z')],
      },
    },
  );
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `configuration
  packages: same was added
archives
  debian/trixie  2026-09-01T08:00:00Z -> 2026-10-01T00:00:00Z
linux/amd64  1 upgraded, 1 added, 1 removed; 202.0 kB to download (+509 B), 515.0 kB installed (+10.5 kB)
  upgraded  curl  8.14.1-2 -> 8.14.1-3  +12.0 kB  debian/trixie-security
  removed   gone  1                      -1.5 kB  debian/trixie
  added     z     1                        +27 B  debian/trixie
  same: requests were none, are same
  user _apt: was 42, is not there
`,
  );
});

test('images that files are copied from', async () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
  const { stdout } = await run(['a 1'], ['a 1'], {
    before: { images: [{ image: 'store:a', digest: digest('1') }] },
    after: {
      images: [
        { image: 'store:a', digest: digest('2') },
        { image: 'store:b', digest: digest('3') },
      ],
    },
  });
  assert.match(stdout, /\n {2}files from store:a: was sha256:1{64}, is sha256:2{64}\n/);
  assert.match(stdout, /\n {2}files from store:b: was none, is sha256:3{64}\n$/);
});

test('--exit-code: status 1 where they differ', async () => {
  assert.equal((await run(['a 1'], ['a 2'], { flags: ['--exit-code'] })).status, 1);
  const same = await run(['a 1'], ['a 1'], { flags: ['--exit-code'] });
  assert.deepEqual([same.status, same.stdout], [0, 'no difference\n']);
});

test('--format json is the answer of the library', async () => {
  const { stdout } = await run(['a 1'], ['a 2'], { flags: ['--format', 'json'] });
  const { same, platforms } = JSON.parse(stdout);
  assert.equal(same, false);
  assert.equal(platforms[0].packages[0].change, 'upgraded');
});

async function run(
  before: readonly string[],
  after: readonly string[],
  options: { readonly before?: LockSketch; readonly after?: LockSketch; readonly flags?: readonly string[] } = {},
) {
  const locks = [lockOf(before, options.before), lockOf(after, options.after)] as const;
  const diffLocks = async () => compareLocks(...locks, { versions: debianVersions });
  return runCaptured(['diff', 'a.lock.json', 'b.lock.json', ...(options.flags ?? [])], { api: { diffLocks } });
}
