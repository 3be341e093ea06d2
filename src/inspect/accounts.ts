import { findUser } from '../check/find-user.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import type { ImageView } from '../view/types.ts';
import { topOf } from './top.ts';
import type { TreeNodes } from './tree-nodes.ts';

/** A line of /etc/passwd. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Name of the group, where /etc/group has it. */
  readonly group: string | undefined;
  readonly home: string;
  readonly shell: string;
  /** Files and folders of the tree that are this user's. */
  readonly paths: number;
}

export interface UserReport {
  readonly accounts: readonly Account[];
  /** Who the program runs as; undefined for a bare tree, or where the image has no such account. */
  readonly runsAs: RunningUser | undefined;
  readonly strangers: StrangerReport;
}

/** Ids that own something in the tree and have no account. */
export interface StrangerReport {
  readonly count: number;
  /** Those that own most. */
  readonly most: readonly Stranger[];
}

export interface RunningUser {
  /** `User` of the config, as it stands there; '' where it says nothing. */
  readonly configured: string;
  readonly uid: number;
  /** The first is the primary one. */
  readonly gids: readonly number[];
  /** Name in /etc/passwd. */
  readonly name: string | undefined;
}

export interface Stranger {
  readonly type: 'user' | 'group';
  readonly id: number;
  readonly paths: number;
  /** One of them. */
  readonly example: string;
}

export function readUsers(
  view: ImageView,
  { nodes, top }: { readonly nodes: TreeNodes; readonly top: number },
): UserReport {
  const groups = lines(view, 'etc/group').flatMap(([name = '', , gid]) => withId(gid, (id) => [[id, name] as const]));
  const groupNames = new Map([...groups].reverse());
  const passwd = lines(view, 'etc/passwd').flatMap(([name = '', , uid, gid, , home = '', shell = '']) =>
    withId(uid, (id) => withId(gid, (group) => [{ name, uid: id, gid: group, home, shell }])),
  );
  const users = new Map<number, Owned>();
  const owners = new Map<number, Owned>();
  for (const list of [nodes.folders, nodes.files, nodes.names, nodes.symlinks, nodes.others]) {
    for (const { entry } of list) {
      own(users, entry.uid, entry.path);
      own(owners, entry.gid, entry.path);
    }
  }
  const unknown = [
    ...strangers('user', { owned: users, known: new Set(passwd.map(({ uid }) => uid)) }),
    ...strangers('group', { owned: owners, known: new Set(groupNames.keys()) }),
  ];
  return {
    accounts: passwd.map((one) => ({
      ...one,
      group: groupNames.get(one.gid),
      paths: users.get(one.uid)?.paths ?? 0,
    })),
    runsAs: runningUser(view, passwd),
    strangers: {
      count: unknown.length,
      most: topOf(unknown, top, (a, b) => b.paths - a.paths || compareStrings(b.type, a.type) || a.id - b.id),
    },
  };
}

interface Owned {
  paths: number;
  readonly example: string;
}

function own(owned: Map<number, Owned>, id: number, path: string): void {
  const before = owned.get(id);
  if (before === undefined) owned.set(id, { paths: 1, example: path });
  else before.paths++;
}

/** Root needs no account: the kernel knows it. */
function strangers(
  type: Stranger['type'],
  { owned, known }: { readonly owned: ReadonlyMap<number, Owned>; readonly known: ReadonlySet<number> },
): readonly Stranger[] {
  return [...owned]
    .filter(([id]) => id !== 0 && !known.has(id))
    .map(([id, { paths, example }]) => ({ type, id, paths, example: `/${example}` }));
}

function runningUser(
  view: ImageView,
  accounts: readonly { readonly name: string; readonly uid: number }[],
): RunningUser | undefined {
  if (view.config === undefined) return undefined;
  const configured = view.config.config?.User ?? '';
  const user = findUser({ read: (path) => view.text(path) }, configured);
  if (user === undefined) return undefined;
  const named = configured.split(':', 1)[0] ?? '';
  const account = accounts.find(({ name }) => name === named) ?? accounts.find(({ uid }) => uid === user.uid);
  return { configured, uid: user.uid, gids: user.gids, name: account?.name };
}

function lines(view: ImageView, path: string): readonly (readonly string[])[] {
  const bytes = view.text(path);
  if (bytes === undefined) return [];
  return decodeUtf8(bytes)
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
}

function withId<T>(text: string | undefined, make: (id: number) => readonly T[]): readonly T[] {
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? make(Number(text)) : [];
}
