import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';

/** A tree with the contents that are kept of it. */
export interface TextTree {
  readonly rootfs: Pick<Rootfs, 'list' | 'resolve'>;
  textOf(node: Pick<RootfsNode, 'origin'>): Uint8Array | undefined;
}

/** Where package managers keep their databases. */
export const databaseFolders = ['var/lib/dpkg', 'var/lib/apt', 'lib/apk', 'usr/lib/apk'] as const;

/** Contents of the files of a folder, by base name, links followed. */
export function textsIn(folder: string, { rootfs, textOf }: TextTree): ReadonlyMap<string, Uint8Array> {
  const texts = new Map<string, Uint8Array>();
  for (const { entry } of rootfs.list(folder) ?? []) {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    const node = rootfs.resolve(entry.path);
    const text = node === undefined ? undefined : textOf(node);
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}

/** Content of the file that a path leads to, and the path where it lies. */
export function textAt(
  path: string,
  { rootfs, textOf }: TextTree,
): { readonly path: string; readonly text: Uint8Array } | undefined {
  const node = rootfs.resolve(path);
  const text = node === undefined ? undefined : textOf(node);
  return node === undefined || text === undefined ? undefined : { path: node.entry.path, text };
}
