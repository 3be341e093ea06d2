import type { FileSetting } from '../config/spec.ts';
import type { WorkerPool } from '../content/pool.ts';
import { SlimimageError } from '../errors.ts';
import { confinePath } from '../rootfs/path.ts';
import { hexOf } from '../util/digest.ts';
import { type HostEntry, type HostTree, listHostFiles } from './host-files.ts';
import type { ImageTree, TreeNode } from './tree.ts';

/** A path that the configuration adds; its owner may still be a name. */
export interface ConfiguredNode {
  readonly node: TreeNode;
  readonly owner: string | undefined;
}

export interface CopyOptions {
  readonly tree: ImageTree;
  readonly pool: WorkerPool;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** Reads one entry of `files:` from the host: contents hashed, metadata normalised (contract.md, "Bytes"). */
export async function copyHostFiles(setting: FileSetting, options: CopyOptions): Promise<readonly ConfiguredNode[]> {
  const source = await listHostFiles(setting.source, setting.ignore);
  const files = source.entries.flatMap((entry) => (entry.type === 'file' ? [entry.file] : []));
  const digests = await options.pool.run('hashFiles', { files });
  const sha256 = new Map(files.map((file, at) => [file, hexOf(digests[at] as (typeof digests)[number])]));
  const destination = destinationOf(setting, source, options.tree);
  const rule = `files: ${setting.path}`;
  const nodes = source.entries.map((entry) => {
    const path = entry.path === '' ? destination : join(destination, entry.path);
    const common = {
      path: options.tree.resolve(path, { last: entry.type === 'directory' }),
      uid: 0,
      gid: 0,
      mtime: options.created,
    };
    return { owner: setting.owner, node: nodeOf(entry, { common, setting, rule, sha256 }) };
  });
  if (source.type === 'file' || destination === '') return nodes;
  const mode = options.tree.get(destination)?.entry.mode ?? 0o755;
  const folder = {
    path: destination,
    type: 'directory' as const,
    mode,
    uid: 0,
    gid: 0,
    mtime: options.created,
    size: 0,
  };
  return [{ owner: setting.owner, node: { entry: folder, source: { type: 'none', rule } } }, ...nodes];
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
