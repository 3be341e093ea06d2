import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { parseSysusers, sysusersRequests } from './sysusers.ts';
import { effectInput } from './testing.ts';

test('lines of all kinds', () => {
  const text = `# comment
u     httpd 404            "HTTP User"
u! _authd /usr/bin/authd 'Authorization user' /var/lib/a\\ b
u postgres -  "Postgresql Database"   /var/lib/pgsql /usr/libexec/postgresdb
g input - -
m _authd input
u root 0 "Superuser" /root
u sshd -:nogroup "100%% safe"
u two 12:34
r - 500-900
`;
  const common = { uid: undefined, group: undefined, comment: '', home: '/', shell: '/usr/sbin/nologin' };
  assert.deepEqual(
    parseSysusers(text, '/f').map(({ source, ...rest }) => ({ ...rest, line: source.slice(3) })),
    [
      { type: 'user', name: 'httpd', ...common, uid: 404, comment: 'HTTP User', line: '2' },
      { type: 'user', name: '_authd', ...common, comment: 'Authorization user', home: '/var/lib/a b', line: '3' },
      {
        type: 'user',
        name: 'postgres',
        ...common,
        comment: 'Postgresql Database',
        home: '/var/lib/pgsql',
        shell: '/usr/libexec/postgresdb',
        line: '4',
      },
      { type: 'group', name: 'input', gid: undefined, line: '5' },
      { type: 'member', user: '_authd', group: 'input', creates: true, line: '6' },
      {
        type: 'user',
        name: 'root',
        ...common,
        uid: 0,
        comment: 'Superuser',
        home: '/root',
        shell: '/bin/sh',
        line: '7',
      },
      { type: 'user', name: 'sshd', ...common, group: 'nogroup', comment: '100% safe', line: '8' },
      { type: 'user', name: 'two', ...common, uid: 12, group: 34, line: '9' },
    ],
  );
});

test('what systemd would refuse, and what depends on the host, is refused with its line', () => {
  for (const [line, message] of [
    ['x name', /\/f:1 has the type "x"/],
    ['u bad:name -', /name "bad:name"/],
    ['u a 1:2:3', /the id "1:2:3"/],
    ['u %b -', /specifier %b/],
    ['u a - "open', /not closed/],
    ['u a - b /c /d e', /more than six fields/],
    ['m a', /the group "-"/],
    ['u a - x:0', /a colon/],
  ] as const) {
    assert.throws(
      () => parseSysusers(line, '/f'),
      (error) => isSlimimageError(error, 'ACCOUNT_INVALID') && message.test(error.message),
      line,
    );
  }
});

test('/etc overrides /usr/lib by file name, files in the order of their names', () => {
  const { tree } = effectInput({
    tree: {
      'usr/lib/sysusers.d/b.conf': 'g b -',
      'usr/lib/sysusers.d/a.conf': 'g packaged -',
      'etc/sysusers.d/a.conf': 'g configured -',
      'usr/lib/sysusers.d/README': 'nonsense',
    },
  });
  assert.deepEqual(
    sysusersRequests(tree).map((request) => request.source),
    ['/etc/sysusers.d/a.conf:1', '/usr/lib/sysusers.d/b.conf:1'],
  );
});

test('any text gives requests or ACCOUNT_INVALID', () => {
  const piece = fc.constantFrom(
    'u',
    'g',
    'm',
    'u!',
    ' ',
    '-',
    '\n',
    '"',
    "'",
    '\\',
    '%',
    '12',
    ':',
    'name',
    '/x',
    '#',
    '\0',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
        fc.string(),
      ),
      (text) => {
        try {
          parseSysusers(text, '/f');
        } catch (error) {
          assert.ok(isSlimimageError(error, 'ACCOUNT_INVALID'), String(error));
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
