import type { LayerEntry } from '../rootfs/entry.ts';

/** Bytes of one file that are kept: dpkg's status of 5,000 packages has 6 MB. */
const keptBytes = 64 * 1024 * 1024;

const exact = new Set([
  'etc/os-release',
  'usr/lib/os-release',
  'etc/debian_version',
  'etc/alpine-release',
  'etc/passwd',
  'etc/group',
  'etc/shadow',
  'etc/gshadow',
  'etc/shells',
  'etc/ld.so.cache',
  'etc/nsswitch.conf',
  'var/lib/dpkg/status',
  'var/lib/dpkg/statoverride',
  'var/lib/dpkg/diversions',
  'var/lib/apt/extended_states',
  'lib/apk/db/installed',
  'usr/lib/apk/db/installed',
]);

const patterns = [
  /^etc\/ld-musl-[^/]+\.path$/,
  /^var\/lib\/dpkg\/status\.d\/[^/]+$/,
  /^var\/lib\/dpkg\/info\/[^/]+\.(?:list|md5sums|conffiles)$/,
];

/** Whether the content of this entry of a layer is kept with what is known of the layer. */
export function isKept(entry: LayerEntry): boolean {
  if (entry.type !== 'file' || entry.size > keptBytes) return false;
  return exact.has(entry.path) || patterns.some((pattern) => pattern.test(entry.path));
}
