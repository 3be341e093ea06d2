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
