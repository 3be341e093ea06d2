/** Accounts as programs see them: by name, with home, shell and the groups that they are in. */
export interface AccountTable {
  /** Name -> `home shell group,group`. */
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlySet<string>;
}

/** Up to this one, numbers are Debian's fixed ones (Policy 9.2.2; the group users has 100), and so is nobody's. */
const lastFixedId = 100;
const nobody = 65534;

export function readAccounts(passwd: string, group: string): AccountTable {
  const groups = rowsOf(group).map(([name = '', , id, members = '']) => ({ name, id, members: members.split(',') }));
  const users = rowsOf(passwd).map(([name = '', , , gid, , home = '', shell = '']) => {
    const own = groups.filter((one) => one.id === gid || one.members.includes(name)).map((one) => one.name);
    return [name, `${home} ${shell} ${[...new Set(own)].sort().join()}`] as const;
  });
  return { users: new Map(users), groups: new Set(groups.map(({ name }) => name)) };
}

/** Names of a table with numbers that Debian fixes: in an image where a file or a package names them. */
export function fixedNames(table: string): ReadonlySet<string> {
  const rows = rowsOf(table).filter(([, , id]) => Number(id) <= lastFixedId || Number(id) === nobody);
  return new Set(rows.map(([name = '']) => name));
}

function rowsOf(table: string): readonly (readonly string[])[] {
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}
