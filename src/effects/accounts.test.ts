import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { formatGroup, formatPasswd } from './account-table.ts';
import { accountEntries } from './accounts.ts';
import { collectAccounts } from './collect-accounts.ts';
import { resolveOwner, resolveUser } from './resolve-user.ts';
import { effectInput, picture } from './testing.ts';
import type { EffectSettings } from './types.ts';

const basePasswd = {
  'base-passwd': {
    'usr/share/base-passwd/passwd.master':
      'root:*:0:0:root:/root:/bin/bash\nman:*:6:12:man:/var/cache/man:/usr/sbin/nologin\nsync:*:4:65534:sync:/bin:/bin/sync\nwww-data:*:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    'usr/share/base-passwd/group.master':
      'root:*:0:\nadm:*:4:\nman:*:12:\ntty:*:5:\nshadow:*:42:\nwww-data:*:33:\nnogroup:*:65534:\n',
  },
};

function collect(options: Omit<Parameters<typeof effectInput>[0], 'donors'>) {
  return collectAccounts(effectInput({ ...options, donors: basePasswd }));
}

function lines(options: Omit<Parameters<typeof effectInput>[0], 'donors'>): readonly string[] {
  const { accounts } = collect(options);
  return `${formatPasswd(accounts.users)}--\n${formatGroup(accounts.groups)}`.trim().split('\n');
}

const rootUser = 'root:x:0:0:root:/root:/bin/bash';
const nonrootUser = 'nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin';
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';

test('every image has root, nobody and nonroot', () => {
  assert.deepEqual(lines({}), [
    rootUser,
    nonrootUser,
    nobody,
    '--',
    'root:x:0:',
    'nonroot:x:65532:',
    'nogroup:x:65534:',
  ]);
});

test('a fixed account comes with a file of its name or number, and with its primary group', () => {
  const tree = {
    'var/cache/man': { type: 'directory', uid: 0, gid: 0, userName: 'man' },
    'usr/bin/wall': { gid: 5 },
    'var/mail': { type: 'directory', gid: 999, groupName: 'shadow' },
  } as const;
  const found = lines({ tree });
  assert.ok(found.includes('man:x:6:12:man:/var/cache/man:/usr/sbin/nologin'));
  assert.ok(found.includes('man:x:12:'));
  assert.ok(found.includes('tty:x:5:'));
  assert.ok(found.includes('shadow:x:42:'), 'dpkg takes the name before the number');
});

test('where base-passwd is installed, its own masters count', () => {
  const installed = Object.fromEntries(
    Object.entries(basePasswd['base-passwd']).map(([path, content]) => [path, { content }]),
  );
  const tree = { ...installed, 'var/cache/man': { type: 'directory', userName: 'man' } } as const;
  const { accounts } = collectAccounts(effectInput({ tree }));
  assert.equal(accounts.users.find(({ name }) => name === 'man')?.uid, 6);
});

test('system accounts: the id of the table, whatever else is in the image', () => {
  const redis = { name: 'redis-server', scripts: { postinst: 'adduser --system --home /var/lib/redis --group redis' } };
  const other = { name: 'a', scripts: { postinst: 'addgroup --system zzz; adduser --system --group zookeeper' } };
  const want = 'redis:x:202:202::/var/lib/redis:/usr/sbin/nologin';
  assert.ok(lines({ packages: [redis] }).includes(want));
  assert.ok(lines({ packages: [other, redis] }).includes(want));
  assert.ok(lines({ packages: [redis] }).includes('redis:x:202:'));
});

test('without a table entry the id comes from the name, between 200 and 899', () => {
  const tree = { 'usr/lib/sysusers.d/x.conf': 'u zebra - "A zebra" /var/lib/zebra\ng stripes -\nm zebra stripes\n' };
  const first = collect({ tree }).accounts;
  const zebra = first.users.find(({ name }) => name === 'zebra');
  assert.ok(zebra !== undefined && zebra.uid >= 200 && zebra.uid <= 899);
  assert.equal(zebra.gid, zebra.uid);
  assert.deepEqual(first.groups.find(({ name }) => name === 'stripes')?.members, ['zebra']);
  const more = { ...tree, 'usr/lib/sysusers.d/a.conf': 'u antelope -\nu postgres -\n' };
  assert.equal(collect({ tree: more }).accounts.users.find(({ name }) => name === 'zebra')?.uid, zebra.uid);
});

test('an id that the package fixes wins; a second name for it is told', () => {
  const tree = { 'usr/lib/sysusers.d/x.conf': 'u redis 64055\nu libvirt-qemu 64055:kvm\n' };
  const { accounts, warnings } = collect({ tree });
  assert.equal(accounts.users.find(({ name }) => name === 'redis')?.uid, 64055);
  assert.deepEqual(warnings, ['The users "libvirt-qemu" and "redis" have the same number 64055']);
});

test('a user called like a fixed group does not take the number of a fixed user', () => {
  const found = collect({ tree: { 'usr/lib/sysusers.d/x.conf': 'u adm -\n' } }).accounts;
  const adm = found.users.find(({ name }) => name === 'adm');
  assert.ok(adm !== undefined && adm.uid >= 200);
  assert.equal(adm.gid, 4);
});

test('joining a group needs both; a fixed group comes in for it', () => {
  const scripts = {
    postinst: 'adduser --system web\nadduser web shadow\nadduser web ssl-cert\nusermod -aG shadow ghost',
  };
  const { accounts } = collect({ packages: [{ name: 'web', scripts }] });
  assert.deepEqual(
    accounts.groups.map(({ name, members }) => `${name}: ${members}`),
    ['root: ', 'shadow: web', 'nonroot: ', 'nogroup: '],
  );
  assert.equal(accounts.users.find(({ name }) => name === 'web')?.gid, 65534);
});

test('a call that only a shell could read is told, not guessed', () => {
  const { warnings, accounts } = collect({
    packages: [{ name: 'p', scripts: { postinst: 'adduser --system "$(cat /x)"' } }],
  });
  assert.deepEqual(warnings, [
    'p (postinst) may create an account with "adduser --system ?", which only running it would tell',
  ]);
  assert.equal(accounts.users.length, 3);
});

const app = { name: 'app', uid: undefined, group: undefined, groups: [], home: undefined, shell: undefined };

function withUsers(...users: EffectSettings['users']) {
  return { settings: { users } };
}

test('accounts of the configuration', () => {
  const found = lines({
    settings: { users: [{ ...app, uid: 1500, groups: ['www-data'] }], groups: [{ name: 'ops', gid: 70 }] },
  });
  assert.deepEqual(found, [
    rootUser,
    'app:x:1500:1500::/home/app:/usr/sbin/nologin',
    nonrootUser,
    nobody,
    '--',
    'root:x:0:',
    'www-data:x:33:app',
    'ops:x:70:',
    'app:x:1500:',
    'nonroot:x:65532:',
    'nogroup:x:65534:',
  ]);
  const derived = collect(withUsers(app)).accounts.users.find(({ name }) => name === 'app');
  assert.ok(derived !== undefined && derived.uid >= 1000 && derived.uid < 10_000);
  const shell = lines(withUsers({ ...app, name: 'www-data', shell: '/bin/sh' }));
  assert.ok(shell.includes('www-data:x:33:33:www-data:/var/www:/bin/sh'));
  const moved = collect({
    ...withUsers({ ...app, name: 'redis', uid: 999 }),
    packages: [{ name: 'redis', scripts: { postinst: 'adduser --system --home /var/lib/redis --group redis' } }],
  });
  assert.deepEqual(
    moved.accounts.users.find(({ name }) => name === 'redis'),
    { name: 'redis', uid: 999, gid: 999, comment: '', home: '/var/lib/redis', shell: '/usr/sbin/nologin' },
  );
});

test('mistakes in the configuration are refused by name', () => {
  const refused = (users: EffectSettings['users'], message: RegExp, hint = /./) =>
    assert.throws(
      () => collect({ settings: { users } }),
      (error) =>
        isSlimimageError(error, 'ACCOUNT_INVALID') && message.test(error.message) && hint.test(error.hint ?? ''),
      String(message),
    );
  refused([{ ...app, name: 'a:b' }], /"a:b"/);
  refused([{ ...app, name: '0' }], /"0"/);
  refused([app, app], /configured twice/);
  refused([{ ...app, uid: -1 }], /uid -1/);
  refused([{ ...app, uid: 65535 }], /uid 65535/);
  refused([{ ...app, uid: 1.5 }], /uid 1\.5/);
  refused([{ ...app, home: 'home/app' }], /home of user "app"/);
  refused([{ ...app, shell: '/bin/sh\nroot::0:0::/:/bin/sh' }], /shell of user "app"/);
  refused([{ ...app, uid: 65532 }], /same number 65532/);
  refused([{ ...app, name: 'nonroot', uid: 1000 }], /"nonroot" has the number 65532/);
  refused([{ ...app, groups: ['www-dat'] }], /no group "www-dat"/, /Did you mean "www-data"/);
});

test('files: passwd, group and homes; nothing in an image that wants no account', () => {
  const input = effectInput({ donors: basePasswd, ...withUsers({ ...app, uid: 1500, home: '/srv/app' }) });
  const made = picture(accountEntries(input, collectAccounts(input)));
  assert.deepEqual(Object.keys(made), ['etc/passwd', 'etc/group', 'srv/app']);
  assert.equal(made['srv/app'], 'directory 0700 1500:1500');
  assert.match(made['etc/passwd'] ?? '', /^file 0644 root:x:0:0:/);
  const scratch = effectInput({ settings: { base: 'none' } });
  assert.deepEqual(accountEntries(scratch, collectAccounts(scratch)), []);
});

test('a passwd of the configuration stays as it is; accounts of an image below stay too', () => {
  const own = effectInput({ tree: { 'etc/passwd': 'me:x:7:8::/:/bin/sh\n' } });
  const collected = collectAccounts(own);
  assert.deepEqual(accountEntries(own, collected), []);
  assert.equal(resolveUser('me', collected.accounts).text, '7:8');
  assert.equal(resolveUser('nonroot', collected.accounts).text, '65532:65532');
  const existing = { passwd: 'root:x:0:0::/:/bin/sh\nredis:x:101:102::/:/bin/sh\n', group: 'redis:x:102:redis\n' };
  const packages = [
    { name: 'redis', scripts: { postinst: 'adduser --system --group redis; adduser --system postgres' } },
  ];
  const found = lines({ settings: { existing }, packages });
  assert.ok(found.includes('redis:x:101:102::/:/bin/sh'));
  assert.ok(found.includes('postgres:x:200:65534::/nonexistent:/usr/sbin/nologin'));
});

test('the image user and owners as numbers', () => {
  const { accounts } = collect({
    packages: [
      {
        name: 'p',
        scripts: {
          postinst: 'adduser --system --group redis; adduser redis shadow; adduser --system --group postgres',
        },
      },
    ],
    settings: { owners: ['www-data'] },
  });
  const user = (text: string) => resolveUser(text, accounts).text;
  assert.equal(user('nonroot'), '65532:65532');
  assert.equal(user('postgres'), '200:200');
  assert.equal(user('redis'), '202', 'engines look up more groups for a bare uid only');
  assert.equal(user('202:www-data'), '202:33');
  assert.equal(user('200'), '200:200');
  assert.equal(user('4711'), '4711:0');
  assert.equal(user('root'), '0:0');
  assert.deepEqual(resolveOwner('www-data', accounts), { uid: 33, gid: 33 });
  assert.deepEqual(resolveOwner('4711', accounts), { uid: 4711, gid: 4711 });
  assert.deepEqual(resolveOwner('0:postgres', accounts), { uid: 0, gid: 200 });
  for (const [text, hint] of [
    ['nonrot', /Did you mean "nonroot"/],
    ['something-else', /accounts: \{ users/],
    ['a:b:c', /NAME:GROUP/],
    ['', /NAME/],
    ['99999999999', /4294967294/],
  ] as const) {
    assert.throws(
      () => user(text),
      (error) => isSlimimageError(error, 'ACCOUNT_INVALID') && hint.test(error.hint ?? ''),
      text,
    );
  }
});
