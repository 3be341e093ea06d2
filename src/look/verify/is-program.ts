import type { RootfsNode } from '../../rootfs/rootfs.ts';

/** What is started or loaded: files with an execute bit, and shared libraries by their names. */
export function isProgram({ entry }: RootfsNode): boolean {
  return entry.type === 'file' && ((entry.mode & 0o111) !== 0 || /\.so(?:\.\d+)*$/.test(entry.path));
}
