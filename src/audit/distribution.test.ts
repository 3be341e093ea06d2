import assert from 'node:assert/strict';
import { test } from 'node:test';
import { found } from '../../test/support/audited.ts';

test('a distribution is told of when its support ends', () => {
  const layer = {
    'usr/lib/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
    'etc/os-release': '->../usr/lib/os-release',
  };
  const on = (today: string) => found([layer], { today, only: ['end-of-life'] });
  assert.deepEqual(on('2026-07-11').lines, []);
  assert.deepEqual(on('2026-07-12').lines, ['warning end-of-life /etc/os-release']);
  assert.deepEqual(on('2028-06-30').messages, [
    'Debian 12 (bookworm) got its last security updates for all on 2026-07-11; Debian LTS ends on 2028-06-30',
  ]);
  assert.deepEqual(on('2028-07-01').lines, ['error end-of-life /etc/os-release']);
  assert.deepEqual(found([{ 'etc/os-release': 'ID=other\nVERSION_ID=1\n' }], { only: ['end-of-life'] }).lines, []);
});
