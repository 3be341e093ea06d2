import type { FileSetting } from '../config/spec.ts';
import type { WorkerPool } from '../content/pool.ts';
import { SlimimageError } from '../errors.ts';
import { confinePath } from '../rootfs/path.ts';
import { hexOf } from '../util/digest.ts';
import { type HostEntry, type HostTree, type ListOptions, listHostFiles } from './host-files.ts';
import type { ImageTree, TreeNode } from './tree.ts';

/** A path that the configuration adds; its owner may still be a name. */
export interface ConfiguredNode {
  readonly node: TreeNode;
  readonly owner: string | undefined;
}

/** What an entry of `files:` puts into the image. */
export interface CopiedFiles {
  readonly nodes: readonly ConfiguredNode[];
  /** Paths in the image that a repository of git would have had: `app/.git`. */
  readonly leftOut: readonly string[];
}

export interface CopyOptions {
  readonly tree: ImageTree;
  readonly pool: WorkerPool;
  readonly isOwn?: ListOptions['isOwn'];
  /** Seconds since the epoch. */
  readonly created: number;
}

/**
 * Reads one entry of `files:` from the host: contents hashed, metadata normalised (contract.md, "Bytes"). Folders that
 * the image has already keep their mode and owner, as with a Dockerfile's COPY; `owner:` counts for `path:` itself.
 */
export async function copyHostFiles(setting: FileSetting, options: CopyOptions): Promise<CopiedFiles> {
  const { tree, created, isOwn } = options;
  const dockerignore = setting.image === undefined;
  const source = await listHostFiles(setting.source, setting.ignore, { dockerignore, isOwn });
  const files = source.entries.flatMap((entry) => (entry.type === 'file' ? [entry.file] : []));
  const digests = await options.pool.run('hashFiles', { files });
  const sha256 = new Map(files.map((file, at) => [file, hexOf(digests[at] as (typeof digests)[number])]));
  const destination = destinationOf(setting, source, tree);
  const rule = `files: ${setting.path}`;
  const folder = source.type === 'file' ? [] : destinationFolder(destination, setting, { rule, ...options });
  const nodes = source.entries.flatMap((entry): readonly ConfiguredNode[] => {
    const path = entry.path === '' ? destination : join(destination, entry.path);
    const placed = tree.resolve(path, { last: entry.type === 'directory' });
    if (entry.type === 'directory' && tree.get(placed)?.entry.type === 'directory') return [];
    const common = { path: placed, uid: 0, gid: 0, mtime: created };
    return [{ owner: setting.owner, node: nodeOf(entry, { common, setting, rule, sha256 }) }];
  });
  return { nodes: [...folder, ...nodes], leftOut: source.leftOut.map((path) => join(destination, path)) };
}

function destinationFolder(
  path: string,
  { owner }: FileSetting,
  { tree, created, rule }: CopyOptions & { readonly rule: string },
): readonly ConfiguredNode[] {
  const existing = tree.get(path);
  if (path === '' || (existing !== undefined && owner === undefined)) return [];
  const entry = { path, type: 'directory' as const, mode: 0o755, uid: 0, gid: 0, mtime: created, size: 0 };
  return [{ owner, node: existing ?? { entry, source: { type: 'none', rule } } }];
}

/** Where a source lands: a file at `path`, or in it where that is a folder; a folder's contents in `path`. */
export function destinationOf(setting: FileSetting, source: Pick<HostTree, 'type' | 'name'>, tree: ImageTree): string {
  const path = tree.resolve(confinePath(setting.path, { absolute: 'strip' }), { last: true });
  const existing = tree.get(path)?.entry.type;
  if (source.type === 'directory') {
    if (existing === undefined || existing === 'directory') return path;
    throw new SlimimageError({
      code: 'FILE_CONFLICT',
      message: `files: the folder ${setting.source} would take the place of /${path}, which is a ${existing}`,
    });
  }
  const folder = setting.path.endsWith('/') || existing === 'directory' || path === '';
  return folder ? join(path, source.name) : path;
}

interface NodeParts {
  readonly common: { readonly path: string; readonly uid: number; readonly gid: number; readonly mtime: number };
  readonly setting: FileSetting;
  readonly rule: string;
  readonly sha256: ReadonlyMap<string, string>;
}

function nodeOf(entry: HostEntry, { common, setting, rule, sha256 }: NodeParts): TreeNode {
  if (entry.type === 'directory') {
    return { entry: { ...common, type: 'directory', mode: 0o755, size: 0 }, source: { type: 'none', rule } };
  }
  if (entry.type === 'symlink') {
    return {
      entry: { ...common, type: 'symlink', mode: 0o777, size: 0, linkTarget: entry.target },
      source: { type: 'none', rule },
    };
  }
  const mode = setting.mode ?? (entry.executable ? 0o755 : 0o644);
  return {
    entry: { ...common, type: 'file', mode, size: entry.size },
    source: { type: 'file', file: entry.file, sha256: sha256.get(entry.file) as string, rule },
  };
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
