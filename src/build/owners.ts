import type { PathSetting } from '../config/spec.ts';
import type { Accounts } from '../effects/account-table.ts';
import { resolveOwner } from '../effects/resolve-user.ts';
import type { EffectEntry, EffectResult } from '../effects/types.ts';
import { SlimimageError } from '../errors.ts';
import { confinePath } from '../rootfs/path.ts';
import type { ConfiguredNode } from './copied-files.ts';
import { sharedNames } from './shared-names.ts';
import type { ImageTree, TreeNode } from './tree.ts';

interface OwnerOptions {
  readonly configured: readonly ConfiguredNode[];
  readonly effects: EffectResult;
}

/** Names become ids: of the configuration's owners, and of packaged files that name an account beside root. */
export function settleOwners(tree: ImageTree, { configured, effects }: OwnerOptions): void {
  const namesOf = sharedNames(tree);
  for (const { entry, source } of [...tree.nodes()]) {
    if (source.type !== 'package' || (entry.userName === undefined && entry.groupName === undefined)) continue;
    const { uid, gid } = packagedOwner(entry, effects.accounts);
    if (uid === entry.uid && gid === entry.gid) continue;
    for (const path of namesOf(entry.path)) change(tree, path, { uid, gid });
  }
  for (const { node, owner } of configured) {
    if (owner === undefined || !tree.has(node.entry.path)) continue;
    const ids = resolveOwner(owner, effects.accounts);
    for (const path of namesOf(node.entry.path)) change(tree, path, ids);
  }
}

/** dpkg looks an owner up by its name in the .deb and takes the number only where the name is unknown (dpkg(1)). */
function packagedOwner(entry: EffectEntry, { users, groups }: Accounts): { uid: number; gid: number } {
  const user = entry.userName === undefined ? undefined : users.find(({ name }) => name === entry.userName);
  const group = entry.groupName === undefined ? undefined : groups.find(({ name }) => name === entry.groupName);
  return { uid: user?.uid ?? entry.uid, gid: group?.gid ?? entry.gid };
}

/** Owners and modes that maintainer scripts would have given to packaged paths; what the configuration put there keeps its own. */
export function applyScriptedPermissions(tree: ImageTree, { changes }: EffectResult): void {
  const namesOf = sharedNames(tree);
  for (const { path, mode, uid, gid } of changes) {
    const node = tree.get(path);
    if (node?.source.type !== 'package') continue;
    const metadata = {
      mode: mode ?? node.entry.mode,
      uid: uid ?? node.entry.uid,
      gid: gid ?? node.entry.gid,
    };
    for (const name of namesOf(path)) change(tree, name, metadata);
  }
}

/** A `permissions` entry of `paths:`: other mode or owner for what is there. */
export function changePermissions(
  tree: ImageTree,
  setting: PathSetting & { type: 'permissions' },
  effects: EffectResult,
): void {
  const path = tree.resolve(confinePath(setting.path, { absolute: 'strip' }), { last: true });
  if (!tree.has(path)) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `paths: ${setting.path} is not in the image, so its permissions can't be changed`,
      hint: 'Add type: directory, or content:, to make it.',
    });
  }
  const owner = setting.owner === undefined ? {} : resolveOwner(setting.owner, effects.accounts);
  const targets = setting.recursive ? [path, ...tree.below(path)] : [path];
  const namesOf = sharedNames(tree);
  for (const target of new Set(targets.flatMap(namesOf))) {
    const isLink = tree.get(target)?.entry.type === 'symlink';
    change(tree, target, { ...owner, ...(isLink || setting.mode === undefined ? {} : { mode: setting.mode }) });
  }
}

/** New metadata for a path that is there. */
function change(tree: ImageTree, path: string, metadata: { mode?: number; uid?: number; gid?: number }): void {
  const node = tree.get(path) as TreeNode;
  const source = node.source.type === 'package' ? { ...node.source, intact: false } : changedBase(node);
  tree.set({ entry: { ...node.entry, ...metadata }, source });
}

/** A folder of the image below can be given other permissions by a new layer; a file would have to be copied. */
function changedBase(node: TreeNode): TreeNode['source'] {
  if (node.source.type !== 'base') return node.source;
  if (node.entry.type === 'directory') return { type: 'none', rule: 'paths: permissions' };
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `paths: /${node.entry.path} is a file of the image below; its permissions can't be changed from here`,
    hint: 'Copy it with files: { image: ..., source: ..., path: ... } and give the mode there.',
  });
}
