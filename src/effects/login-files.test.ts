import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pamCommonFiles } from './pam.ts';
import { scriptCalls } from './script-calls.ts';
import { loginShells } from './shells.ts';
import { effectInput, picture, type TreeLiteral } from './testing.ts';
import { timeZone } from './time-zone.ts';

function pam(profiles: Readonly<Record<string, string>>, postinst = 'pam-auth-update --package') {
  const tree = {
    'usr/share/pam/common-auth': `#
# here are the per-package modules (the "Primary" block)
$auth_primary
# here's the fallback if no module succeeds
auth	requisite	pam_deny.so
# and here are more per-package modules (the "Additional" block)
$auth_additional
# end of pam-auth-update config
`,
    ...Object.fromEntries(Object.entries(profiles).map(([name, text]) => [`usr/share/pam-configs/${name}`, text])),
  };
  const input = effectInput({ tree, packages: [{ name: 'libpam-runtime', scripts: { postinst } }] });
  return picture(pamCommonFiles(input, scriptCalls(input)))['etc/pam.d/common-auth']?.split('\n');
}

const unix = `Name: Unix authentication
Default: yes
Priority: 256
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_unix.so nullok try_first_pass
Auth-Initial:
	[success=end default=ignore]	pam_unix.so nullok
`;
const ldap = unix.replace('Unix', 'LDAP').replace('256', '128').replaceAll('pam_unix.so nullok', 'pam_ldap.so');
const cap = 'Name: caps\nDefault: yes\nPriority: 0\nAuth-Type: Additional\nAuth:\n\toptional\tpam_cap.so\n';

test('one profile: its initial lines, and jumps behind the block', () => {
  assert.deepEqual(pam({ unix }), [
    'file 0644 #',
    '# here are the per-package modules (the "Primary" block)',
    'auth\t[success=1 default=ignore]\tpam_unix.so nullok',
    "# here's the fallback if no module succeeds",
    'auth\trequisite\tpam_deny.so',
    '# and here are more per-package modules (the "Additional" block)',
    '# end of pam-auth-update config',
    '',
  ]);
});

test('several profiles by priority, the first with its initial lines; additional ones in their block', () => {
  const lines = pam({ ldap, unix, cap })?.filter((line) => line.startsWith('auth'));
  assert.deepEqual(lines, [
    'auth\t[success=2 default=ignore]\tpam_unix.so nullok',
    'auth\t[success=1 default=ignore]\tpam_ldap.so try_first_pass',
    'auth\trequisite\tpam_deny.so',
    'auth\toptional\tpam_cap.so ',
  ]);
});

test('profiles that are off, turned on or off by a script, or in conflict', () => {
  const off = cap.replace('Default: yes', 'Default: no');
  const modules = (profiles: Readonly<Record<string, string>>, script?: string) =>
    pam(profiles, script)?.flatMap((line) => /pam_(\w+)\.so/.exec(line)?.[1] ?? []);
  assert.deepEqual(modules({ unix, off }), ['unix', 'deny']);
  assert.deepEqual(modules({ unix, off }, 'pam-auth-update --package --enable off'), ['unix', 'deny', 'cap']);
  assert.deepEqual(modules({ unix, cap }, 'pam-auth-update --disable cap'), ['unix', 'deny']);
  assert.deepEqual(modules({ unix: `Conflicts: ldap\n${unix}`, ldap }), ['unix', 'deny']);
  assert.deepEqual(modules({ cap }), ['permit', 'deny', 'cap']);
  assert.deepEqual(modules({}), undefined);
});

const files: TreeLiteral = {
  bin: { type: 'symlink', linkTarget: 'usr/bin' },
  'usr/share/debianutils/shells': '# /etc/shells: valid login shells\n/bin/sh\n',
  'usr/share/debianutils/shells.d/bash': '/bin/bash\n/bin/rbash\n/usr/bin/bash\n/usr/bin/rbash\n',
  'usr/share/debianutils/shells.d/dash': '/usr/bin/dash\n',
  'usr/share/debianutils/shells.d/ash': '/usr/bin/ash # small\n',
};

test('login shells: those of Essential packages first, with the names that they really have, each once', () => {
  const essential = (name: string) => ({
    name,
    control: `Package: ${name}\nEssential: yes\n`,
    files: [{ path: `usr/share/debianutils/shells.d/${name}`, md5: '' }],
  });
  const screen = { name: 'screen', scripts: { postinst: 'add-shell /usr/bin/screen' } };
  const input = effectInput({ tree: files, packages: [essential('bash'), essential('dash'), screen] });
  assert.deepEqual(picture(loginShells(input, scriptCalls(input))), {
    'etc/shells': `file 0644 # /etc/shells: valid login shells
/bin/sh
/usr/bin/sh
/bin/bash
/usr/bin/bash
/bin/rbash
/usr/bin/rbash
/usr/bin/dash
/usr/bin/ash 
/usr/bin/screen
`,
  });
  assert.deepEqual(loginShells(effectInput({ tree: { ...files, 'etc/shells': 'mine' } }), []), []);
});

test('the time zone is UTC, in the form of each release', () => {
  const tree = { 'usr/share/zoneinfo/Etc/UTC': 'TZif' };
  const zone = (postinst: string, more: TreeLiteral = {}) => {
    const input = effectInput({ tree: { ...tree, ...more }, packages: [{ name: 'tzdata', scripts: { postinst } }] });
    return picture(timeZone(input, scriptCalls(input)));
  };
  const link = { 'etc/localtime': '-> /usr/share/zoneinfo/Etc/UTC' };
  assert.deepEqual(zone('echo "$TIMEZONE" > $DPKG_ROOT/etc/timezone'), {
    ...link,
    'etc/timezone': 'file 0644 Etc/UTC\n',
  });
  assert.deepEqual(zone('if test -f "$DPKG_ROOT/etc/timezone"; then echo x > /etc/timezone; fi; true'), link);
  assert.deepEqual(zone('true', { 'etc/localtime': 'mine' }), {});
  assert.deepEqual(timeZone(effectInput({ tree }), []), []);
});
