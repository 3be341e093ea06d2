import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import { dpkgPicture, type LayerPicture } from '../../test/support/view.ts';

/** What setcap(8) wrote for `cap_net_raw=ep`, for `cap_net_bind_service=ep` of a user namespace, and a hand-made first version. */
const netRaw = Uint8Array.from([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const namespaced = Uint8Array.from([1, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0]);
const first = Uint8Array.from([0, 0, 0, 1, 0x80, 0, 0, 0, 0x80, 0, 0, 0]);

describe('special bits', () => {
  const rows: readonly (readonly [string, LayerPicture, readonly string[]])[] = [
    ['set-user-id', { 'opt/x': { mode: 0o4755 } }, ['warning setuid-file /opt/x']],
    ['set-user-id without execute', { 'opt/x': { mode: 0o4644 } }, []],
    ['set-group-id', { 'opt/x': { mode: 0o2755, gid: 42 } }, ['warning setgid-file /opt/x']],
    ['set-group-id of mandatory locking', { 'opt/x': { mode: 0o2745 } }, []],
    ['set-group-id of a folder', { 'opt/x/': { mode: 0o2775 } }, []],
    ['both', { 'opt/x': { mode: 0o6755 } }, ['warning setuid-file /opt/x', 'warning setgid-file /opt/x']],
    ['two names of one file', { 'opt/x': { mode: 0o4755 }, 'opt/y': '=opt/x' }, ['warning setuid-file /opt/x']],
    [
      'su of a package',
      { 'usr/bin/su': { mode: 0o4755 }, ...dpkgPicture({ login: ['usr/bin/su'] }) },
      ['info setuid-file /usr/bin/su'],
    ],
    [
      'screen, which has the rights of its group, with those of its owner',
      { 'usr/bin/screen': { mode: 0o6755 }, ...dpkgPicture({ screen: ['usr/bin/screen'] }) },
      ['warning setuid-file /usr/bin/screen', 'info setgid-file /usr/bin/screen'],
    ],
    [
      'su that is not what its package brought',
      {
        'usr/bin/su': { mode: 0o4755, text: 'another' },
        ...dpkgPicture({ login: ['usr/bin/su'] }),
        'var/lib/dpkg/info/login.md5sums': `${'0'.repeat(32)}  usr/bin/su\n`,
      },
      ['warning setuid-file /usr/bin/su'],
    ],
    [
      'find of a package, which nobody raises',
      { 'opt/find': { mode: 0o4755 }, ...dpkgPicture({ findutils: ['opt/find'] }) },
      ['warning setuid-file /opt/find'],
    ],
    ['a capability', { 'opt/x': { xattrs: { 'security.capability': netRaw } } }, ['warning file-capabilities /opt/x']],
    ['another attribute', { 'opt/x': { xattrs: { 'user.capability': netRaw } } }, []],
    ['a file for everybody', { 'opt/x': { mode: 0o666 } }, ['warning world-writable-file /opt/x']],
    ['a file for a group', { 'opt/x': { mode: 0o664 } }, []],
    ['a link', { 'opt/x': '->/etc/passwd' }, []],
    ['a folder for everybody', { 'opt/x/': { mode: 0o777 } }, ['warning world-writable-folder /opt/x']],
    ['a folder like /tmp', { 'tmp/': { mode: 0o1777 } }, []],
    ['a disk', { 'dev/sda': { device: ['block', 8, 0] } }, ['warning device-node /dev/sda']],
    ['/dev/null', { 'dev/null': { device: ['character', 1, 3] } }, ['info device-node /dev/null']],
  ];
  for (const [name, layer, expected] of rows) {
    test(name, () => {
      const rules = ['setuid-file', 'setgid-file', 'file-capabilities', 'device-node'];
      const only = [...rules, 'world-writable-file', 'world-writable-folder'];
      assert.deepEqual(found([layer], { only }).lines, expected);
    });
  }

  test('su that a later layer changed is no longer the package’s', () => {
    const base = { 'usr/bin/su': { mode: 0o4755 }, ...dpkgPicture({ login: ['usr/bin/su'] }) };
    const { lines } = found([base, { 'usr/bin/su': { mode: 0o4755, text: 'another' } }], { only: ['setuid-file'] });
    assert.deepEqual(lines, ['warning setuid-file /usr/bin/su']);
  });

  test('capabilities are told as getcap does', () => {
    const files = { a: netRaw, b: namespaced, c: first, d: netRaw.subarray(1), e: Uint8Array.of(1, 0, 0, 9) };
    const layer = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, { xattrs: { 'security.capability': bytes } }]),
    );
    assert.deepEqual(
      found([layer], { only: ['file-capabilities'] }).report.findings.map(({ message }) => message),
      [
        '/a has cap_net_raw=ep',
        '/b has cap_net_bind_service=ep [rootid=1000]',
        '/c has cap_setuid=ip',
        '/d has bytes that no kernel would read',
        '/e has bytes that no kernel would read',
      ],
    );
  });

  test('a thousand infos hide no warning behind them, and a thousand allowed findings no other', () => {
    const files = Array.from({ length: 1100 }, (_, index) => `a/${index}/su`);
    const layer = {
      ...Object.fromEntries(files.map((path) => [path, { mode: 0o4755 }])),
      ...dpkgPicture({ many: files }),
      'opt/x': { mode: 0o4755 },
      'opt/\nwarning\u2028y': { mode: 0o4755 },
    };
    const { report, messages } = found([layer], { only: ['setuid-file'] });
    assert.deepEqual(messages.slice(0, 2), [
      '/opt/ warning y runs as its owner, uid 0 (mode 4755)',
      '/opt/x runs as its owner, uid 0 (mode 4755)',
    ]);
    assert.deepEqual(report.omitted, [{ rule: 'setuid-file', level: 'info', allowed: false, count: 100 }]);
    const nothing = { path: undefined, subject: undefined, until: undefined };
    const entry = { rule: 'setuid-file', package: 'many', because: 'a test', ...nothing };
    const allowed = found([layer], { only: ['setuid-file'], allow: [entry] }).report;
    assert.deepEqual(allowed.omitted, [{ rule: 'setuid-file', level: 'info', allowed: true, count: 100 }]);
    assert.deepEqual(allowed.counts, { error: 0, warning: 2, info: 0 });
  });

  test('what is too much to list is counted', () => {
    const layer = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`opt/${index}`, { mode: 0o666 }]));
    const { report } = found([layer], { only: ['world-writable-file'] });
    assert.equal(report.findings.length, 1000);
    assert.deepEqual(report.omitted, [{ rule: 'world-writable-file', level: 'warning', allowed: false, count: 200 }]);
    assert.deepEqual(report.counts, { error: 0, warning: 1200, info: 0 });
  });
});
