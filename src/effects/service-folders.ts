import { baseName } from '../rootfs/path.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { Accounts } from './account-table.ts';
import { splitFields } from './config-fields.ts';
import type { DraftTree } from './draft-tree.ts';
import { changedMode } from './file-modes.ts';
import { dropIns } from './folder-files.ts';
import type { EffectInput } from './types.ts';

/** Folders of tmpfiles.d(5), the first one wins where two have a file of the same name. */
const folders = ['etc/tmpfiles.d', 'usr/local/lib/tmpfiles.d', 'usr/lib/tmpfiles.d'];

/**
 * The folders and files that tmpfiles.d(5) files of packages name, as systemd-tmpfiles makes them where systemd starts a
 * machine: a service of a container has nobody else to do it. /run and /tmp are the engine's and stay empty; what
 * systemd and dpkg want for themselves is left out.
 */
export function serviceFolders(
  input: EffectInput,
  { draft, accounts }: { readonly draft: DraftTree; readonly accounts: Accounts },
): void {
  for (const { source, ...setting } of settingsOf(input)) apply(setting, { draft, accounts, source });
}

/** The users and groups that those folders belong to; in /run as well, where a service makes them itself. */
export function serviceOwners(input: EffectInput): readonly string[] {
  return settingsOf(input).flatMap(({ user, group }) => [user, group].map((name) => name.replace(/^:/, '')));
}

function settingsOf(input: EffectInput) {
  return configurationFiles(input).flatMap(({ path: source, text }) =>
    text.split('\n').flatMap((line) => {
      const setting = parseLine(line);
      return setting === undefined ? [] : [{ ...setting, source }];
    }),
  );
}

function configurationFiles({ tree, packages }: EffectInput) {
  const owners = new Map<string, string>();
  for (const { name, files } of packages) for (const { path } of files) owners.set(path, name);
  return dropIns(tree, folders).flatMap((path) => {
    const bytes = tree.read(path);
    return bytes === undefined || /^(systemd|dpkg|udev)/.test(owners.get(path) ?? '')
      ? []
      : [{ path, text: decodeUtf8(bytes) }];
  });
}

interface Setting {
  readonly type: string;
  readonly path: string;
  readonly mode: string;
  readonly user: string;
  readonly group: string;
  readonly argument: string;
}

/** Undefined for comments, for lines that only clean or only count when a machine boots (`!`), and for host specifiers. */
function parseLine(line: string): Setting | undefined {
  const trimmed = line.trim();
  const fields = trimmed === '' || trimmed.startsWith('#') ? undefined : splitFields(trimmed);
  if (fields === undefined) return undefined;
  const [type = '', path = '', mode = '-', user = '-', group = '-', , ...rest] = fields;
  const place = specifiers(path);
  const argument = specifiers(rest.join(' '));
  if (
    type.includes('!') ||
    /machine-id$/.test(path) ||
    place === undefined ||
    argument === undefined ||
    !place.startsWith('/')
  )
    return undefined;
  return { type: type.replace(/[-+=~^$]+$/, ''), path: place, mode: mode.replace(/^[:~]+/, ''), user, group, argument };
}

interface Target {
  readonly draft: DraftTree;
  readonly accounts: Accounts;
  /** The configuration file. */
  readonly source: string;
}

function apply(setting: Setting, { draft, accounts, source }: Target): void {
  const { type, path, argument } = setting;
  const cause = {
    rule: 'service folders',
    because: `/${source} names it: a service needs it, and nothing else makes it`,
  } as const;
  const uid = idOf(
    setting.user.replace(/^:/, ''),
    accounts.users.map(({ name, uid }) => [name, uid] as const),
  );
  const gid = idOf(
    setting.group.replace(/^:/, ''),
    accounts.groups.map(({ name, gid }) => [name, gid] as const),
  );
  const mode = setting.mode === '-' ? undefined : changedMode(setting.mode, { mode: 0, type: 'directory' });
  switch (type) {
    case 'd':
    case 'D':
    case 'v':
    case 'q':
    case 'Q': {
      const entry = draft.makeFolder(path, cause);
      if (entry !== undefined) draft.change(entry.path, { mode: mode ?? 0o755, uid: uid ?? 0, gid: gid ?? 0 }, cause);
      return;
    }
    case 'f':
    case 'F':
      if (draft.find(path) === undefined)
        draft.writeFile(path, encodeUtf8(argument), { cause, mode: mode ?? 0o644, uid, gid });
      return;
    case 'L':
      draft.makeLink(path, argument === '' ? `/usr/share/factory${path}` : argument, cause);
      return;
    case 'C': {
      const from = draft.find(argument === '' ? `/usr/share/factory${path}` : argument);
      const content = from === undefined ? undefined : draft.read(from.path);
      if (from === undefined || content === undefined) return;
      const because = `a copy of /${from.path}: /${source} names it, for the service ${baseName(source)}`;
      draft.writeFile(path, content, { cause: { ...cause, because }, mode: mode ?? from.mode, uid, gid });
      return;
    }
    case 'z': {
      const entry = draft.find(path);
      if (entry !== undefined) draft.change(entry.path, { mode, uid, gid }, cause);
    }
  }
}

function idOf(text: string, known: readonly (readonly [string, number])[]): number | undefined {
  return known.find(([name]) => name === text)?.[1] ?? (/^[0-9]{1,9}$/.test(text) ? Number(text) : undefined);
}

const places: Readonly<Record<string, string>> = { '%': '%', S: '/var/lib', C: '/var/cache', L: '/var/log', t: '/run' };

/** The folders that a system's specifiers stand for; any other names something of the host. */
function specifiers(text: string): string | undefined {
  let unclear = false;
  const replaced = text.replace(/%(.?)/g, (_, letter: string) => {
    const place = places[letter];
    if (place === undefined) unclear = true;
    return place ?? '';
  });
  return unclear ? undefined : replaced;
}
