import { unknown } from './state.ts';

/**
 * Folders that an image has no use for: what is made there at run time, belongs to the host, or serves the system that
 * packages are installed on (contract.md, "What is never there").
 */
const useless = [
  ...['/dev', '/proc', '/sys', '/run', '/var/run', '/tmp', '/var/tmp', '/var/lock', '/boot', '/mnt', '/media', '/root'],
  ...['/home', '/var/backups', '/var/cache', '/var/crash', '/var/lib/dpkg', '/var/lib/apt', '/var/lib/ucf'],
  ...['/var/lib/systemd', '/var/lib/update-rc.d', '/var/lib/debconf', '/etc/systemd', '/etc/init.d', '/etc/rc.d'],
  ...['/etc/apparmor.d', '/etc/cron.d', '/etc/cron.daily', '/etc/cron.hourly', '/etc/cron.weekly', '/etc/cron.monthly'],
  ...['/etc/logrotate.d', '/etc/udev', '/usr/lib/udev', '/lib/udev', '/usr/share/man', '/usr/share/info'],
  ...['/usr/share/doc', '/usr/share/lintian', '/usr/share/bug', '/etc/modprobe.d', '/etc/modules-load.d'],
  ...['/usr/local', '/etc/menu', '/var/lib/python', '/etc/sv', '/etc/service', '/var/log/installer', '/selinux'],
  ...['/etc/emacs', '/usr/share/emacs', '/var/lib/emacsen-common', '/etc/apt', '/etc/dpkg', '/etc/inetd.conf'],
  ...[
    '/etc/default/grub.d',
    '/etc/network',
    '/lib/modules',
    '/usr/lib/modules',
    '/etc/initramfs-tools',
    '/etc/rc.local',
  ],
  ...[
    '/var/lib/update-notifier',
    '/etc/crontab',
    '/etc/bash_completion.d',
    '/var/lib/initramfs-tools',
    '/etc/sysctl.d',
  ],
  ...[
    '/etc/alternatives',
    '/etc/ld.so.cache',
    '/etc/passwd',
    '/etc/group',
    '/etc/shadow',
    '/etc/gshadow',
    '/etc/mtab',
    '/etc/hosts',
    '/etc/hostname',
    '/etc/resolv.conf',
    '/etc/mailname',
    '/etc/machine-id',
    '/etc/fstab',
    '/etc/motd',
    '/etc/inittab',
    '/etc/adjtime',
    '/etc/subuid',
    '/etc/subgid',
  ],
];

/** Whether nothing at such a path matters. The beginning of a path may do, where the rest is unknown. */
export function isUselessPath(path: string): boolean {
  const clean = path.replace(/\/+/g, '/');
  return (
    /^\/etc\/rc[0-9S]\.d(\/|$)/.test(clean) ||
    useless.some((folder) => clean === folder || clean.startsWith(`${folder}/`))
  );
}

/** A path all of which is known. */
export function isKnownPath(path: string): boolean {
  return path.startsWith('/') && !path.includes(unknown);
}
