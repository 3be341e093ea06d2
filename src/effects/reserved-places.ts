import { isWithin } from '../rootfs/path.ts';

/** What engines mount, what other effects make, and what only a running machine or a package tool has. */
const reserved = [
  ...['dev', 'proc', 'run', 'sys', 'tmp', 'var/tmp', 'var/run', 'var/lock', 'boot'],
  ...['var/lib/dpkg', 'var/lib/ucf', 'var/lib/apt', 'var/cache/debconf', 'var/lib/systemd', 'var/lib/update-rc.d'],
  ...['etc/systemd', 'etc/init.d', 'etc/rc.d', 'etc/alternatives', 'var/lib/pam', 'etc/apparmor.d'],
  ...['usr/share/doc', 'usr/share/man', 'usr/share/info', 'etc/cron.d', 'etc/logrotate.d', 'usr/lib/systemd'],
  // Whoever may log in as root is the configuration's to say.
  'root',
];

/** Files that no image has, or that have an effect of their own. */
const reservedFiles = new Set([
  ...['etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow', 'etc/subuid', 'etc/subgid', 'etc/hosts', 'etc/hostname'],
  ...['etc/resolv.conf', 'etc/machine-id', 'etc/mtab', 'etc/fstab', 'etc/motd', 'etc/ld.so.cache', 'etc/mailname'],
  ...['etc/nsswitch.conf', 'etc/shells', 'etc/inittab', 'etc/ca-certificates.conf', 'etc/adjtime'],
]);

export function isReserved(path: string): boolean {
  return reserved.some((folder) => isWithin(path, folder)) || /^etc\/rc[0-9S]\.d(\/|$)/.test(path);
}

/** Copies of what was there before, and files on their way to another name. */
export function isTemporary(path: string): boolean {
  return /(mktemp\.[0-9]+|\.dpkg-[a-z]+|\.distrib|\.tmp|\.new|\.old|~)$/.test(path);
}

/** Where scripts make neither file nor link; a folder they may. */
export function isFileReserved(path: string): boolean {
  return (
    isFileTaken(path) || ['var/log', 'var/cache', 'home', 'etc/ssl/private'].some((folder) => isWithin(path, folder))
  );
}

/** Where nothing of a script has a place: what it is is settled elsewhere, and it is no folder. */
export function isFileTaken(path: string): boolean {
  return reservedFiles.has(path);
}
