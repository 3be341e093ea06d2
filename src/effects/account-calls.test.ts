import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountCalls } from './account-calls.ts';
import { scriptCalls } from './script-calls.ts';
import { effectInput } from './testing.ts';

function calls(script: string): readonly string[] {
  const input = effectInput({ packages: [{ name: 'p', scripts: { postinst: script } }] });
  return accountCalls(scriptCalls(input)).map((call) => {
    if (call.type === 'unclear') return `unclear: ${call.call}`;
    if (call.type === 'group') return `group ${call.name} ${call.gid ?? '-'}`;
    if (call.type === 'member') return `${call.user} in ${call.group}`;
    return `user ${call.name} ${call.uid ?? '-'}:${call.group ?? 'own'} "${call.comment}" ${call.home} ${call.shell}`;
  });
}

test('adduser and addgroup as Debian scripts write them', () => {
  assert.deepEqual(
    calls(`
if ! getent passwd _chrony >/dev/null; then
        adduser --system \\
                --force-badname \\
                --group \\
                --home /var/lib/chrony \\
                --gecos "Chrony daemon" \\
                --no-create-home --quiet _chrony
fi
USER=memcache
GROUP=$USER
addgroup --system $GROUP >/dev/null
adduser --system --disabled-login --ingroup $GROUP --home /nonexistent --gecos "Memcached,,," --shell /bin/false $USER >/dev/null`),
    [
      'user _chrony -:own "Chrony daemon" /var/lib/chrony /usr/sbin/nologin',
      'group memcache -',
      'user memcache -:memcache "Memcached,,," /nonexistent /bin/false',
    ],
  );
  assert.deepEqual(
    calls('adduser --system --uid 64055 --gid 64056 x; adduser --quiet x video; addgroup --gid 50 --system g'),
    ['user x 64055:64056 "" /nonexistent /usr/sbin/nologin', 'x in video', 'group g 50'],
  );
  assert.deepEqual(calls('/usr/sbin/adduser --group --system y && adduser --group z; adduser person'), [
    'user y -:own "" /nonexistent /usr/sbin/nologin',
    'group z -',
    'user person -:own "" /home/person /bin/bash',
  ]);
});

test('useradd, groupadd, usermod and gpasswd', () => {
  assert.deepEqual(
    calls('groupadd -r -g 300 dns; useradd -rMs /bin/false -d /var/x -g dns -G tty,video -c "A b" dns'),
    ['group dns 300', 'user dns -:dns "A b" /var/x /bin/false', 'dns in tty', 'dns in video'],
  );
  assert.deepEqual(
    calls('useradd --system --no-user-group --home-dir=/x u; usermod -a -G video u; usermod -d /nonexistent u'),
    ['user u -:users "" /x /bin/sh', 'u in video'],
  );
  assert.deepEqual(calls('gpasswd -a u ssl-cert; gpasswd --delete u ssl-cert'), ['u in ssl-cert']);
});

test('what is not literal is unclear, what is no call is nothing', () => {
  assert.deepEqual(calls('adduser --system --home "$(pwd)" x; deluser x; echo adduser y; adduser --quiet'), [
    'unclear: adduser --system --home ? x',
  ]);
  assert.deepEqual(
    calls(`adduser --system 'x:0:0'; useradd -c 'a\nroot2::0:0::/:/bin/sh' y; adduser --system --uid "$(id)" z`),
    [
      'unclear: adduser --system x:0:0',
      'unclear: useradd -c a?root2::0:0::/:/bin/sh y',
      'unclear: adduser --system --uid ? z',
    ],
  );
});
