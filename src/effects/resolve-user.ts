import { nearest } from '../util/nearest.ts';
import { invalid } from './account-settings.ts';
import type { Accounts } from './account-table.ts';
import { nonroot } from './fixed-accounts.ts';
import type { ResolvedUser } from './types.ts';

/**
 * The `user:` of an image as numbers: `nonroot` -> `65532:65532`. An id without an account runs with group 0, as
 * engines do it. Where the user has more groups than its own, only the uid is written: engines look up the groups of a
 * bare uid, and take a written gid for the whole truth.
 * @throws SlimimageError ACCOUNT_INVALID for a name that the image does not have.
 */
export function resolveUser(text: string, accounts: Accounts): ResolvedUser {
  const { user, group } = split(text, 'user');
  const { uid, name, primary } = findUser(user, accounts);
  const gid = group === undefined ? (primary ?? 0) : findGroup(group, accounts);
  const supplementary = name !== undefined && accounts.groups.some(({ members }) => members.includes(name));
  return { text: group === undefined && supplementary ? `${uid}` : `${uid}:${gid}`, uid, gid };
}

/**
 * The owner of a copied-in or configured path: `app`, `app:www-data`, `1000`, `0:0`. Without a group: the account's
 * primary one; an id without an account stands for both, as in a Dockerfile's `COPY --chown`.
 * @throws SlimimageError ACCOUNT_INVALID for a name that the image does not have.
 */
export function resolveOwner(text: string, accounts: Accounts): { readonly uid: number; readonly gid: number } {
  const { user, group } = split(text, 'owner');
  const { uid, primary } = findUser(user, accounts);
  return { uid, gid: group === undefined ? (primary ?? uid) : findGroup(group, accounts) };
}

function split(text: string, what: string): { readonly user: string; readonly group: string | undefined } {
  const match = /^([^:]+)(?::([^:]+))?$/.exec(text);
  if (match?.[1] !== undefined) return { user: match[1], group: match[2] };
  throw invalid(
    `The ${what} "${text.slice(0, 80)}" is neither a name nor an id`,
    'Write NAME, UID, NAME:GROUP or UID:GID',
  );
}

interface FoundUser {
  readonly uid: number;
  readonly name: string | undefined;
  readonly primary: number | undefined;
}

function findUser(text: string, accounts: Accounts): FoundUser {
  const id = numeric(text);
  const user = accounts.users.find(({ name, uid }) => (id === undefined ? name === text : uid === id));
  if (user !== undefined) return { uid: user.uid, name: user.name, primary: user.gid };
  if (id !== undefined) return { uid: id, name: undefined, primary: undefined };
  // Also where an image has no passwd at all: the number is a convention that needs no file.
  if (text === nonroot.name) return { uid: nonroot.uid, name: undefined, primary: nonroot.gid };
  if (text === 'root') return { uid: 0, name: undefined, primary: 0 };
  throw unknownName('user', text, accounts.users);
}

function findGroup(text: string, accounts: Accounts): number {
  const gid = numeric(text) ?? accounts.groups.find(({ name }) => name === text)?.gid;
  if (gid !== undefined) return gid;
  if (text === nonroot.name) return nonroot.gid;
  if (text === 'root') return 0;
  throw unknownName('group', text, accounts.groups);
}

function numeric(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const id = Number(text);
  if (id <= 4_294_967_294) return id;
  throw invalid(`${text.slice(0, 40)} is too large for a user or group id`, 'Ids go up to 4294967294');
}

export function unknownName(kind: 'user' | 'group', name: string, known: readonly { readonly name: string }[]) {
  const near = nearest(
    name,
    known.map((account) => account.name),
  );
  return invalid(
    `The image has no ${kind} "${name.slice(0, 60)}"`,
    near === undefined ? `Add it to \`accounts: { ${kind}s: [...] }\`, or write its id` : `Did you mean "${near}"?`,
  );
}
