import { compareStrings } from '../util/text.ts';
import { type AccountRequest, nologin } from './account-requests.ts';
import { invalid } from './account-settings.ts';
import type { Accounts, Group, User } from './account-table.ts';
import { deriveId, type IdRange, personRange, systemRange } from './derive-id.ts';
import type { FixedAccounts } from './fixed-accounts.ts';
import { unknownName } from './resolve-user.ts';
import { systemIds } from './system-ids.ts';
import type { AssignedIds, EffectSettings, WantedUser } from './types.ts';

type UserRequest = AccountRequest & { readonly type: 'user' };

/** A user before its numbers are known: `group` by name or id. */
interface DraftUser {
  readonly name: string;
  readonly uid: number | undefined;
  readonly group: string | number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

interface HandedOutIds {
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, number>;
  readonly assigned: AssignedIds;
}

/** Collects accounts first and hands out numbers last, so that no number depends on who came first. */
export class AccountBook {
  readonly warnings: string[] = [];
  readonly #fixed: FixedAccounts;
  readonly #lockedIds: ReadonlyMap<string, number>;
  readonly #users = new Map<string, DraftUser>();
  /** Group name -> gid where it is known. */
  readonly #groups = new Map<string, number | undefined>();
  readonly #members = new Map<string, Set<string>>();
  /** Names of the configuration without a number: people, not daemons. */
  readonly #people = new Set<string>();

  constructor(fixed: FixedAccounts, lockedIds: ReadonlyMap<string, number> = new Map()) {
    this.#fixed = fixed;
    this.#lockedIds = lockedIds;
  }

  get size(): number {
    return this.#users.size + this.#groups.size;
  }

  /** Accounts of an image below. */
  keep(users: readonly User[], groups: readonly Group[]): void {
    for (const { gid, ...user } of users) this.#users.set(user.name, { ...user, group: gid });
    for (const { name, gid, members } of groups) {
      this.#groups.set(name, gid);
      for (const member of members) this.#join(member, name);
    }
  }

  /** Debian's fixed user of that name with its primary group, if there is one. */
  needUser(name: string): void {
    const user = this.#fixed.users.get(name);
    if (user === undefined || this.#users.has(name)) return;
    const { gid, ...rest } = user;
    this.#users.set(name, { ...rest, group: gid });
    this.#needGroupId(gid);
  }

  needGroup(name: string): void {
    const group = this.#fixed.groups.get(name);
    if (group !== undefined && !this.#groups.has(name)) this.#groups.set(name, group.gid);
  }

  /** Fixed accounts of a file's owner. */
  needOwner({ uid, gid }: { readonly uid: number; readonly gid: number }): void {
    if (uid !== 0) for (const user of this.#fixed.users.values()) if (user.uid === uid) this.needUser(user.name);
    if (gid !== 0) this.#needGroupId(gid);
  }

  /** What the configuration says goes first; `requests` are asked for what it leaves open about a package's account. */
  configure({ users, groups }: Pick<EffectSettings, 'users' | 'groups'>, requests: readonly AccountRequest[]): void {
    for (const { name, gid } of groups) {
      this.needGroup(name);
      const known = this.#groups.get(name);
      if (known !== undefined && gid !== undefined && known !== gid) throw moved('group', name, known);
      this.#groups.set(name, known ?? gid);
      if (gid === undefined && !requests.some((one) => one.type === 'group' && one.name === name))
        this.#people.add(name);
    }
    for (const user of users) this.#configureUser(user, requests);
    this.#refuseSharedIds(users, groups);
    const groupNames = new Set([...this.#groups.keys(), ...this.#fixed.groups.keys(), ...requestedGroups(requests)]);
    for (const user of users) {
      const named = typeof user.group === 'string' ? [user.group, ...user.groups] : user.groups;
      for (const group of named) {
        if (!groupNames.has(group))
          throw unknownName(
            'group',
            group,
            [...groupNames].map((name) => ({ name })),
          );
        this.#ensureGroup(group);
      }
      for (const group of user.groups) this.#join(user.name, group);
    }
  }

  /** What a package asks for; an account that is there already stays as it is. */
  request(request: AccountRequest): void {
    switch (request.type) {
      case 'user':
        this.#requestUser(request);
        break;
      case 'group':
        this.#ensureGroup(request.name, request.gid);
        break;
      case 'member':
        if (request.creates) {
          this.#requestUser({
            ...request,
            type: 'user',
            name: request.user,
            uid: undefined,
            group: undefined,
            comment: '',
            home: '/',
            shell: nologin,
          });
          this.#ensureGroup(request.group);
        }
        this.#join(request.user, request.group);
    }
  }

  finish(): { readonly accounts: Accounts; readonly assignedIds: AssignedIds } {
    // A fixed group that someone joins is needed; any other membership of someone or something missing is none.
    for (const [group, members] of this.#members) {
      if ([...members].some((member) => this.#users.has(member))) this.needGroup(group);
    }
    const ids = this.#handOutIds();
    const gidOf = (group: string | number) => (typeof group === 'number' ? group : (ids.groups.get(group) as number));
    const users = [...this.#users.values()].map(({ name, group, comment, home, shell }) => {
      return { name, uid: ids.users.get(name) as number, gid: gidOf(group), comment, home, shell };
    });
    const groups = [...this.#groups.keys()].map((name) => ({
      name,
      gid: gidOf(name),
      members: [...(this.#members.get(name) ?? [])].filter((member) => this.#users.has(member)).sort(compareStrings),
    }));
    users.sort((a, b) => a.uid - b.uid || compareStrings(a.name, b.name));
    this.#warnOfSharedIds(users);
    groups.sort((a, b) => a.gid - b.gid || compareStrings(a.name, b.name));
    return { accounts: { users, groups }, assignedIds: ids.assigned };
  }

  #configureUser(wanted: WantedUser, requests: readonly AccountRequest[]): void {
    const { name } = wanted;
    this.needUser(name);
    const known = this.#users.get(name);
    if (known?.uid !== undefined && wanted.uid !== undefined && wanted.uid !== known.uid)
      throw moved('user', name, known.uid);
    const asked = requests.find((one): one is UserRequest => one.type === 'user' && one.name === name);
    const group = wanted.group ?? known?.group ?? asked?.group ?? name;
    this.#users.set(name, {
      name,
      uid: known?.uid ?? wanted.uid ?? asked?.uid,
      group,
      comment: known?.comment ?? asked?.comment ?? '',
      home: wanted.home ?? known?.home ?? asked?.home ?? `/home/${name}`,
      shell: wanted.shell ?? known?.shell ?? asked?.shell ?? nologin,
    });
    if (known === undefined && asked === undefined) this.#people.add(name);
    if (typeof group === 'string') this.#ensureGroup(group, group === name ? wanted.uid : undefined);
    else this.#needGroupId(group);
  }

  #requestUser(request: UserRequest): void {
    const { name, uid, comment, home, shell } = request;
    this.needUser(name);
    if (this.#users.has(name)) return;
    const group = request.group ?? name;
    this.#users.set(name, { name, uid, group, comment, home, shell });
    if (typeof group === 'string') this.#ensureGroup(group, group === name ? uid : undefined);
    else this.#needGroupId(group);
  }

  #ensureGroup(name: string, gid?: number): void {
    this.needGroup(name);
    this.#groups.set(name, this.#groups.get(name) ?? gid);
  }

  #needGroupId(gid: number): void {
    for (const group of this.#fixed.groups.values()) if (group.gid === gid) this.needGroup(group.name);
  }

  #join(user: string, group: string): void {
    const members = this.#members.get(group);
    if (members === undefined) this.#members.set(group, new Set([user]));
    else members.add(user);
  }

  /** Two names for one number are a mistake where the configuration writes the number. */
  #refuseSharedIds(users: EffectSettings['users'], groups: EffectSettings['groups']): void {
    for (const { name, uid } of users) {
      const other = [...this.#users.values()].find((user) => user.uid === uid && user.name !== name);
      if (uid !== undefined && other !== undefined) throw shared('user', name, { id: uid, other: other.name });
    }
    for (const { name, gid } of groups) {
      const other = [...this.#groups].find(([group, id]) => id === gid && group !== name);
      if (gid !== undefined && other !== undefined) throw shared('group', name, { id: gid, other: other[0] });
    }
  }

  #warnOfSharedIds(users: readonly User[]): void {
    const owners = new Map<number, string>();
    for (const { name, uid } of users) {
      const other = owners.get(uid);
      if (other === undefined) owners.set(uid, name);
      else this.warnings.push(`The users "${other}" and "${name}" have the same number ${uid}`);
    }
  }

  /**
   * A number for every name, the same for a user and its group: one that is written down, else the table's, else one
   * from the name. Names in order, so that of two that clash always the same one moves on.
   */
  #handOutIds(): HandedOutIds {
    const users = new Map<string, number>();
    const groups = new Map<string, number>();
    for (const { name, uid } of this.#users.values()) if (uid !== undefined) users.set(name, uid);
    for (const [name, gid] of this.#groups) if (gid !== undefined) groups.set(name, gid);
    const names = [...new Set([...this.#users.keys(), ...this.#groups.keys()])].sort(compareStrings);
    const taken = new Set([...users.values(), ...groups.values()]);
    const numbers = this.#numbers(
      names.filter((name) => !users.has(name) && !this.#usableUid(groups.get(name), users)),
      taken,
    );
    const system = [...numbers].filter(([name]) => !this.#people.has(name)).sort(([a], [b]) => compareStrings(a, b));
    const assigned = {
      users: Object.fromEntries(system.filter(([name]) => this.#users.has(name) && !users.has(name))),
      groups: Object.fromEntries(system.filter(([name]) => this.#groups.has(name) && !groups.has(name))),
    };
    for (const name of names) {
      const number = numbers.get(name);
      if (!users.has(name)) users.set(name, number ?? (groups.get(name) as number));
      if (!groups.has(name)) groups.set(name, number ?? (users.get(name) as number));
    }
    return { users, groups, assigned };
  }

  /** A user takes the number of the group of its name, unless that is another user's (the group adm is 4, and so is the user sync). */
  #usableUid(gid: number | undefined, users: ReadonlyMap<string, number>): boolean {
    if (gid === undefined) return false;
    return ![...users.values()].includes(gid) && ![...this.#fixed.users.values()].some(({ uid }) => uid === gid);
  }

  #numbers(names: readonly string[], taken: ReadonlySet<number>): ReadonlyMap<string, number> {
    const numbers = new Map<string, number>();
    for (const name of names) {
      const id = this.#people.has(name) ? undefined : this.#lockedIds.get(name);
      if (id === undefined) continue;
      if (taken.has(id)) throw lockedAway(name, id);
      numbers.set(name, id);
    }
    const locked = new Set(this.#lockedIds.values());
    for (const name of names) {
      const id = Object.hasOwn(systemIds, name) ? systemIds[name] : undefined;
      if (id === undefined || numbers.has(name) || this.#people.has(name)) continue;
      if (!taken.has(id) && !locked.has(id)) numbers.set(name, id);
    }
    const reserved = new Set([...taken, ...locked, ...Object.values(systemIds)]);
    for (const name of names) {
      if (numbers.has(name)) continue;
      const id = this.#derive(name, reserved);
      reserved.add(id);
      numbers.set(name, id);
    }
    return numbers;
  }

  #derive(name: string, taken: ReadonlySet<number>): number {
    const range: IdRange = this.#people.has(name) ? personRange : systemRange;
    const id = deriveId(name, { range, taken });
    if (id !== undefined) return id;
    throw invalid(`There is no id left for the account "${name}"`, 'Write its number in `accounts:`');
  }
}

function requestedGroups(requests: readonly AccountRequest[]): readonly string[] {
  return requests.flatMap((request) => {
    if (request.type === 'group') return [request.name];
    if (request.type === 'member') return request.creates ? [request.group, request.user] : [];
    return [typeof request.group === 'string' ? request.group : request.name];
  });
}

function lockedAway(name: string, id: number) {
  return invalid(
    `The lock gives the account "${name}" the number ${id}, which another account has`,
    'Choose another number in accounts:, or make the lock anew: slimimage lock',
  );
}

function moved(kind: string, name: string, id: number) {
  return invalid(
    `The ${kind} "${name}" has the number ${id} and can't get another`,
    'Leave the number out, or choose another name',
  );
}

function shared(kind: string, name: string, { id, other }: { readonly id: number; readonly other: string }) {
  return invalid(`The ${kind}s "${name}" and "${other}" have the same number ${id}`, 'Choose another number');
}
