import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { writeFileAtomically } from '../image/atomic-output.ts';
import { replaceDirectory } from '../image/output-directory.ts';
import { treeTar } from '../image/rootfs-tar.ts';
import { unpackRootfs } from '../image/unpack.ts';
import { ancestorPaths } from '../rootfs/path.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import { type TreeOptions, withTree } from './with-tree.ts';

/** Where extracted files go: a new or empty folder, a tar file, or whoever takes the bytes of a tar. */
export type ExtractTarget =
  | { readonly type: 'folder'; readonly folder: string }
  | { readonly type: 'tar'; readonly file: string }
  | { readonly type: 'stream'; readonly write: (bytes: Uint8Array) => unknown };

export interface ExtractOptions extends TreeOptions {
  /** Files and folders, with all that is in them; links on the way are followed, one that is named itself stays a link. Default: everything. */
  readonly paths?: readonly string[] | undefined;
  readonly target: ExtractTarget;
}

export interface ExtractReport {
  /** The name under which the image was opened. */
  readonly image: string;
  /** Folder or file that was written; missing for a stream. */
  readonly output?: string | undefined;
  /** Names that were taken, the folders above the named paths among them. */
  readonly paths: number;
  /** Bytes of their contents, hard links once. */
  readonly bytes: number;
}

/**
 * Takes files and folders out of an image, under the paths that they have there. Nothing is written outside the target, whatever the image
 * says, and nothing is there before all of it is read and checked (but a stream). Owners are set as root only; devices and pipes are
 * left out of a folder, with a warning.
 * @throws SlimimageError SOURCE_INVALID for a path that is not there, OUTPUT_INVALID for a folder that is not empty, IO, and as withTree
 */
export async function extractImage(name: string, options: ExtractOptions): Promise<ExtractReport> {
  const { cwd, target, signal, onEvent } = options;
  return withTree(name, options, async ({ image, rootfs }) => {
    const nodes = chosenNodes(rootfs, options.paths ?? ['/'], image.name);
    const totals = { image: image.name, paths: nodes.length, bytes: contentBytes(nodes) };
    if (target.type === 'folder') {
      const folder = resolve(cwd, target.folder);
      // Whoever takes files out works on them: what an earlier call made is not replaced.
      await replaceDirectory(folder, undefined, (root) =>
        unpackRootfs(image, rootfs, { root, nodes, signal, onEvent }),
      );
      return { ...totals, output: folder };
    }
    const tar = treeTar(image, nodes, { signal });
    if (target.type === 'tar') {
      const file = resolve(cwd, target.file);
      await writeFileAtomically(file, tar);
      return { ...totals, output: file };
    }
    for await (const bytes of tar) await target.write(bytes);
    return totals;
  });
}

/** In the order of a walk, so that folders come before what they hold. */
function chosenNodes(rootfs: Rootfs, paths: readonly string[], name: string): readonly RootfsNode[] {
  const tops = paths.map((path) => {
    const node = rootfs.resolve(path, { followLast: false });
    if (node !== undefined) return node.entry.path;
    const message = `${name} has no path ${path}`;
    throw new SlimimageError({ code: 'SOURCE_INVALID', message, hint: 'slimimage ls IMAGE shows all that it has.' });
  });
  if (tops.includes('')) return [...rootfs.walk()];
  const above = new Set(tops.flatMap((top) => [...ancestorPaths(top)]));
  const chosen = new Set(tops);
  return [...rootfs.walk()].filter(({ entry: { path } }) => {
    if (above.has(path) || chosen.has(path)) return true;
    for (const ancestor of ancestorPaths(path)) if (chosen.has(ancestor)) return true;
    return false;
  });
}

function contentBytes(nodes: readonly RootfsNode[]): number {
  const sizes = new Map(nodes.map(({ inode, entry }) => [inode, entry.size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
