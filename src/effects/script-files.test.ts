import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { confinePath } from '../rootfs/path.ts';
import { collectAccounts } from './collect-accounts.ts';
import { generateEntries } from './generate-entries.ts';
import { scriptCalls } from './script-calls.ts';
import { scriptFiles } from './script-files.ts';
import { effectInput, picture, type TreeLiteral } from './testing.ts';

const masters = {
  'usr/share/base-passwd/passwd.master': 'www-data:*:33:33:www-data:/var/www:/usr/sbin/nologin\n',
  'usr/share/base-passwd/group.master': 'adm:*:4:\nwww-data:*:33:\n',
};

function made(script: string, tree: TreeLiteral = {}): Readonly<Record<string, string>> {
  const input = effectInput({
    tree,
    packages: [{ name: 'p', scripts: { postinst: script } }],
    donors: { 'base-passwd': masters },
  });
  const calls = scriptCalls(input);
  const { entries, changes } = scriptFiles(input, { calls, accounts: collectAccounts(input, calls).accounts });
  const changed = changes.map(({ path, mode, uid, gid }) => [
    path,
    `${mode === undefined ? '' : `0${mode.toString(8)}`} ${uid ?? ''}:${gid ?? ''}`.trim(),
  ]);
  return { ...picture(entries), ...Object.fromEntries(changed) };
}

test('folders and whose they are', () => {
  const script = `
set -e
adduser --system --group --home /var/lib/redis --no-create-home --uid 150 redis
if [ ! -d /var/lib/redis ]; then mkdir -p -m 750 /var/lib/redis; fi
chown redis:redis /var/lib/redis
install -d -o redis -g adm -m 2750 /var/log/redis
install -d /srv/a/b
chgrp adm /srv/a
chmod g-x,o= /srv/a`;
  assert.deepEqual(made(script), {
    srv: 'directory 0755',
    'srv/a': 'directory 0740 0:4',
    'srv/a/b': 'directory 0755',
    var: 'directory 0755',
    'var/lib': 'directory 0755',
    'var/lib/redis': 'directory 0750 150:150',
    'var/log': 'directory 0755',
    'var/log/redis': 'directory 0750 150:4',
  });
});

test('the links of a merged /usr are left to the base layout', () => {
  const script = 'if [ ! -L /lib32 ]; then mkdir -p /usr/lib32; ln -s usr/lib32 /lib32; fi';
  const tree = {
    'usr/lib32': { type: 'directory', mode: 0o755 } as const,
    lib32: { type: 'symlink', linkTarget: 'usr/lib32' } as const,
  };
  assert.deepEqual(made(script, tree), {});
});

test('packaged paths get another owner or mode, never a set-user-id bit; unknown owners give nothing', () => {
  const folder = { type: 'directory', mode: 0o755 } as const;
  const tree = { 'etc/x': folder, 'etc/x/a.conf': '', 'etc/x/b.conf': '', 'etc/x/c': '', 'usr/bin/x': { mode: 0o755 } };
  assert.deepEqual(made('chmod 4750 /usr/bin/x; chgrp -R adm /etc/x; chown nobodyelse /etc/x', tree), {
    'usr/bin/x': '0750 :',
    'etc/x': ':4',
    'etc/x/a.conf': ':4',
    'etc/x/b.conf': ':4',
    'etc/x/c': ':4',
  });
  assert.deepEqual(made('chown www-data: /etc/x/*.conf; chmod u-w "$(ls)"', tree), {
    'etc/x/a.conf': '33:33',
    'etc/x/b.conf': '33:33',
  });
  const override =
    'dpkg-statoverride --list /etc/x >/dev/null || dpkg-statoverride --update --add root adm 0770 /etc/x';
  assert.deepEqual(made(override, tree), { 'etc/x': '0770 0:4' });
});

test('copies of packaged defaults, which never replace what is there', () => {
  const tree = {
    'usr/share/x/default.conf': 'default\n',
    'usr/share/x/list': { mode: 0o640, content: 'list' },
    'etc/there': 'packaged',
    'etc/x': { type: 'directory' },
  } as const;
  assert.deepEqual(
    made(
      `. /usr/share/debconf/confmodule
       ucf --three-way --debconf-ok /usr/share/x/default.conf /etc/x/x.conf
       ucfr x /etc/x/x.conf
       [ -e /etc/y.conf ] || cp /usr/share/x/default.conf /etc/y.conf
       cp -p /usr/share/x/l* /etc/x
       install -m 600 -g www-data /usr/share/x/default.conf /etc/x/secret
       cp /usr/share/x/default.conf /etc/there
       cp /usr/share/x/missing /etc/missing`,
      tree,
    ),
    {
      'etc/x/x.conf': 'file 0644 default\n',
      'etc/y.conf': 'file 0644 default\n',
      'etc/x/list': 'file 0640 list',
      'etc/x/secret': 'file 0600 0:33 default\n',
    },
  );
});

test('files with literal text; what is written otherwise is left out', () => {
  const script = `
umask 077
echo 'a "b"' > /etc/one
umask 022
{ echo a; date; } > /etc/group-of-commands
cat > /etc/two <<EOF
HOME=/var/lib/x
EOF
printf '%s=%s\\n' a 1 b 2 >> /etc/two
: > /etc/empty
date > /etc/two-dates
echo x > /etc/known; date >> /etc/known
echo hello >&2
echo log > /var/log/x.log; echo me > /etc/hostname; touch /run/x /etc/touched`;
  assert.deepEqual(made(script, { etc: { type: 'directory' } }), {
    'etc/one': 'file 0600 a "b"\n',
    'etc/two': 'file 0644 HOME=/var/lib/x\na=1\nb=2\n',
    'etc/empty': 'file 0644 ',
    'etc/touched': 'file 0644 ',
  });
});

test('links, temporary files, and what is taken away again', () => {
  const tree = {
    'etc/nginx/sites-available/default': 'site',
    'etc/nginx/sites-enabled': { type: 'directory' },
    'usr/share/ssh/sshd_config': 'Port 22\n',
    etc: { type: 'directory' },
  } as const;
  assert.deepEqual(
    made(
      `if [ ! -e /etc/nginx/sites-enabled/default ]; then
         ln -s /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default
       fi
       ln -s ../nginx/sites-available/default /etc/nginx/sites-enabled/
       ln -sr /etc/nginx/sites-available/default /etc/link
       new="$(mktemp)"; cp /usr/share/ssh/sshd_config "$new"; ucf "$new" /etc/sshd_config; rm -f "$new"
       echo x > /etc/a.dpkg-new; mv /etc/a.dpkg-new /etc/a
       touch /etc/gone; rm /etc/gone; rm -f /etc/nginx/sites-available/default`,
      tree,
    ),
    {
      'etc/nginx/sites-enabled/default': '-> /etc/nginx/sites-available/default',
      'etc/link': '-> nginx/sites-available/default',
      'etc/sshd_config': 'file 0644 Port 22\n',
      'etc/a': 'file 0644 x\n',
    },
  );
});

test('a condition that nobody knows: what it makes is made, what it takes away stays', () => {
  const script = `
if [ "$(stat -c %U /var/lib/x)" != www-data ]; then chown www-data /var/lib/x; fi
touch /etc/made
if some-program; then mkdir /srv/x; rm /etc/made; chmod 600 /etc/made; fi`;
  assert.deepEqual(made(script, { 'var/lib/x': { type: 'directory', mode: 0o755 }, etc: { type: 'directory' } }), {
    'var/lib/x': '33:',
    srv: 'directory 0755',
    'srv/x': 'directory 0755',
    'etc/made': 'file 0644 ',
  });
});

test('modules of PHP: every one for every interface, by the priority that its file names', () => {
  const script = `
. /usr/lib/php/php-maintscript-helper
for dsoname in mysqlnd curl; do
  ucf /usr/share/php8.4-x/$dsoname.ini /etc/php/8.4/mods-available/$dsoname.ini
  php_invoke enmod 8.4 ALL $dsoname
done`;
  const entries = made(script, {
    'usr/share/php8.4-x/mysqlnd.ini': '; configuration\n; priority=10\nextension=mysqlnd.so\n',
    'usr/share/php8.4-x/curl.ini': 'extension=curl.so\n',
    'usr/lib/php/8.4/sapi/cli': '',
    'usr/lib/php/8.4/sapi/fpm': '',
    'etc/php/8.4/cli/conf.d': { type: 'directory' },
  });
  const links = Object.entries(entries).filter(([, text]) => text.startsWith('->'));
  assert.deepEqual(Object.fromEntries(links), {
    'etc/php/8.4/cli/conf.d/10-mysqlnd.ini': '-> /etc/php/8.4/mods-available/mysqlnd.ini',
    'etc/php/8.4/cli/conf.d/20-curl.ini': '-> /etc/php/8.4/mods-available/curl.ini',
  });
});

test('modules of Apache with those that they depend on; of its ways to work one', () => {
  const available = (name: string, text = '') => ({ [`etc/apache2/mods-available/${name}.load`]: text });
  const tree = {
    ...available('mpm_event', '# Conflicts: mpm_worker mpm_prefork\n'),
    ...available('mpm_prefork', '# Conflicts: mpm_event mpm_worker\n'),
    ...available('php8.4', '# Depends: mime mpm_prefork\n'),
    ...available('mime'),
    'etc/apache2/mods-available/mime.conf': '',
    'etc/apache2/conf-available/charset.conf': '',
    'etc/apache2/sites-available/000-default.conf': '',
  };
  const script = `a2enmod -m -q mpm_event; a2enconf -m -q charset; a2ensite -q 000-default
. /usr/share/apache2/apache2-maintscript-helper; apache2_switch_mpm prefork; apache2_invoke enmod php8.4`;
  const links = Object.entries(made(script, tree)).filter(([, text]) => text.startsWith('->'));
  assert.deepEqual(Object.fromEntries(links), {
    'etc/apache2/conf-enabled/charset.conf': '-> ../conf-available/charset.conf',
    'etc/apache2/sites-enabled/000-default.conf': '-> ../sites-available/000-default.conf',
    'etc/apache2/mods-enabled/mpm_prefork.load': '-> ../mods-available/mpm_prefork.load',
    'etc/apache2/mods-enabled/php8.4.load': '-> ../mods-available/php8.4.load',
    'etc/apache2/mods-enabled/mime.load': '-> ../mods-available/mime.load',
    'etc/apache2/mods-enabled/mime.conf': '-> ../mods-available/mime.conf',
  });
});

test('tmpfiles.d: folders that a service needs, apart from /run and what is for machines', () => {
  const entries = made('', {
    'usr/lib/tmpfiles.d/x.conf': `# comment
d /run/x 0755 www-data www-data
d /var/lib/x 0750 www-data adm - -
f %S/x/state 0640 - - - "a state"
L /var/lib/x/link - - - - /usr/share/x
C /etc/x.conf - - - - /usr/share/x/x.conf
D! /var/lib/boot
d /var/lib/%H
`,
    'usr/lib/tmpfiles.d/y.conf': 'd /var/lib/y\n',
    'etc/tmpfiles.d/y.conf': 'd /var/lib/y 0700\n',
    'usr/share/x/x.conf': 'x\n',
    etc: { type: 'directory' },
    'var/lib': { type: 'directory' },
    var: { type: 'directory' },
  });
  assert.deepEqual(entries, {
    'etc/x.conf': 'file 0644 x\n',
    'var/lib/x': 'directory 0750 33:4',
    'var/lib/x/state': 'file 0640 a state',
    'var/lib/x/link': '-> /usr/share/x',
    'var/lib/y': 'directory 0700',
  });
});

test('nothing leaves the root, and no folder of a package becomes a file', () => {
  const tree = {
    'etc/dir/file': '',
    'etc/dir': { type: 'directory' },
    'etc/out': { type: 'symlink', linkTarget: '/' },
  } as const;
  assert.deepEqual(made('echo x > /etc/dir; mkdir -p /etc/dir/file/x; touch /../../etc/out/../../q', tree), {
    q: 'file 0644 ',
  });
});

test('any script and any configuration of packages leaves paths of the image or SlimimageError', () => {
  const word = fc.constantFrom(
    ...[
      '/etc/x',
      '/etc/../..',
      '/var/lib/y/',
      'root:adm',
      '-R',
      '-d',
      '-p',
      '-s',
      '0755',
      'g+w',
      '*',
      '/etc/*',
      '$(x)',
    ],
    ...['--add', '-m', '\\', '"', "'", '%', '/dev/null', '/usr/share/x', '>', '/etc/out', '<<E'],
  );
  const command = fc.constantFrom(
    ...['mkdir', 'install', 'chown', 'chmod', 'dpkg-statoverride', 'ln', 'cp', 'mv', 'rm', 'touch', 'ucf', 'echo'],
    ...['printf', 'cat', 'adduser', 'php_invoke enmod 8.4 ALL', 'a2enmod', 'umask', 'pam-auth-update', 'add-shell'],
  );
  const line = fc.tuple(command, fc.array(word, { maxLength: 6 })).map(([name, words]) => [name, ...words].join(' '));
  const anything = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join(' ')),
  );
  const input = fc.record({ lines: fc.array(line, { maxLength: 8 }), tmpfiles: anything, profile: anything });
  fc.assert(
    fc.property(input, ({ lines, tmpfiles, profile }) => {
      const tree = {
        'usr/lib/tmpfiles.d/x.conf': `d /var/lib/z ${tmpfiles}`,
        'usr/share/pam/common-auth': profile,
        'usr/share/pam-configs/x': profile,
        'usr/share/debianutils/shells': tmpfiles,
        'usr/share/x': profile,
      };
      const packages = [{ name: 'p', scripts: { postinst: lines.join('\n') } }];
      try {
        const { entries } = generateEntries(effectInput({ tree, packages }));
        for (const { path } of entries) assert.equal(confinePath(path), path);
      } catch (error) {
        assert.ok(isSlimimageError(error), String(error));
      }
    }),
    { numRuns: 300 },
  );
});
