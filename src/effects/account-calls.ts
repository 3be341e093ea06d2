import { type AccountRequest, isWritable, nologin, type UnclearCall } from './account-requests.ts';
import { type CommandOptions, readOptions } from './command-words.ts';

/** A command of a maintainer script, as far as accounts are concerned. */
export interface AccountCommand {
  /** Name of the package. */
  readonly package: string;
  /** `preinst` or `postinst`. */
  readonly script: string;
  readonly words: readonly string[];
  readonly certainty: 'runs' | 'may-run';
}

/**
 * The accounts that commands of maintainer scripts ask for: literal calls of adduser(8), addgroup(8), useradd(8),
 * groupadd(8), usermod(8) and gpasswd(1); those whose arguments only a running shell would know, or would not fit into a
 * line of passwd(5), are handed back as unclear.
 */
export function accountCalls(commands: readonly AccountCommand[]): readonly (AccountRequest | UnclearCall)[] {
  return commands.flatMap((one): readonly (AccountRequest | UnclearCall)[] => {
    const [command = '', ...words] = one.words;
    const source = `${one.package} (${one.script})`;
    const tool = tools.get(command.slice(command.lastIndexOf('/') + 1));
    if (tool === undefined) return [];
    const requests = tool.read(readOptions(words, tool.valued), source).filter((request) => {
      // A user that is asked about, and joins its own group where the answer is no, is in it.
      return !(request.type === 'member' && request.user === request.group && one.certainty === 'may-run');
    });
    // A name or field that holds `unknown` is never writable.
    if (requests.every(isWritable)) return requests;
    return [{ type: 'unclear', call: printable([command, ...words].join(' ')), source }];
  });
}

interface Tool {
  /** Options that take a value; short ones as letters. */
  readonly valued: ReadonlySet<string>;
  read(parsed: CommandOptions, source: string): readonly AccountRequest[];
}

/** Options of adduser(8) that take a value. */
export const adduserOptions = new Set([
  ...[
    'conf',
    'home',
    'shell',
    'uid',
    'gid',
    'ingroup',
    'gecos',
    'comment',
    'firstuid',
    'lastuid',
    'firstgid',
    'lastgid',
  ],
  ...['stdoutmsglevel', 'stderrmsglevel', 'logmsglevel'],
]);
const shadowOptions = new Set([
  ...['b', 'base-dir', 'c', 'comment', 'd', 'home', 'home-dir', 'e', 'expiredate', 'f', 'inactive', 'g', 'gid', 'G'],
  ...[
    'groups',
    'k',
    'skel',
    'K',
    'key',
    'p',
    'password',
    'P',
    'prefix',
    'R',
    'root',
    's',
    'shell',
    'u',
    'uid',
    'l',
    'login',
  ],
]);

const tools: ReadonlyMap<string, Tool> = new Map<string, Tool>([
  ['adduser', { valued: adduserOptions, read: adduser }],
  ['addgroup', { valued: adduserOptions, read: addgroup }],
  ['useradd', { valued: new Set([...shadowOptions].filter((option) => option !== 'l')), read: useradd }],
  ['groupadd', { valued: shadowOptions, read: groupadd }],
  ['usermod', { valued: shadowOptions, read: usermod }],
  ['gpasswd', { valued: new Set(['a', 'add', 'd', 'delete', 'A', 'M']), read: gpasswd }],
]);

function printable(call: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  return call.slice(0, 200).replace(/[\u0000-\u001f\u007f]/g, '?');
}

function adduser(parsed: CommandOptions, source: string): readonly AccountRequest[] {
  const { options, operands: names } = parsed;
  const [name, group] = names;
  if (name === undefined) return [];
  if (group !== undefined) return [{ type: 'member', user: name, group, creates: false, source }];
  const system = options.has('system');
  if (options.has('group') && !system) return addgroup(parsed, source);
  return [
    {
      type: 'user',
      name,
      uid: id(options.get('uid')),
      group:
        options.get('ingroup') ??
        idOrName(options.get('gid')) ??
        (system && !options.has('group') ? 'nogroup' : undefined),
      comment: options.get('comment') ?? options.get('gecos') ?? '',
      home: options.get('home') ?? (system ? '/nonexistent' : `/home/${name}`),
      shell: options.get('shell') ?? (system ? nologin : '/bin/bash'),
      source,
    },
  ];
}

function addgroup({ options, operands: names }: CommandOptions, source: string): readonly AccountRequest[] {
  const [name, group] = names;
  if (name === undefined) return [];
  if (group !== undefined) return [{ type: 'member', user: name, group, creates: false, source }];
  return [{ type: 'group', name, gid: id(options.get('gid')), source }];
}

function useradd({ options, operands: names }: CommandOptions, source: string): readonly AccountRequest[] {
  const name = names[0];
  if (name === undefined) return [];
  const pick = (...keys: string[]) => keys.map((key) => options.get(key)).find((value) => value !== undefined);
  const group = pick('g', 'gid');
  const own = options.has('N') || options.has('no-user-group') ? 'users' : undefined;
  const user: AccountRequest = {
    type: 'user',
    name,
    uid: id(pick('u', 'uid')),
    group: idOrName(group) ?? own,
    comment: pick('c', 'comment') ?? '',
    home: pick('d', 'home', 'home-dir') ?? `/home/${name}`,
    shell: pick('s', 'shell') ?? '/bin/sh',
    source,
  };
  return [user, ...memberships(pick('G', 'groups'), name, source)];
}

function groupadd({ options, operands: names }: CommandOptions, source: string): readonly AccountRequest[] {
  const name = names[0];
  return name === undefined ? [] : [{ type: 'group', name, gid: id(options.get('g') ?? options.get('gid')), source }];
}

/** Changes of an account are none; only the groups that it joins count. */
function usermod({ options, operands: names }: CommandOptions, source: string): readonly AccountRequest[] {
  const name = names[0];
  return name === undefined ? [] : memberships(options.get('G') ?? options.get('groups'), name, source);
}

function gpasswd({ options, operands: names }: CommandOptions, source: string): readonly AccountRequest[] {
  const user = options.get('a') ?? options.get('add');
  const group = names[0];
  return user === undefined || group === undefined ? [] : [{ type: 'member', user, group, creates: false, source }];
}

function memberships(list: string | undefined, user: string, source: string): readonly AccountRequest[] {
  const groups = (list ?? '').split(',').filter((group) => group !== '');
  return groups.map((group) => ({ type: 'member', user, group, creates: false, source }));
}

/** NaN for what is no number: such a request is not writable. */
function id(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function idOrName(text: string | undefined): number | string | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : text;
}
