import type { PathSetting } from '../config/spec.ts';
import { SlimimageError } from '../errors.ts';
import { confinePath } from '../rootfs/path.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { ConfiguredNode } from './copied-files.ts';
import type { ImageTree, TreeNode } from './tree.ts';

/** Makes the nodes of one entry of `paths:`, all kinds but `permissions`. */
export function configuredPath(
  setting: Exclude<PathSetting, { type: 'permissions' }>,
  options: { tree: ImageTree; created: number },
): ConfiguredNode {
  const { tree, created } = options;
  const written = confinePath(setting.path, { absolute: 'strip' });
  if (written === '')
    throw new SlimimageError({ code: 'CONFIG_INVALID', message: "paths: the root folder itself can't be configured" });
  const path = tree.resolve(written, { last: setting.type === 'directory' });
  const common = { path, uid: 0, gid: 0, mtime: created };
  const rule = `paths: ${setting.path}`;
  return { owner: setting.owner, node: nodeOf(setting, { common, rule, tree }) };
}

interface NodeParts {
  readonly common: { readonly path: string; readonly uid: number; readonly gid: number; readonly mtime: number };
  readonly rule: string;
  readonly tree: ImageTree;
}

function nodeOf(setting: Exclude<PathSetting, { type: 'permissions' }>, { common, rule, tree }: NodeParts): TreeNode {
  switch (setting.type) {
    case 'directory': {
      const existing = tree.get(common.path)?.entry;
      const mode = setting.mode ?? (existing?.type === 'directory' ? existing.mode : 0o755);
      return { entry: { ...common, type: 'directory', mode, size: 0 }, source: { type: 'none', rule } };
    }
    case 'file': {
      const bytes = encodeUtf8(setting.content);
      return {
        entry: { ...common, type: 'file', mode: setting.mode ?? 0o644, size: bytes.length },
        source: { type: 'bytes', bytes, rule },
      };
    }
    case 'symlink':
      return {
        entry: { ...common, type: 'symlink', mode: 0o777, size: 0, linkTarget: setting.target },
        source: { type: 'none', rule },
      };
    case 'hardlink': {
      const target = tree.resolve(confinePath(setting.target, { absolute: 'strip' }), { last: true });
      const { entry: file, source } = tree.get(target) ?? {};
      if (source?.type === 'base') {
        throw new SlimimageError({
          code: 'CONFIG_INVALID',
          message: `${rule}: the hard link's target ${setting.target} is in the image below, and no link reaches from one layer into another`,
          hint: 'Make it a symbolic link: { path: ..., link: ... }.',
        });
      }
      if (file?.type !== 'file') {
        throw new SlimimageError({
          code: 'CONFIG_INVALID',
          message: `${rule}: the hard link's target ${setting.target} is no file of the image`,
          hint: 'Hard links name files of packages, files: or earlier paths:. A symbolic link may point anywhere.',
        });
      }
      return {
        entry: {
          ...file,
          ...common,
          uid: file.uid,
          gid: file.gid,
          mtime: file.mtime,
          type: 'hardlink',
          size: 0,
          linkTarget: target,
        },
        source: { type: 'none', rule },
      };
    }
  }
}
