import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releases, supportOf } from './end-of-life.ts';

const debian = (codename: string | undefined, version?: string) => ({ id: 'debian', codename, version });

test('a release is supported to its last day, then by others, then by nobody', () => {
  const on = (today: string) => supportOf(debian('bookworm'), today)?.status;
  assert.deepEqual(
    [on('2026-07-11'), on('2026-07-12'), on('2028-06-30'), on('2028-07-01')],
    ['supported', 'extended', 'extended', 'ended'],
  );
  assert.deepEqual(supportOf(debian('bookworm'), '2026-01-01'), {
    release: 'Debian 12 (bookworm)',
    status: 'supported',
    until: '2026-07-11',
    extended: { until: '2028-06-30', by: 'Debian LTS' },
  });
  assert.equal(supportOf({ id: 'ubuntu', codename: 'focal' }, '2026-01-01')?.extended?.by, 'Ubuntu Pro');
});

test('old releases say a number alone, Alpine one with a point release', () => {
  assert.equal(supportOf(debian(undefined, '8'), '2026-01-01')?.release, 'Debian 8 (jessie)');
  const alpine = (version: string) => supportOf({ id: 'alpine', codename: undefined, version }, '2026-10-01');
  assert.deepEqual(
    [alpine('3.20.3')?.status, alpine('3.21.0')?.status, alpine('3.2.1')?.until, alpine('2.7')],
    ['ended', 'supported', '2017-05-01', undefined],
  );
});

test('where no end is set, nothing is said', () => {
  for (const release of [debian('forky'), debian('sid'), debian(undefined), { id: 'fedora', codename: undefined }])
    assert.equal(supportOf(release, '2026-01-01'), undefined);
});

test('the table is of dates, the second after the first', () => {
  for (const { until, extendedUntil } of releases) {
    assert.match(until, /^20\d\d-[01]\d-[0-3]\d$/);
    assert.ok(extendedUntil === undefined || extendedUntil > until);
  }
});
