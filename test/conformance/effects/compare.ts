import { type AccountTable, fixedNames, readAccounts } from './accounts.ts';
import { classOf } from './classes.ts';
import { describeContents } from './describe-contents.ts';
import { irrelevantClassOf } from './irrelevant.ts';
import { trustedCertificates } from './key-store.ts';
import type { ListedPath, Oracle, OurTree } from './types.ts';

export type Outcome = 'equal' | 'different' | 'missing' | 'extra';

/** One thing that was compared: a path, or an account. */
export interface Compared {
  /** `packaged` for what dpkg itself unpacked, else by `classOf`. */
  readonly class: string;
  readonly path: string;
  readonly outcome: Outcome;
  /** What is different, theirs first; empty where it is equal. */
  readonly detail: string;
}

export interface Comparison {
  readonly items: readonly Compared[];
  /** Class of irrelevant paths -> how many. */
  readonly irrelevant: Readonly<Record<string, number>>;
  /** Paths on which two runs of mmdebstrap do not agree. */
  readonly unsteady: readonly string[];
  /** Paths that lack nothing but set-user-ID and set-group-ID bits, which slimimage never gives on behalf of a script. */
  readonly masked: readonly string[];
}

/** Holds slimimage's tree against that of real maintainer scripts. */
export async function compareTrees(oracle: Oracle, ours: OurTree): Promise<Comparison> {
  const theirs = new Map(oracle.paths.map((path) => [path.path, path]));
  const own = new Map(ours.paths.map((path) => [path.path, path]));
  const items: Compared[] = [];
  const irrelevant: Record<string, number> = {};
  const unsteady: string[] = [];
  const masked: string[] = [];
  for (const path of [...new Set([...theirs.keys(), ...own.keys()])].sort()) {
    const [listed, our] = [theirs.get(path), own.get(path)];
    const their = listed && our && lacksSetId(listed, our) ? { ...listed, mode: listed.mode & ~setId } : listed;
    if (their !== listed) masked.push(path);
    const either = (their ?? our) as ListedPath;
    const isPackaged = oracle.packaged.has(path);
    const outside = isPackaged ? undefined : irrelevantClassOf(either, our !== undefined);
    const kind = isPackaged ? 'packaged' : classOf(either);
    if (outside !== undefined) irrelevant[outside.name] = (irrelevant[outside.name] ?? 0) + 1;
    else if (oracle.unsteady?.has(path) && !isComparedByMeaning(path)) unsteady.push(path);
    else if (their === undefined) items.push({ class: kind, path, outcome: 'extra', detail: describe(either) });
    else if (our === undefined) items.push({ class: kind, path, outcome: 'missing', detail: describe(either) });
    else {
      const detail = await differences(their, our, { oracle, ours });
      items.push({ class: kind, path, outcome: detail === '' ? 'equal' : 'different', detail });
    }
  }
  items.push(...(await compareAccounts(oracle, ours)));
  return { items, irrelevant, unsteady, masked };
}

const setId = 0o6000;

/** Special permissions are the configuration's to give (`special-permissions:`). */
function lacksSetId(their: ListedPath, our: ListedPath): boolean {
  return (their.mode & setId) !== 0 && (our.mode & setId) === 0;
}

interface Sides {
  readonly oracle: Oracle;
  readonly ours: OurTree;
}

/** Accounts one by one; the tables themselves differ in the order and the numbers. */
async function compareAccounts(oracle: Oracle, ours: OurTree): Promise<readonly Compared[]> {
  const [theirPasswd, theirGroup] = [await textOf(oracle, 'etc/passwd'), await textOf(oracle, 'etc/group')];
  const their = readAccounts(theirPasswd, theirGroup);
  const our = readAccounts(await textOf(ours, 'etc/passwd'), await textOf(ours, 'etc/group'));
  const tables = [
    { what: 'user', their: their.users, our: our.users, fixed: fixedNames(theirPasswd) },
    { what: 'group', their: byName(their.groups), our: byName(our.groups), fixed: fixedNames(theirGroup) },
  ];
  const items: Compared[] = [];
  for (const { what, their, our, fixed } of tables) {
    for (const name of new Set([...their.keys(), ...our.keys()])) {
      const [a, b] = [their.get(name), our.get(name)];
      if (name === 'nonroot' || (b === undefined && fixed.has(name))) continue;
      const outcome = a === undefined ? 'extra' : b === undefined ? 'missing' : a === b ? 'equal' : 'different';
      items.push({ class: 'accounts', path: `${what} ${name}`, outcome, detail: a === b ? '' : `${a} | ${b}` });
    }
  }
  return items;
}

function byName(names: AccountTable['groups']): ReadonlyMap<string, string> {
  return new Map([...names].map((name) => [name, name]));
}

async function differences(their: ListedPath, our: ListedPath, { oracle, ours }: Sides): Promise<string> {
  if (their.type !== our.type) return `${describe(their)} | ${describe(our)}`;
  const found: string[] = [];
  if (their.mode !== our.mode) found.push(`mode ${octal(their.mode)} | ${octal(our.mode)}`);
  const [a, b] = [`${their.user}:${their.group}`, `${our.user}:${our.group}`];
  if (a !== b) found.push(`owner ${a} | ${b}`);
  if (their.target !== our.target) found.push(`link ${their.target} | ${our.target}`);
  if (their.capability !== our.capability) found.push(`capability ${their.capability} | ${our.capability}`);
  if (their.sha256 !== our.sha256) {
    const content = await contentDifference(their, our, { oracle, ours });
    if (content !== '') found.push(content);
  }
  return found.join('; ');
}

async function contentDifference(their: ListedPath, our: ListedPath, { oracle, ours }: Sides): Promise<string> {
  const { path } = their;
  if (path === 'etc/passwd' || path === 'etc/group') return '';
  const [a, b] = [await oracle.content(path), await ours.content(path)];
  if (a !== undefined && b !== undefined && isKeyStore(path)) {
    const [theirSet, ourSet] = [trustedCertificates(a), trustedCertificates(b)];
    if (theirSet !== undefined && theirSet.join() === ourSet?.join()) return '';
    return `certificates ${theirSet?.length} | ${ourSet?.length}`;
  }
  return `content ${their.size} | ${our.size} bytes${a && b ? describeContents(a, b) : ''}`;
}

/** A date in it differs from run to run; what it means does not. */
function isComparedByMeaning(path: string): boolean {
  return isKeyStore(path) || path === 'etc/passwd' || path === 'etc/group';
}

function isKeyStore(path: string): boolean {
  return path === 'etc/ssl/certs/java/cacerts';
}

async function textOf(side: Oracle | OurTree, path: string): Promise<string> {
  return new TextDecoder().decode(await side.content(path));
}

function describe({ type, mode, user, group, target, size }: ListedPath): string {
  const owner = user === 'root' && group === 'root' ? '' : ` ${user}:${group}`;
  if (type === 'symlink') return `-> ${target}`;
  return `${type} ${octal(mode)}${owner}${size === undefined ? '' : ` ${size} bytes`}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
