import { baseName } from '../rootfs/path.ts';
import { unknown } from '../scripts/read-script.ts';
import { adduserOptions } from './account-calls.ts';
import type { Accounts } from './account-table.ts';
import { readOptions } from './command-words.ts';
import type { DraftCause, DraftPermissions, DraftTree } from './draft-tree.ts';
import { changedMode } from './file-modes.ts';
import { followPath } from './tree-paths.ts';
import type { EffectEntry } from './types.ts';

export interface FileCommandContext {
  readonly draft: DraftTree;
  readonly accounts: Accounts;
  readonly cause: DraftCause;
  /** What umask(1) has set: bits that new files and folders do not get. */
  readonly umask: number;
  /** The command hangs on a condition that nobody knows. */
  readonly isDoubtful: boolean;
}

type FileCommand = (words: readonly string[], context: FileCommandContext) => void;

/**
 * Commands that make files and folders or change whose they are, as coreutils, dpkg-statoverride(1) and ucf(1) have
 * them; each gets the words behind its name. Words that only a running shell would know, sources that are not in the
 * image, and owners without an account do nothing.
 */
export const fileCommands: ReadonlyMap<string, FileCommand> = new Map<string, FileCommand>([
  ['mkdir', mkdir],
  ['install', install],
  ['chown', chown],
  ['chgrp', chgrp],
  ['chmod', chmod],
  ['dpkg-statoverride', statoverride],
  ['ln', ln],
  ['cp', cp],
  ['mv', mv],
  ['rm', rm],
  ['touch', touch],
  ['ucf', ucf],
  ['sed', sed],
  ['adduser', adduser],
]);

function mkdir(words: readonly string[], context: FileCommandContext): void {
  const { options, operands } = readOptions(words, new Set(['m', 'mode']));
  const mode = modeOf(options.get('m') ?? options.get('mode')) ?? 0o777 & ~context.umask;
  for (const path of known(operands)) context.draft.makeFolder(path, context.cause, { mode });
}

const installOptions = new Set(['o', 'owner', 'g', 'group', 'm', 'mode', 't', 'target-directory', 'S', 'suffix']);

function install(words: readonly string[], context: FileCommandContext): void {
  const { draft, accounts, cause } = context;
  const { options, operands } = readOptions(words, installOptions);
  const uid = userId(options.get('o') ?? options.get('owner'), accounts);
  const gid = groupId(options.get('g') ?? options.get('group'), accounts);
  const mode = modeOf(options.get('m') ?? options.get('mode')) ?? 0o755;
  if (options.has('d') || options.has('directory')) {
    for (const path of known(operands)) {
      const entry = draft.makeFolder(path, cause);
      if (entry !== undefined) draft.change(entry.path, { mode, uid, gid }, cause);
    }
    return;
  }
  const target = options.get('t') ?? options.get('target-directory');
  copyAll(operands, { target, context, permissions: () => ({ mode, uid, gid }) });
}

function chown(words: readonly string[], context: FileCommandContext): void {
  changeAll(words, context, (owner) => {
    const match = /^([^:.]*)(?:[:.](.*))?$/.exec(owner) ?? /^([^:]*)(?::(.*))?$/.exec(owner);
    const [, user = '', group] = match ?? [];
    const uid = user === '' ? undefined : userId(user, context.accounts);
    if (user !== '' && uid === undefined) return undefined;
    // `user:` is the user's own group.
    const gid =
      group === ''
        ? context.accounts.users.find((one) => one.uid === uid)?.gid
        : group === undefined
          ? undefined
          : groupId(group, context.accounts);
    return group !== undefined && gid === undefined ? undefined : () => ({ uid, gid });
  });
}

function chgrp(words: readonly string[], context: FileCommandContext): void {
  changeAll(words, context, (group) => {
    const gid = groupId(group, context.accounts);
    return gid === undefined ? undefined : () => ({ gid });
  });
}

function chmod(words: readonly string[], context: FileCommandContext): void {
  changeAll(words, context, (text) => (entry) => ({ mode: changedMode(text, entry) }));
}

/** `--update --add USER GROUP MODE PATH`: what dpkg would set at every unpacking. */
function statoverride(words: readonly string[], { draft, accounts, cause }: FileCommandContext): void {
  const { options, operands } = readOptions(words, new Set(['root', 'admindir', 'instdir']));
  const [user = '', group = '', mode = '', path = ''] = operands;
  const entry = known([path]).map((one) => draft.find(one))[0];
  if (!options.has('add') || entry === undefined) return;
  const id = (text: string) => text.replace(/^#/, '');
  const owner = { uid: userId(id(user), accounts), gid: groupId(id(group), accounts) };
  if (owner.uid !== undefined && owner.gid !== undefined)
    draft.change(entry.path, { ...owner, mode: modeOf(mode) }, cause);
}

function ln(words: readonly string[], { draft, cause }: FileCommandContext): void {
  const { options, operands } = readOptions(words, new Set(['t', 'S', 'suffix', 'target-directory']));
  const [target = '', place = `./${baseName(target)}`] = operands;
  if (!(options.has('s') || options.has('symbolic')) || known([place]).length === 0 || target.includes(unknown)) return;
  // The links of a merged /usr are the base layout's. Scripts that make one ask first whether it is there.
  if (/^\/(bin|sbin|lib(32|64|o32|x32)?)\/?$/.test(place)) return;
  const keepsLink = options.has('n') || options.has('no-dereference') || options.has('T');
  const isFolder = !keepsLink && draft.find(place)?.type === 'directory';
  const path = isFolder || place.endsWith('/') ? `${place}/${baseName(target.replace(/\/+$/, ''))}` : place;
  if (options.has('f') || options.has('force')) draft.remove(path);
  if (draft.lookAt(path) !== undefined) return;
  const isRelative = options.has('r') || options.has('relative');
  draft.makeLink(path, isRelative ? relativeTarget(path, target) : target, cause);
}

/** `ln -r`: the way from the link's folder. */
function relativeTarget(path: string, target: string): string {
  if (!target.startsWith('/')) return target;
  const from = path
    .split('/')
    .filter((name) => name !== '')
    .slice(0, -1);
  const to = target.split('/').filter((name) => name !== '');
  while (from.length > 0 && from[0] === to[0]) {
    from.shift();
    to.shift();
  }
  return [...from.map(() => '..'), ...to].join('/');
}

function cp(words: readonly string[], context: FileCommandContext): void {
  const { options, operands } = readOptions(words, new Set(['t', 'target-directory', 'S', 'suffix']));
  const keeps = ['a', 'p', 'archive', 'preserve'].some((option) => options.has(option));
  copyAll(operands, {
    target: options.get('t') ?? options.get('target-directory'),
    context,
    recursive: ['a', 'r', 'R', 'archive', 'recursive'].some((option) => options.has(option)),
    permissions: ({ mode, uid, gid }) => (keeps ? { mode, uid, gid } : { mode: mode & 0o777 & ~context.umask }),
  });
}

/** Only what a script made itself can go elsewhere: it is copied, and the first one taken away. */
function mv(words: readonly string[], context: FileCommandContext): void {
  const { draft } = context;
  const { operands } = readOptions(words, new Set(['t', 'S', 'suffix', 'target-directory']));
  const [from = '', to = ''] = known(operands);
  const made = from === '' ? undefined : draft.lookAt(from);
  if (made === undefined || !draft.isMade(made.path) || made.type === 'directory' || operands.length !== 2) return;
  if (made.linkTarget !== undefined) draft.makeLink(to, made.linkTarget, context.cause);
  else copyAll([from, to], { context, permissions: ({ mode, uid, gid }) => ({ mode, uid, gid }) });
  draft.remove(from);
}

function rm(words: readonly string[], { draft }: FileCommandContext): void {
  for (const path of known(readOptions(words, new Set()).operands)) draft.remove(path);
}

function touch(words: readonly string[], { draft, cause, umask }: FileCommandContext): void {
  const { operands } = readOptions(words, new Set(['r', 'reference', 'd', 'date', 't']));
  for (const path of known(operands)) {
    if (draft.find(path) === undefined) draft.writeFile(path, new Uint8Array(0), { cause, mode: 0o666 & ~umask });
  }
}

const ucfOptions = new Set(['sum-file', 'src-dir', 'state-dir', 'package', 'n', 's', 'S', 'D']);

/** ucf(1) on a first installation: the new file with its permissions. */
function ucf(words: readonly string[], context: FileCommandContext): void {
  const { options, operands } = readOptions(words, ucfOptions);
  if (options.has('purge') || options.has('p')) return;
  copyAll(operands, { context, permissions: ({ mode, uid, gid }) => ({ mode, uid, gid }) });
}

/** `sed -i`: what a script made is no longer known, so it is left out. */
function sed(words: readonly string[], { draft, isDoubtful }: FileCommandContext): void {
  const { options, operands } = readOptions(words, new Set(['e', 'expression', 'f', 'file', 'l']));
  if (isDoubtful || !(options.has('i') || options.has('in-place'))) return;
  for (const path of known(operands)) draft.remove(path);
}

/** The home of a system user: the user's, unless it is there already. */
function adduser(words: readonly string[], { draft, accounts, cause }: FileCommandContext): void {
  const { options, operands } = readOptions(words, adduserOptions);
  const user = accounts.users.find(({ name }) => name === operands[0]);
  const home = known([options.get('home') ?? ''])[0];
  if (user === undefined || home === undefined || operands.length !== 1 || !options.has('system')) return;
  if (options.has('no-create-home') || home.startsWith('/nonexistent') || draft.find(home) !== undefined) return;
  draft.makeFolder(home, cause, { mode: 0o755, uid: user.uid, gid: user.gid });
}

interface CopyOptions {
  readonly target?: string | undefined;
  readonly context: FileCommandContext;
  readonly recursive?: boolean;
  readonly permissions: (source: EffectEntry) => DraftPermissions;
}

function copyAll(operands: readonly string[], options: CopyOptions): void {
  const { context } = options;
  const sources = options.target === undefined ? operands.slice(0, -1) : operands;
  const target = options.target ?? operands.at(-1) ?? '';
  if (known([target]).length === 0) return;
  const isFolder = target.endsWith('/') || context.draft.find(target)?.type === 'directory';
  for (const source of sources.flatMap((one) => expand(one, context.draft)))
    copy(source, isFolder ? `${target}/${baseName(source)}` : target, options);
}

function copy(source: string, target: string, options: CopyOptions): void {
  const { draft, cause } = options.context;
  const isEmpty = source === '/dev/null';
  const entry = isEmpty ? empty : draft.find(source);
  if (entry?.type === 'directory' && options.recursive === true) copyFolder(entry, target, options);
  const content = isEmpty ? new Uint8Array(0) : entry && draft.read(entry.path);
  if (entry === undefined || content === undefined) return;
  const because = isEmpty ? cause.because : `a copy of /${entry.path}, ${cause.because}`;
  draft.writeFile(target, content, { cause: { ...cause, because }, ...options.permissions(entry) });
}

function copyFolder(folder: EffectEntry, target: string, options: CopyOptions): void {
  const { draft, cause } = options.context;
  draft.makeFolder(target, cause, options.permissions(folder));
  for (const path of [...draft.below(folder.path)].sort()) {
    const entry = draft.get(path);
    const place = `${target}${path.slice(folder.path.length)}`;
    if (entry?.type === 'directory') draft.makeFolder(place, cause, options.permissions(entry));
    else if (entry?.type === 'symlink') draft.makeLink(place, entry.linkTarget ?? '', cause);
    else if (entry !== undefined) copy(`/${path}`, place, options);
  }
}

const empty: EffectEntry = { path: '', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 };

/** The common form of chown, chgrp and chmod: what to change, then paths. */
function changeAll(
  words: readonly string[],
  { draft, cause, isDoubtful }: FileCommandContext,
  read: (text: string) => ((entry: EffectEntry) => DraftPermissions) | undefined,
): void {
  const { options, operands } = readOptions(words, new Set(['reference', 'from']));
  const [text = unknown, ...paths] = operands;
  if (options.has('reference') || options.has('from') || text.includes(unknown)) return;
  const change = read(text);
  if (change === undefined) return;
  const isRecursive = options.has('R') || options.has('recursive');
  for (const path of paths.flatMap((one) => expand(one, draft))) {
    const entry = draft.find(path);
    if (entry === undefined && isRecursive && /^\/+$/.test(path)) changeBelow('', change, { draft, cause });
    // Whether a new file stays as it is made is as likely.
    if (entry === undefined || (isDoubtful && draft.isMade(entry.path) && entry.type !== 'directory')) continue;
    draft.change(entry.path, change(entry), cause);
    if (isRecursive) changeBelow(entry.path, change, { draft, cause });
  }
}

function changeBelow(
  folder: string,
  change: (entry: EffectEntry) => DraftPermissions,
  { draft, cause }: Pick<FileCommandContext, 'draft' | 'cause'>,
): void {
  for (const path of [...draft.below(folder)]) {
    const entry = draft.get(path);
    if (entry !== undefined) draft.change(path, change(entry), cause);
  }
}

/** `*` and `?` in the last component stand for the names that are there, a dot at the start apart. */
function expand(path: string, draft: DraftTree): readonly string[] {
  const wildcards = path.match(/[*?]/g)?.length ?? 0;
  if (wildcards === 0) return known([path]);
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (wildcards > 4 || /[*?[]/.test(folder) || path.includes('[') || known([path]).length === 0) return [];
  const place = folder === '' ? '' : followPath(draft, folder, { last: true });
  if (place === undefined) return [];
  const escaped = baseName(path).replace(/[.+^${}()|\\]/g, '\\$&');
  const pattern = new RegExp(`^${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
  return [...draft.below(place)]
    .map((one) => one.slice(place === '' ? 0 : place.length + 1))
    .filter(
      (name) => !name.includes('/') && !(name.startsWith('.') && !baseName(path).startsWith('.')) && pattern.test(name),
    )
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** Absolute, and known before anything runs. */
function known(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => path.startsWith('/') && !path.includes(unknown));
}

function modeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : changedMode(text, { mode: 0o755, type: 'directory' });
}

function userId(text: string | undefined, { users }: Accounts): number | undefined {
  if (text === undefined) return undefined;
  return users.find(({ name }) => name === text)?.uid ?? (/^[0-9]{1,9}$/.test(text) ? Number(text) : undefined);
}

function groupId(text: string | undefined, { groups }: Accounts): number | undefined {
  if (text === undefined) return undefined;
  return groups.find(({ name }) => name === text)?.gid ?? (/^[0-9]{1,9}$/.test(text) ? Number(text) : undefined);
}
