import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerifiedRelease } from '../../archive/types.ts';
import { lockedReleases } from './locked-platform.ts';

const release = (changes: Partial<VerifiedRelease>): VerifiedRelease => ({
  archive: 'debian',
  suite: 'trixie',
  codename: 'trixie',
  sha256: 'aa'.repeat(32),
  date: '2026-09-01T08:00:00Z',
  validUntil: undefined,
  fingerprints: ['BB', 'AA'],
  indexes: [],
  ...changes,
});

test('the indexes of all platforms are in their Release, each once', () => {
  const index = (architecture: string) => ({
    path: `main/binary-${architecture}/Packages`,
    sha256: 'cc'.repeat(32),
    size: 5,
  });
  const [locked, ...more] = lockedReleases([
    [release({ indexes: [index('arm64'), index('all')] })],
    [release({ indexes: [index('amd64'), index('all')] })],
  ]);
  assert.equal(more.length, 0);
  assert.deepEqual(
    locked?.indexes.map(({ path }) => path),
    ['main/binary-all/Packages', 'main/binary-amd64/Packages', 'main/binary-arm64/Packages'],
  );
});

test('what vouched for several platforms is there once, sorted; two states of a suite are two', () => {
  const security = release({
    archive: 'debian-security',
    suite: 'trixie-security',
    validUntil: '2026-09-08T08:00:00Z',
  });
  const moved = release({ sha256: '11'.repeat(32), date: '2026-09-02T08:00:00Z' });
  const updates = release({ suite: 'trixie-updates' });
  assert.deepEqual(
    lockedReleases([
      [security, release({}), updates],
      [moved, updates, security],
    ]).map(
      ({ archive, suite, digest, date, validUntil, fingerprints }) =>
        `${archive} ${suite} ${digest.slice(0, 11)} ${date} ${validUntil} ${fingerprints}`,
    ),
    [
      'debian trixie sha256:1111 2026-09-02T08:00:00Z null AA,BB',
      'debian trixie sha256:aaaa 2026-09-01T08:00:00Z null AA,BB',
      'debian trixie-updates sha256:aaaa 2026-09-01T08:00:00Z null AA,BB',
      'debian-security trixie-security sha256:aaaa 2026-09-01T08:00:00Z 2026-09-08T08:00:00Z AA,BB',
    ],
  );
});
