/** An account that a package asks for, whatever it asks with. */
export type AccountRequest =
  | {
      readonly type: 'user';
      readonly name: string;
      readonly uid: number | undefined;
      /** Primary group by name or id; undefined: a group of the user's name. */
      readonly group: string | number | undefined;
      readonly comment: string;
      readonly home: string;
      readonly shell: string;
      readonly source: string;
    }
  | { readonly type: 'group'; readonly name: string; readonly gid: number | undefined; readonly source: string }
  | {
      readonly type: 'member';
      readonly user: string;
      readonly group: string;
      /** sysusers.d makes both where they are missing; scripts only join what is there. */
      readonly creates: boolean;
      readonly source: string;
    };

/** A call that creates an account, with arguments that only a running shell would know. */
export interface UnclearCall {
  readonly type: 'unclear';
  /** The call, `?` for what is not known. */
  readonly call: string;
  readonly source: string;
}

export const nologin = '/usr/sbin/nologin';

/** Fields of passwd(5) and group(5) can't hold a colon, a line break or another control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unsafe = /[:\u0000-\u001f\u007f]/;

export function isAccountName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(name);
}

/** Whether a text can be a comment, home or shell in passwd(5). */
export function isAccountField(text: string): boolean {
  return !unsafe.test(text);
}

/** Whether a request can be written down without making another line or field of it. */
export function isWritable(request: AccountRequest): boolean {
  switch (request.type) {
    case 'user': {
      const { name, uid, group, comment, home, shell } = request;
      const names = typeof group === 'string' ? [name, group] : [name];
      return !Number.isNaN(uid) && names.every(isAccountName) && [comment, home, shell].every(isAccountField);
    }
    case 'group':
      return !Number.isNaN(request.gid) && isAccountName(request.name);
    case 'member':
      return isAccountName(request.user) && isAccountName(request.group);
  }
}
