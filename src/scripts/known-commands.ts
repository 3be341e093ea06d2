import type { ScriptVerdict } from './types.ts';

/** What becomes of commands that maintainer scripts call, whatever their words. */
export interface KnownCommands {
  readonly verdict: ScriptVerdict;
  /** As reports have it: an effect's rule for `covered`. */
  readonly because: string;
  /** Names without folders. */
  readonly commands: readonly string[];
}

/** The table. Commands whose words decide stand in classify-command.ts. */
const knownCommands: readonly KnownCommands[] = [
  {
    verdict: 'nothing',
    because: 'the shell itself',
    commands: [
      ...[':', '.', '[', 'alias', 'cd', 'continue', 'command', 'declare', 'echo', 'exec', 'export', 'false', 'getopts'],
      ...['hash', 'local', 'popd', 'printf', 'pushd', 'pwd', 'read', 'readonly', 'set', 'shift', 'shopt', 'source'],
      ...['test', 'time', 'trap', 'true', 'type', 'typeset', 'ulimit', 'umask', 'unalias', 'unset', 'wait', 'mapfile'],
    ],
  },
  {
    verdict: 'nothing',
    because: 'it only reads',
    commands: [
      ...[
        'aa-enabled',
        'aa-status',
        'apt-config',
        'arch',
        'awk',
        'base64',
        'basename',
        'bc',
        'blkid',
        'cat',
        'chronyd',
        'cksum',
      ],
      ...['cmp', 'comm', 'cut', 'date', 'df', 'diff', 'dirname', 'dnsdomainname', 'dpkg-architecture', 'dpkg-query'],
      ...['dpkg-vendor', 'du', 'egrep', 'expr', 'fgrep', 'file', 'filerc', 'findmnt', 'fold', 'free', 'gawk', 'getcap'],
      ...['getconf', 'getent', 'getopt', 'grep', 'groups', 'head', 'host', 'hostid', 'hostname', 'id', 'ifconfig'],
      ...[
        'ifquery',
        'ip',
        'ischroot',
        'jq',
        'last',
        'ldd',
        'locale',
        'logger',
        'logname',
        'ls',
        'lsattr',
        'lsb_release',
      ],
      ...[
        'lsmod',
        'lsof',
        'lspci',
        'lsusb',
        'mawk',
        'md5sum',
        'mktemp',
        'mountpoint',
        'netstat',
        'nproc',
        'od',
        'paste',
      ],
      ...[
        'dpkg-realpath',
        'pathfind',
        'pg_checksystem',
        'pgrep',
        'phpquery',
        'pidof',
        'ps',
        'py3versions',
        'readlink',
        'realpath',
      ],
      ...['restorecon', 'rev', 'route', 'run-parts', 'runlevel', 'selinuxenabled', 'seq', 'sha1sum', 'sha256sum'],
      ...[
        'sha512sum',
        'sleep',
        'sort',
        'ss',
        'stat',
        'strings',
        'stty',
        'sync',
        'tac',
        'tail',
        'tempfile',
        'tput',
        'tr',
      ],
      ...['tty', 'ucfq', 'uname', 'uniq', 'uptime', 'uuidgen', 'vgdisplay', 'wc', 'which', 'who', 'whoami', 'ypcat'],
      ...['ypwhich', 'zcat', 'zgrep', 'a2query', 'xml2', 'iconv', 'lpstat', 'lpinfo', 'paperconf', 'sestatus', 'pwgen'],
      ...[
        'named-checkconf',
        'pg_lsclusters',
        'policyd-rate-limit',
        'proftpd',
        'slappasswd',
        'squid',
        'supported-versions',
      ],
      ...['systemd-detect-virt', 'check-language-support', 'sed', 'dnsdomainname', 'systemd-escape', 'systemd-path'],
    ],
  },
  {
    verdict: 'nothing',
    because: 'it cleans up after old versions',
    commands: [
      ...['dpkg-maintscript-helper', 'update-rc.d-insserv', 'deluser', 'delgroup', 'userdel', 'groupdel', 'rmdir'],
      ...['remove-shell', 'db_purge', 'emacs-package-remove', 'emacs-remove', 'pypy3clean', 'py3clean'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'services',
    commands: [
      ...[
        'deb-systemd-helper',
        'deb-systemd-invoke',
        'insserv',
        'invoke-rc.d',
        'journalctl',
        'kill',
        'killall',
        'pkill',
      ],
      ...['rcconf', 'runit-helper', 'service', 'start-stop-daemon', 'systemctl', 'systemd-machine-id-setup', 'telinit'],
      'dbus-uuidgen',
      ...['update-rc.d', 'update-service', 'initctl', 'pm2-helper', 'update-inetd', 'inetd2rlinetd', 'apache2_reload'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'debconf',
    commands: [
      ...['db_beginblock', 'db_capb', 'db_clear', 'db_endblock', 'db_exist', 'db_fget', 'db_fset', 'db_get', 'db_go'],
      ...['db_info', 'db_input', 'db_metaget', 'db_progress', 'db_register', 'db_reset', 'db_set', 'db_settitle'],
      ...['db_stop', 'db_subst', 'db_title', 'db_unregister', 'db_version', 'db_visible', 'db_x_loadtemplatefile'],
      ...['debconf-set-selections', 'debconf-communicate', 'debconf', 'debconf-loadtemplate'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'the host: kernel, devices, security modules',
    commands: [
      ...['aa-remove-unknown', 'apparmor_parser', 'depmod', 'MAKEDEV', 'mknod', 'modprobe', 'sysctl', 'udevadm'],
      ...['systemd-hwdb', 'update-grub', 'update-initramfs', 'mount', 'umount', 'swapon', 'hwclock', 'setupcon'],
      ...[
        'notify-reboot-required',
        'rmmod',
        'insmod',
        'dkms',
        'semodule',
        'chcon',
        'iptables',
        'nft',
        'update-binfmts',
      ],
      ...['rfkill', 'setserial', 'swapoff', 'ifup', 'ifdown', 'update-secureboot-policy'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'manuals, menus and the desktop',
    commands: [
      ...['fc-cache', 'gtk-update-icon-cache', 'gtk-update-icon-cache-3.0', 'install-docs', 'install-info', 'mandb'],
      ...['update-desktop-database', 'update-icon-caches', 'update-info-dir', 'update-menus', 'xdg-desktop-menu'],
      ...['xdg-icon-resource', 'update-mime', 'dconf', 'update-fonts-dir', 'update-fonts-alias', 'update-fonts-scale'],
      ...['mkfontdir', 'mkfontscale', 'appstreamcli', 'update-notifier', 'update-motd', 'gconf-schemas', 'texhash'],
      ...['gtk-query-immodules-2.0', 'gtk-query-immodules-3.0'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'byte code and caches that programs make for themselves',
    commands: [
      ...['py3compile', 'pycompile', 'pypy3compile', 'pypycompile', 'emacs-package-install', 'emacs-install'],
      ...['update-python-modules', 'dh_python3', 'byte-compile'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'the package database',
    commands: [
      'dpkg-trigger',
      'ucfr',
      'apt-mark',
      'apt-key',
      'update-apt-xapian-index',
      'dpkg-preconfigure',
      'pg_updateaptconfig',
    ],
  },
  {
    verdict: 'covered',
    because: 'accounts',
    commands: [...['systemd-sysusers', 'passwd', 'update-passwd', 'shadowconfig', 'pwconv', 'grpconv', 'chage']],
  },
  {
    verdict: 'irrelevant',
    because: 'private keys, which no image has',
    commands: [
      ...[
        'curvedns-keygen',
        'dnssec-trigger-control-setup',
        'dropbearkey',
        'make-ssl-cert',
        'mkdhparams',
        'mkesmtpdcert',
      ],
      ...[
        'mkimapdcert',
        'mkpop3dcert',
        'nsd-control-setup',
        'ovs-pki',
        'pqconnect-keygen',
        'rndc-confgen',
        'ssh-keygen',
      ],
      ...['stenokeys', 'unbound-control-setup', 'xrdp-keygen', 'iscsi-iname', 'unbound-anchor'],
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'databases, which are made where their data lives',
    commands: [
      'configure_version',
      'configure_client_version',
      'mariadb-install-db',
      'mysql_install_db',
      'pg_createcluster',
    ],
  },
  {
    verdict: 'irrelevant',
    because: 'catalogues of document types',
    commands: ['xmlcatalog'],
  },
  { verdict: 'covered', because: 'xml catalogues', commands: ['update-catalog', 'update-xmlcatalog'] },
  { verdict: 'covered', because: 'alternatives', commands: ['update-alternatives', 'configure-symlinks'] },
  { verdict: 'covered', because: 'library cache', commands: ['ldconfig'] },
  { verdict: 'covered', because: 'certificates', commands: ['update-ca-certificates'] },
  { verdict: 'covered', because: 'login shells', commands: ['add-shell', 'update-shells'] },
  { verdict: 'covered', because: 'pam', commands: ['pam-auth-update'] },
  { verdict: 'covered', because: 'copied defaults', commands: ['pg_updatedicts'] },
  { verdict: 'covered', because: 'service folders', commands: ['systemd-tmpfiles'] },
  {
    verdict: 'covered',
    because: 'script files',
    commands: [
      ...['phpenmod', 'phpdismod', 'php_invoke', 'php-maintscript-helper', 'a2enmod', 'a2enconf', 'a2ensite'],
      ...['apache2_invoke', 'apache2_switch_mpm', 'a2dismod', 'a2disconf', 'a2dissite'],
    ],
  },
  { verdict: 'covered', because: 'glib schemas', commands: ['glib-compile-schemas'] },
  { verdict: 'covered', because: 'gio modules', commands: ['gio-querymodules'] },
  { verdict: 'covered', because: 'image loaders', commands: ['gdk-pixbuf-query-loaders'] },
  { verdict: 'covered', because: 'media types', commands: ['update-mime-database'] },
  { verdict: 'irrelevant', because: 'the locale of logins', commands: ['locale-gen', 'update-locale'] },
];

const byName = new Map(knownCommands.flatMap((entry) => entry.commands.map((name) => [name, entry] as const)));

export function knownCommand(name: string): KnownCommands | undefined {
  return byName.get(name);
}
