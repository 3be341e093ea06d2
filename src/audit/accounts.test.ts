import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import type { LayerPicture } from '../../test/support/view.ts';

const only = ['empty-password', 'account-password', 'second-root', 'duplicate-id', 'readable-shadow'];

describe('accounts', () => {
  const rows: readonly (readonly [string, LayerPicture, readonly string[]])[] = [
    [
      'locked ones',
      {
        'etc/passwd': 'root:x:0:0::/:\n',
        'etc/shadow': { mode: 0o640, text: 'root:*:1::::::\na:!:1::::::\nb:!$6$s$h:1\n' },
      },
      [],
    ],
    [
      'an empty password in shadow',
      { 'etc/shadow': { mode: 0o640, text: 'root::1::::::\n' } },
      ['error empty-password /etc/shadow'],
    ],
    ['an empty password in passwd', { 'etc/passwd': 'root::0:0::/:\n' }, ['error empty-password /etc/passwd']],
    [
      'a hash of yescrypt',
      { 'etc/shadow': { mode: 0o600, text: 'root:$y$j9T$salt$hash:1::::::\n' } },
      ['warning account-password /etc/shadow'],
    ],
    [
      'a hash with its rounds in its name',
      { 'etc/shadow': { mode: 0o600, text: 'root:$md5,rounds=5000$salt$$hash:1::::::\n' } },
      ['warning account-password /etc/shadow'],
    ],
    [
      'a hash of DES in passwd',
      { 'etc/passwd': 'root:ab0123456789.:0:0::/:\n' },
      ['warning account-password /etc/passwd'],
    ],
    ['another uid 0', { 'etc/passwd': 'root:x:0:0::/:\ntoor:x:0:0::/:\n' }, ['error second-root /etc/passwd']],
    ['uid 0 with zeros', { 'etc/passwd': 'toor:x:000:0::/:\n' }, ['error second-root /etc/passwd']],
    ['gid 0 is no root', { 'etc/passwd': 'a:x:1:0::/:\n' }, []],
    ['a uid twice', { 'etc/passwd': 'a:x:1:1::/:\nb:x:1:1::/:\n' }, ['warning duplicate-id /etc/passwd']],
    ['a name twice', { 'etc/passwd': 'a:x:1:1::/:\na:x:2:1::/:\n' }, ['warning duplicate-id /etc/passwd']],
    ['a gid twice', { 'etc/group': 'a:x:1:\nb:x:1:\n' }, ['warning duplicate-id /etc/group']],
    ['shadow for everybody', { 'etc/shadow': 'root:*:1\n' }, ['error readable-shadow /etc/shadow']],
    ['garbage', { 'etc/passwd': '\0\xff:::\n::\n:::::::\n', 'etc/group': ':'.repeat(5000) }, []],
  ];
  for (const [name, layer, expected] of rows) {
    test(name, () => assert.deepEqual(found([layer], { only }).lines, expected));
  }

  test('a finding names the account, never the hash', () => {
    const { report } = found([{ 'etc/shadow': { mode: 0o640, text: 'root:*:1\nweb:$6$salt$secret:1\n' } }], { only });
    assert.deepEqual(
      report.findings.map(({ message, line }) => [message, line]),
      [['the account web has a password', 2]],
    );
  });
});
