import { readScript } from '../scripts/read-script.ts';
import { type AccountRequest, isWritable, nologin, type UnclearCall } from './account-requests.ts';

/**
 * The accounts that a maintainer script asks for with literal calls of adduser(8), addgroup(8), useradd(8),
 * groupadd(8), usermod(8) and gpasswd(1); the others, and those whose
 * arguments would not fit into a line of passwd(5), are handed back as unclear. Branches that a first installation does not enter are not
 * read.
 */
export function accountCalls(text: string, { name, script }: ScriptName): readonly (AccountRequest | UnclearCall)[] {
  const source = `${name} (${script})`;
  const { commands } = readScript(text, { package: name, script });
  return commands.flatMap(({ words: [command = '', ...words] }): readonly (AccountRequest | UnclearCall)[] => {
    const tool = tools.get(command.slice(command.lastIndexOf('/') + 1));
    if (tool === undefined) return [];
    const parsed = parseArguments(words, tool.valued);
    const requests = tool.read(parsed, source);
    // A name or field that holds `unknown` is never writable.
    if (requests.every(isWritable)) return requests;
    return [{ type: 'unclear', call: printable([command, ...words].join(' ')), source }];
  });
}

export interface ScriptName {
  /** Of the package. */
  readonly name: string;
  /** `preinst` or `postinst`. */
  readonly script: string;
}

interface Arguments {
  readonly options: ReadonlyMap<string, string>;
  readonly names: readonly string[];
}

interface Tool {
  /** Options that take a value; short ones as letters. */
  readonly valued: ReadonlySet<string>;
  read(parsed: Arguments, source: string): readonly AccountRequest[];
}

const adduserOptions = new Set([
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

/** getopt_long(3): options anywhere, `--key=value`, clustered letters, `--` ends them. */
function parseArguments(words: readonly string[], valued: ReadonlySet<string>): Arguments {
  const options = new Map<string, string>();
  const names: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') {
      names.push(...words.slice(index + 1));
      break;
    }
    const long = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
    if (long !== null) {
      const key = long[1] ?? '';
      options.set(key, long[2] ?? (valued.has(key) ? (words[++index] ?? '') : ''));
    } else if (word.length > 1 && word.startsWith('-')) {
      for (let at = 1; at < word.length; at++) {
        const key = word[at] ?? '';
        if (!valued.has(key)) {
          options.set(key, '');
          continue;
        }
        options.set(key, word.slice(at + 1) || (words[++index] ?? ''));
        break;
      }
    } else {
      names.push(word);
    }
  }
  return { options, names };
}

function adduser(parsed: Arguments, source: string): readonly AccountRequest[] {
  const { options, names } = parsed;
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

function addgroup({ options, names }: Arguments, source: string): readonly AccountRequest[] {
  const [name, group] = names;
  if (name === undefined) return [];
  if (group !== undefined) return [{ type: 'member', user: name, group, creates: false, source }];
  return [{ type: 'group', name, gid: id(options.get('gid')), source }];
}

function useradd({ options, names }: Arguments, source: string): readonly AccountRequest[] {
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

function groupadd({ options, names }: Arguments, source: string): readonly AccountRequest[] {
  const name = names[0];
  return name === undefined ? [] : [{ type: 'group', name, gid: id(options.get('g') ?? options.get('gid')), source }];
}

/** Changes of an account are none; only the groups that it joins count. */
function usermod({ options, names }: Arguments, source: string): readonly AccountRequest[] {
  const name = names[0];
  return name === undefined ? [] : memberships(options.get('G') ?? options.get('groups'), name, source);
}

function gpasswd({ options, names }: Arguments, source: string): readonly AccountRequest[] {
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
