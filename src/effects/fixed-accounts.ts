import { decodeUtf8 } from '../util/text.ts';
import { nologin } from './account-requests.ts';
import { type Group, parseGroup, parsePasswd, type User } from './account-table.ts';
import type { DonorTree, EffectEntry } from './types.ts';

/** Debian's accounts with a number for ever (Policy 9.2.2: 0-99, 65534, and _apt), by name. */
export interface FixedAccounts {
  readonly users: ReadonlyMap<string, User>;
  readonly groups: ReadonlyMap<string, Group>;
}

export const nonroot: User = {
  name: 'nonroot',
  uid: 65532,
  gid: 65532,
  comment: 'nonroot',
  home: '/home/nonroot',
  shell: nologin,
};

/** What every image has, and all that is known without base-passwd. */
const always = {
  users: [
    { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/root', shell: '/bin/bash' },
    { name: 'nobody', uid: 65534, gid: 65534, comment: 'nobody', home: '/nonexistent', shell: nologin },
    nonroot,
  ],
  groups: [
    { name: 'root', gid: 0, members: [] },
    { name: 'nogroup', gid: 65534, members: [] },
    { name: 'nonroot', gid: 65532, members: [] },
  ],
} as const;

export const alwaysThere = {
  users: always.users.map(({ name }) => name),
  groups: always.groups.map(({ name }) => name),
};

/** Reads base-passwd's masters, `usr/share/base-passwd/{passwd,group}.master`: the donor's, or the image's own. */
export function fixedAccounts(basePasswd: DonorTree | undefined): FixedAccounts {
  const read = (file: string) => decodeUtf8(basePasswd?.read(`usr/share/base-passwd/${file}`) ?? new Uint8Array(0));
  const byName = <T extends { readonly name: string }>(list: readonly T[]) =>
    new Map(list.map((item) => [item.name, item]));
  return {
    users: byName([
      ...always.users,
      ...parsePasswd(read('passwd.master')).filter(({ name, uid }) => uid !== 0 || name === 'root'),
    ]),
    groups: byName([
      ...always.groups,
      ...parseGroup(read('group.master')).filter(({ name, gid }) => gid !== 0 || name === 'root'),
    ]),
  };
}

/**
 * Whose a packaged file is. dpkg takes the tar's names first and its numbers where the system does not know the name
 * (lib/dpkg/tarfn.c); the names that packages use are Debian's fixed ones (Policy 10.9).
 */
export function packagedOwner(
  entry: Pick<EffectEntry, 'uid' | 'gid' | 'userName' | 'groupName'>,
  fixed: FixedAccounts,
): { readonly uid: number; readonly gid: number } {
  return {
    uid: (entry.userName === undefined ? undefined : fixed.users.get(entry.userName)?.uid) ?? entry.uid,
    gid: (entry.groupName === undefined ? undefined : fixed.groups.get(entry.groupName)?.gid) ?? entry.gid,
  };
}
