import { SlimimageError } from '../errors.ts';
import { isAccountField, isAccountName } from './account-requests.ts';
import type { EffectSettings } from './types.ts';

type AccountSettings = Pick<EffectSettings, 'users' | 'groups'>;

/** Highest id: 2^32 - 1 means "leave as it is" to chown(2), and 65535 was that for 16 bits (Debian Policy 9.2.2). */
const maxId = 4_294_967_294;
const reservedIds = new Set([65_535]);
/**
 * Checks `accounts:` before anything is computed from it.
 * @throws SlimimageError ACCOUNT_INVALID naming the account.
 */
export function checkAccountSettings({ users, groups }: AccountSettings): void {
  unique(users, 'user');
  unique(groups, 'group');
  for (const group of groups) {
    checkName(group.name, 'group');
    checkId(group.gid, { what: 'gid', account: `group "${group.name}"` });
  }
  for (const user of users) {
    const account = `user "${user.name}"`;
    checkName(user.name, 'user');
    checkId(user.uid, { what: 'uid', account });
    if (typeof user.group === 'number') checkId(user.group, { what: 'group', account });
    else if (user.group !== undefined) checkName(user.group, 'group');
    for (const group of user.groups) checkName(group, 'group');
    checkPath(user.home, { what: 'home', account });
    checkPath(user.shell, { what: 'shell', account });
  }
}

function unique(accounts: readonly { readonly name: string }[], kind: string): void {
  const seen = new Set<string>();
  for (const { name } of accounts) {
    if (seen.has(name)) throw invalid(`The ${kind} "${name}" is configured twice`, 'Keep one of them');
    seen.add(name);
  }
}

/** As useradd(8) takes them, and a little more: Debian has names with capitals and dots. */
function checkName(name: string, kind: string): void {
  if (isAccountName(name)) return;
  throw invalid(
    `"${name.slice(0, 60)}" can't be the name of a ${kind}`,
    'Use a letter or underscore first, then at most 31 letters, digits, dots, dashes and underscores',
  );
}

function checkId(id: number | undefined, { what, account }: { readonly what: string; readonly account: string }): void {
  if (id === undefined || (Number.isInteger(id) && id >= 0 && id <= maxId && !reservedIds.has(id))) return;
  throw invalid(
    `The ${what} ${id} of ${account} is not possible`,
    `Use a whole number from 0 to ${maxId}, but not 65535`,
  );
}

function checkPath(
  path: string | undefined,
  { what, account }: { readonly what: string; readonly account: string },
): void {
  if (path === undefined || (path.startsWith('/') && isAccountField(path) && !path.split('/').includes('..'))) return;
  throw invalid(`The ${what} of ${account} is not usable`, 'Use an absolute path without ":", ".." or line breaks');
}

export function invalid(message: string, hint: string): SlimimageError {
  return new SlimimageError({ code: 'ACCOUNT_INVALID', message, hint });
}
