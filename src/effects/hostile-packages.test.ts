import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { confinePath } from '../rootfs/path.ts';
import { collectAccounts } from './collect-accounts.ts';
import { generateEntries } from './generate-entries.ts';
import { effectInput, picture, type TreeLiteral } from './testing.ts';
import type { EffectResult } from './types.ts';

const masters = {
  'usr/share/base-passwd/passwd.master':
    'www-data:*:33:33:www-data:/var/www:/usr/sbin/nologin\ntoor:*:0:0::/root:/bin/sh\n',
  'usr/share/base-passwd/group.master': 'adm:*:4:\nwww-data:*:33:\nwheel:*:0:\n',
};

/** What a package with this postinst and these files leaves. */
function play(postinst: string, tree: TreeLiteral = {}): EffectResult {
  const packages = [{ name: 'evil', scripts: { postinst } }];
  return generateEntries(effectInput({ tree, packages, donors: { 'base-passwd': masters } }));
}

function pictureOf(postinst: string, tree?: TreeLiteral): Readonly<Record<string, string>> {
  const { entries } = play(postinst, tree);
  for (const { path } of entries) assert.equal(confinePath(path), path);
  return picture(entries);
}

const harmless = pictureOf('');

/** What the script adds to an image without one. */
function added(postinst: string, tree?: TreeLiteral): Readonly<Record<string, string>> {
  const own = Object.entries(pictureOf(postinst, tree));
  return Object.fromEntries(own.filter(([path, text]) => harmless[path] !== text && !path.startsWith('var/lib/dpkg')));
}

test('accounts and what opens them are not for scripts to write', () => {
  const script = `
echo 'toor::0:0::/root:/bin/sh' >> /etc/passwd
echo 'wheel::0:evil' > /etc/group
mkdir /etc/passwd; touch /etc/passwd/x
ln -s /etc /etc/self; echo x > /etc/self/shadow
cp /usr/share/evil/shadow /etc/shadow
mkdir -p /root/.ssh; echo 'ssh-ed25519 AAAA' > /root/.ssh/authorized_keys
echo 'ssh-ed25519 AAAA' > /home/nonroot/.ssh/authorized_keys
for name in passwd shadow group; do
  update-alternatives --install /etc/$name $name /usr/share/evil/shadow 10
done
update-alternatives --install /root/.bashrc rc /usr/share/evil/shadow 10`;
  const tree = { 'usr/share/evil/shadow': 'root::1::::::\n', etc: { type: 'directory' } } as const;
  const choices = Object.keys(added(script, tree)).filter((path) => !path.startsWith('etc/alternatives/'));
  assert.deepEqual(choices, ['etc/self']);
});

test('no package gets the number of root', () => {
  for (const [script, tree] of [
    ['adduser --system --uid 0 toor', {}],
    ['useradd -o -u 0 -g 0 toor', {}],
    ['groupadd -o -g 0 wheel', {}],
    ['', { 'usr/lib/sysusers.d/x.conf': 'u toor 0:0 - /root /bin/sh\ng wheel 0\n' }],
    ['chown toor:wheel /etc/x', { 'etc/x': '' }],
    ['', { 'etc/x.conf': 'user toor wheel;\n' }],
  ] as const) {
    const { accounts } = play(script, tree);
    assert.deepEqual(
      [...accounts.users.filter(({ uid }) => uid === 0), ...accounts.groups.filter(({ gid }) => gid === 0)].map(
        ({ name }) => name,
      ),
      ['root', 'root'],
      script,
    );
  }
  assert.match(play('adduser --system --uid 0 toor').warnings.join(), /evil \(postinst\) wants .* the number of root/);
});

test('a private key is not written, nor copied', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nx\n-----END EC PRIVATE KEY-----\n';
  const script = `cat > /etc/x.pem <<E\n${key}E\ncp /usr/share/x.pem /etc/y.pem`;
  assert.deepEqual(added(script, { 'usr/share/x.pem': key, etc: { type: 'directory' } }), {});
});

test('links and folders in the places of others: the others stay, and nothing is outside', () => {
  const tree = { 'etc/dir/file': '', 'etc/dir': { type: 'directory' }, 'usr/bin/x': '' } as const;
  const script = `
ln -s / /etc/x; echo y > /etc/x/../../y
ln -s /../../.. /etc/out; echo z > /etc/out/z
ln -s /tmp /etc/ssl; ln -s / /var/lib/dpkg
update-alternatives --install /etc/dir d /usr/bin/x 1
update-alternatives --install /etc/alternatives e /usr/bin/x 1
update-alternatives --install /etc/passwd/below f /usr/bin/x 1
update-alternatives --install /../outside g /usr/bin/x 1
update-alternatives --install /usr/bin/h ../../h /usr/bin/x 1
update-alternatives --install /usr/bin/i 'i
j' /usr/bin/x 1
touch '/etc/a
b'; mkdir "/etc/c
d"`;
  const paths = Object.keys(added(script, tree)).filter((path) => !path.startsWith('etc/alternatives/'));
  assert.deepEqual(paths, ['etc/out', 'etc/ssl', 'etc/x', 'y', 'z']);
});

test('tmpfiles.d stays inside, and away from accounts', () => {
  const lines = ['d /../../a', 'f /etc/passwd - - - - toor::0:0', 'L /etc/shadow - - - - /usr/share/x', 'd /etc/group'];
  const tree = { 'usr/lib/tmpfiles.d/x.conf': [...lines, 'f /root/.profile - - - - x', 'd /proc/x', ''].join('\n') };
  assert.deepEqual(added('', tree), { a: 'directory 0755' });
});

test('chown -R of everything changes owners of packaged paths, and of nothing else', () => {
  const { changes, entries } = play('chown -R www-data /', { 'usr/bin/x': '', 'var/lib': { type: 'directory' } });
  assert.deepEqual(
    changes.map(({ path, uid }) => `${path} ${uid}`),
    ['usr/bin/x 33', 'var/lib 33'],
  );
  assert.ok(entries.filter(({ path }) => /^(etc|root)\b/.test(path)).every(({ uid }) => uid === 0));
});

test('what is too much ends with an error, soon', { timeout: 20_000 }, () => {
  const many = (line: (at: number) => string, count: number) =>
    Array.from({ length: count }, (_, at) => line(at)).join('');
  const lines = 60_000;
  assert.throws(
    () => play('', { 'usr/lib/tmpfiles.d/x.conf': many((at) => `d /srv/${at}\n`, lines) }),
    (error: unknown) => isSlimimageError(error) && error.code === 'LIMIT_EXCEEDED',
  );
  assert.throws(
    () => play('', { 'usr/lib/sysusers.d/x.conf': many((at) => `u a${at} ${at + 1000}\n`, 10_001) }),
    (error: unknown) => isSlimimageError(error) && error.code === 'LIMIT_EXCEEDED',
  );
  assert.throws(
    () =>
      play(
        many((at) => `cp -r /srv /srv/${at}\n`, 40),
        { 'srv/a': '', srv: { type: 'directory' } },
      ),
    (error: unknown) => isSlimimageError(error) && error.code === 'LIMIT_EXCEEDED',
  );
  assert.ok(play(many(() => 'echo x>>/etc/a\n', 5_000)).entries.length > 0);
});

test('accounts that settings name as a user or group are there', () => {
  for (const text of [
    'user www-data;\nworker_processes auto;\n',
    'export APACHE_RUN_USER=www-data\n',
    '[www]\nlisten.owner = www-data\n',
    'server.username = "www-data"\n',
    'chown-socket = adm:www-data\n',
    'User www-data\n',
  ]) {
    const { accounts } = collectAccounts(
      effectInput({ tree: { 'etc/x/x.conf': text }, donors: { 'base-passwd': masters } }),
    );
    assert.ok(
      accounts.users.some(({ name }) => name === 'www-data'),
      text,
    );
  }
  for (const text of [
    '# user www-data;\n',
    ';user = www-data\n',
    'path www-data\n',
    'users of www-data are many\n',
    `user${' '.repeat(100_000)}%\n`,
  ]) {
    const { accounts } = collectAccounts(
      effectInput({ tree: { 'etc/x/x.conf': text }, donors: { 'base-passwd': masters } }),
    );
    assert.ok(!accounts.users.some(({ name }) => name === 'www-data'), text);
  }
});
