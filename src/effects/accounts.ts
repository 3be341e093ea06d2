import { formatGroup, formatPasswd } from './account-table.ts';
import type { CollectedAccounts } from './collect-accounts.ts';
import { generatedDirectory, generatedFile } from './entries.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

/** /etc/passwd, /etc/group, and the homes of the configuration's users (0700, theirs). */
export function accountEntries(input: EffectInput, collected: CollectedAccounts): readonly GeneratedEntry[] {
  const { settings, tree } = input;
  const { accounts, wanted } = collected;
  if (!wanted) return [];
  const common = { rule: 'accounts', created: settings.created } as const;
  const because = 'the accounts of the image';
  const homes = settings.users.flatMap(({ name }) => {
    const user = accounts.users.find((candidate) => candidate.name === name);
    const path =
      user?.home
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .join('/') ?? '';
    if (user === undefined || path === '' || path === 'nonexistent' || path === 'home/nonroot') return [];
    if (tree.get(path) !== undefined) return [];
    const { uid, gid } = user;
    return [generatedDirectory(path, { ...common, mode: 0o700, uid, gid, because: `the home of "${name}"` })];
  });
  return [
    generatedFile('etc/passwd', formatPasswd(accounts.users), { ...common, because }),
    generatedFile('etc/group', formatGroup(accounts.groups), { ...common, because }),
    ...homes,
  ];
}
