import { decodeUtf8 } from '../util/text.ts';
import { alwaysThere, type FixedAccounts } from './fixed-accounts.ts';
import type { EffectTree } from './types.ts';

/** Settings of programs are small; data is not looked through. */
const maxBytes = 256 * 1024;
const maxLine = 400;

/**
 * A setting that says whose a process or a file is: `user www-data;`, `User proxy`, `listen.owner = www-data`,
 * `export APACHE_RUN_GROUP=www-data`, `server.username = "www-data"`, `chown-socket = www-data:www-data`.
 */
const setting =
  /^[^#;]*?(?:user|group|owner|uid|gid|username|groupname|runas|run_as|chown-socket)["']?[ \t]*[=: \t][ \t]*["']?([A-Za-z_][\w-]*)(?:[ \t:]+([A-Za-z_][\w-]*))?["']?[ \t]*(?:[;,#].*)?\r?$/i;

/**
 * Debian's fixed accounts that files in /etc name as a user or group: a server that is told to run as one of them ends at
 * once where nobody has that name (`nginx: getpwnam("www-data") failed`). Sorted by place in Debian's own table.
 */
export function namedOwners(tree: EffectTree, fixed: FixedAccounts): readonly string[] {
  const known = new Set([...fixed.users.keys(), ...fixed.groups.keys()]);
  for (const name of [...alwaysThere.users, ...alwaysThere.groups]) known.delete(name);
  if (known.size === 0) return [];
  const found = new Set<string>();
  for (const path of tree.below('etc')) {
    const entry = tree.get(path);
    if (entry?.type !== 'file' || entry.size > maxBytes) continue;
    for (const line of decodeUtf8(tree.read(path) ?? new Uint8Array(0)).split('\n')) {
      const [, ...names] = (line.length > maxLine ? undefined : setting.exec(line)) ?? [];
      for (const name of names) if (name !== undefined && known.has(name)) found.add(name);
    }
  }
  return [...known].filter((name) => found.has(name));
}
