import { relative } from 'node:path';
import type { FileSetting, ImageSpec } from '../../config/spec.ts';
import type { SbomSource } from '../../sbom/types.ts';
import type { Session } from '../session.ts';
import type { ImageTree, TreeNode } from '../tree.ts';

/** Where the files of `files:` came from. */
export interface FileSources {
  /** In the order of the configuration. */
  readonly list: readonly SbomSource[];
  /** Index into `list` of the entry that a file of the host came with. */
  indexOf(node: TreeNode): number | undefined;
}

/** The entries of `files:` that have files in the image, with what git knows of their folders. */
export async function fileSources(
  spec: Pick<ImageSpec, 'files' | 'directory'>,
  _tree: ImageTree,
  _session: Pick<Session, 'env' | 'signal'>,
): Promise<FileSources> {
  const list = spec.files.map((setting): SbomSource => {
    return { name: nameOf(setting, spec.directory), path: setting.path, git: undefined, image: undefined };
  });
  return { list, indexOf: ({ source }) => lastRule(source.type === 'file' ? source.rule : '', spec.files) };
}

/** As the configuration has it: of a path of this machine, only how to get there from the configuration's folder. */
function nameOf({ source, image }: FileSetting, directory: string): string {
  if (image !== undefined) return source;
  const path = relative(directory, source);
  return path.startsWith('..') ? path : `./${path}`;
}

/** A later entry for the same place has replaced an earlier one's files. */
function lastRule(rule: string, files: readonly FileSetting[]): number | undefined {
  const at = files.findLastIndex(({ path }) => rule === `files: ${path}`);
  return at < 0 ? undefined : at;
}
