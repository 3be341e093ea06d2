import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImageView } from '../view/types.ts';

/** What engines set where an image says nothing. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Folders of PATH that are looked into: a hostile image has a script for each of a hundred thousand names. */
const maxFolders = 200;

/** The file that a name means to execvp(3): a path, from the working folder where it is relative, or the first in PATH. */
export function findProgram({ rootfs, config }: ImageView, name: string): RootfsNode | undefined {
  const { Env = [], WorkingDir = '' } = config?.config ?? {};
  const path = Env.findLast((line) => line.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath;
  const places = name.includes('/')
    ? [name.startsWith('/') ? name : `${WorkingDir}/${name}`]
    : path
        .split(':', maxFolders)
        .map((folder) => `${folder.startsWith('/') ? folder : `${WorkingDir}/${folder}`}/${name}`);
  for (const place of places) {
    const node = rootfs.resolve(place);
    if (node?.entry.type === 'file' && (node.entry.mode & 0o111) !== 0) return node;
  }
  return undefined;
}
