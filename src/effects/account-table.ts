/** One line of /etc/passwd, without the password field: there is no password anywhere. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** One line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  /** Users that have it beside their primary group, sorted. */
  readonly members: readonly string[];
}

/** The accounts of an image; users sorted by uid, groups by gid, equal ids by name. */
export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
}

/**
 * Reads passwd(5) lines. Lines that are none (too few fields, ids that are no numbers, NIS marks) are left out, as
 * libc leaves them out.
 */
export function parsePasswd(text: string): readonly User[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid, comment, home, shell] = line.split(':');
    if (name === undefined || name === '' || shell === undefined || !isId(uid) || !isId(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), comment: comment ?? '', home: home ?? '', shell }];
  });
}

/** Reads group(5) lines, as `parsePasswd` does. */
export function parseGroup(text: string): readonly Group[] {
  return text.split('\n').flatMap((line) => {
    const [name, , gid, members] = line.split(':');
    if (name === undefined || name === '' || members === undefined || !isId(gid)) return [];
    return [{ name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') }];
  });
}

/**
 * passwd(5). The password field is `x`, as Debian and distroless have it: "see /etc/shadow", which is not there, so
 * no password opens any account.
 */
export function formatPasswd(users: readonly User[]): string {
  return users
    .map(({ name, uid, gid, comment, home, shell }) => `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}\n`)
    .join('');
}

/** group(5). */
export function formatGroup(groups: readonly Group[]): string {
  return groups.map(({ name, gid, members }) => `${name}:x:${gid}:${members.join(',')}\n`).join('');
}

function isId(text: string | undefined): boolean {
  return text !== undefined && /^[0-9]{1,10}$/.test(text);
}
