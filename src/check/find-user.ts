import { decodeUtf8 } from '../util/text.ts';
import type { CheckTree, CheckUser } from './types.ts';

/**
 * Who `User` of an image config means, as engines read it: `name`, `uid`, `name:group`, `uid:gid`. A group that is named
 * is the only one; else those of the account's memberships count too. Undefined for a name that the image has not.
 */
export function findUser(tree: Pick<CheckTree, 'read'>, text: string): CheckUser | undefined {
  const [name = '', group] = text.split(':', 2);
  const accounts = lines(tree, 'etc/passwd').map(([account, , uid, gid]) => ({ name: account, uid, gid }));
  const groups = lines(tree, 'etc/group').map(([title, , gid, members = '']) => ({
    name: title,
    gid,
    members: members.split(','),
  }));
  const wanted = name === '' ? '0' : name;
  const number = numberOf(wanted);
  const account = accounts.find((one) => (number === undefined ? one.name === wanted : numberOf(one.uid) === number));
  const uid = numberOf(account?.uid) ?? number;
  if (uid === undefined) return undefined;
  if (group !== undefined && group !== '') {
    const gid = numberOf(groups.find((one) => one.name === group)?.gid ?? group);
    return gid === undefined ? undefined : { uid, gids: [gid] };
  }
  const others = groups
    .filter(({ members }) => account?.name !== undefined && members.includes(account.name))
    .flatMap(({ gid }) => numberOf(gid) ?? []);
  return { uid, gids: [numberOf(account?.gid) ?? 0, ...others] };
}

function lines(tree: Pick<CheckTree, 'read'>, path: string): readonly (readonly string[])[] {
  const bytes = tree.read(path);
  return bytes === undefined
    ? []
    : decodeUtf8(bytes)
        .split('\n')
        .map((line) => line.split(':'));
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}
