import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFilters, defaultFilters, defaultOmission, extendFilters } from './filters.ts';

const kept = [
  'usr/bin/man',
  'usr/share/doc/bash',
  'usr/share/doc/bash/copyright',
  'usr/share/docs/x',
  'usr/share/manual/x',
  'usr/lib/locale/C.utf8/LC_CTYPE',
  'usr/local/share/man/x',
  'opt/usr/share/man/man1/x.1',
  'etc/.hidden',
];

const left = [
  'usr/share/doc/bash/README',
  'usr/share/doc/bash/examples/copyright',
  'usr/share/doc/bash/.hidden',
  'usr/share/doc-base/bash.info',
  'usr/share/gtk-doc/html/x',
  'usr/share/help/de/x',
  'usr/share/info/bash.info.gz',
  'usr/share/lintian/overrides/bash',
  'usr/share/locale/de/LC_MESSAGES/bash.mo',
  'usr/share/man/man1/bash.1.gz',
  'usr/share/man/.cache',
];

test('by default documentation and its like go, copyright files and links to documentation folders stay', () => {
  const keeps = compileFilters(defaultFilters);
  assert.deepEqual(
    kept.filter((path) => !keeps(path)),
    [],
  );
  assert.deepEqual(left.filter(keeps), []);
});

const omitted: Readonly<Record<string, readonly string[]>> = {
  documentation: ['usr/share/doc/bash/README'],
  'man pages': ['usr/share/man/man1/bash.1.gz'],
  'init scripts': ['etc/init.d/ssh', 'etc/rc2.d/S01ssh', 'etc/insserv.conf.d/x'],
  'systemd units': [
    'usr/lib/systemd/system/ssh.service',
    'usr/lib/systemd/user/ssh-agent.socket',
    'usr/lib/systemd/system-preset/90.preset',
    'usr/lib/systemd/user-generators/x',
    'etc/systemd/system/x.target.wants/ssh.service',
  ],
  'cron jobs': ['etc/cron.d/php', 'etc/cron.daily/apt', 'etc/cron.daily/.placeholder'],
  'log rotation': ['etc/logrotate.d/nginx'],
  'shell completions': [
    'usr/share/bash-completion/completions/git',
    'etc/bash_completion.d/git-prompt',
    'usr/share/zsh/vendor-completions/_curl',
    'usr/share/fish/vendor_completions.d/curl.fish',
  ],
  'bug scripts': ['usr/share/bug/libc6/script', 'usr/share/apport/package-hooks/x.py'],
  'packaging helpers': ['usr/share/python3/debpython/files.py', 'usr/bin/py3compile', 'usr/share/menu/x'],
  'debugger scripts': ['usr/share/gdb/auto-load/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.33-gdb.py'],
  'store listings': ['usr/share/metainfo/x.xml'],
  'AppArmor profiles': ['etc/apparmor.d/usr.sbin.x', 'etc/apparmor.d/local/x'],
  'firewall profiles': ['etc/ufw/applications.d/nginx'],
  'network hooks': ['etc/network/if-up.d/x', 'etc/ppp/ipv6-up.d/x', 'etc/dhcp/dhclient-exit-hooks.d/x'],
  'device and kernel settings': ['usr/lib/udev/rules.d/60-x.rules', 'usr/lib/sysctl.d/x.conf', 'etc/modprobe.d/x.conf'],
};

const neverOmitted = [
  'usr/lib/tmpfiles.d/nginx.conf',
  'usr/lib/sysusers.d/redis.conf',
  'usr/lib/systemd/systemd-resolved',
  'usr/lib/systemd/libsystemd-shared-257.so',
  'usr/share/bash-completion/bash_completion',
  'usr/share/dbus-1/system.d/x.conf',
  'usr/share/applications/x.desktop',
  'usr/share/python3/py3versions.py',
  'etc/default/redis-server',
  'etc/rc.local',
  'etc/crontab',
  'etc/sysctl.conf',
  'etc/pam.d/common-auth',
];

test('what only serves an installation or a machine goes by default, each with its name', () => {
  const keeps = compileFilters(defaultFilters);
  for (const [what, paths] of Object.entries(omitted)) {
    for (const path of paths) assert.deepEqual([path, keeps(path), defaultOmission(path)], [path, false, what]);
  }
  for (const path of neverOmitted)
    assert.deepEqual([path, keeps(path), defaultOmission(path)], [path, true, undefined]);
  const wanted = compileFilters(extendFilters(defaultFilters, { exclude: [], include: ['usr/lib/systemd/**'] }));
  assert.equal(wanted('usr/lib/systemd/system/ssh.service'), true);
});

test('no excludes, nothing goes', () => {
  assert.deepEqual(
    [...kept, ...left].filter((path) => !compileFilters({ exclude: [], include: [] })(path)),
    [],
  );
});

test("a configuration's globs come on top, with or without leading slash, and its include beats every exclude", () => {
  const filters = extendFilters(defaultFilters, {
    exclude: ['/usr/lib/**/*.a', '/srv/**'],
    include: ['/usr/share/man/man1/bash.*', '/usr/lib/keep/**'],
  });
  const keeps = compileFilters(filters);
  const picture = Object.fromEntries(
    [
      'usr/lib/libx.a',
      'usr/lib/x86_64-linux-gnu/deep/libx.a',
      'usr/lib/libx.so',
      'usr/lib/keep/liby.a',
      'srv/x',
      'srv/.x/y',
      'usr/share/man/man1/bash.1.gz',
      'usr/share/man/man1/sh.1.gz',
      'usr/share/doc/bash/copyright',
    ].map((path) => [path, keeps(path)]),
  );
  assert.deepEqual(picture, {
    'usr/lib/libx.a': false,
    'usr/lib/x86_64-linux-gnu/deep/libx.a': false,
    'usr/lib/libx.so': true,
    'usr/lib/keep/liby.a': true,
    'srv/x': false,
    'srv/.x/y': false,
    'usr/share/man/man1/bash.1.gz': true,
    'usr/share/man/man1/sh.1.gz': false,
    'usr/share/doc/bash/copyright': true,
  });
});

test('a folder that is named goes with what is in it, and comes back with it', () => {
  const keeps = compileFilters(
    extendFilters(defaultFilters, { exclude: ['/opt'], include: ['usr/share/man/de/', 'opt/keep'] }),
  );
  const paths = [
    'opt',
    'opt/x',
    'opt/x/y',
    'opt/keep',
    'opt/keep/z',
    'optional',
    'usr/share/man/de/man1/x',
    'usr/share/man/fr',
  ];
  assert.deepEqual(paths.filter(keeps), ['opt/keep', 'opt/keep/z', 'optional', 'usr/share/man/de/man1/x']);
});
