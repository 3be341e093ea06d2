import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImageView } from '../view/types.ts';

/** What engines set where an image says nothing. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The file that a name means to execvp(3): a path, from the working folder where it is relative, or the first in PATH. */
export function findProgram({ rootfs, config }: ImageView, name: string): RootfsNode | undefined {
  const { Env = [], WorkingDir = '/' } = config?.config ?? {};
  const path = Env.findLast((line) => line.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath;
  const places = name.includes('/')
    ? [name.startsWith('/') ? name : `${WorkingDir}/${name}`]
    : path.split(':').map((folder) => `${folder === '' ? WorkingDir : folder}/${name}`);
  for (const place of places) {
    const node = rootfs.resolve(place);
    if (node?.entry.type === 'file') return node;
  }
  return undefined;
}
