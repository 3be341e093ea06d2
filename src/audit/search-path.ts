import type { ElfFacts } from '../formats/elf/facts.ts';
import { limits } from '../limits.ts';
import { parentPath } from '../rootfs/path.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';

/** An element of an rpath or runpath behind which anyone can put a library. */
export interface OpenFolder {
  /** As the file has it; `(empty)` for one without text. */
  readonly element: string;
  readonly why: string;
}

/** Elements of one file that are looked at. */
const maxElements = 200;

/** ld.so(8): where a file has both, the runpath alone counts; an empty text is none. */
export function openFolders(
  rootfs: Rootfs,
  { elf, path }: { readonly elf: Pick<ElfFacts, 'rpath' | 'runpath'>; readonly path: string },
): readonly OpenFolder[] {
  const text = elf.runpath ?? elf.rpath ?? '';
  if (text === '') return [];
  const elements = [...new Set(text.split(/[:;]/, maxElements))];
  return elements.flatMap((element) => {
    const why = opening(rootfs, element, `/${parentPath(path)}`);
    return why === undefined ? [] : [{ element: element === '' ? '(empty)' : element, why }];
  });
}

function opening(rootfs: Rootfs, element: string, origin: string): string | undefined {
  if (element === '') return 'that is the working folder, whatever it is';
  const folder = element.replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, origin).replace(/\$(?:LIB\b|\{LIB\})/g, 'lib');
  if (!folder.startsWith('/')) return 'that is relative to the working folder, whatever it is';
  return writable(rootfs, folder);
}

/** What engines or boot scripts make for everybody, also where the image has no such folder. */
const temporary = /^(tmp|var\/tmp|dev\/shm|run\/lock|var\/lock)(?:\/|$)/;

/** Follows the way to a folder: who may write to one on the way may put another in its place. */
function writable(rootfs: Rootfs, folder: string, hops = 0): string | undefined {
  const names = folder.split('/').filter((name) => name !== '' && name !== '.');
  const shared = temporary.exec(names.join('/'))?.[1];
  if (shared !== undefined) return `everybody may write to /${shared}`;
  let above: RootfsNode = rootfs.root;
  for (let length = 1; length <= names.length; length++) {
    const at = names.slice(0, length).join('/');
    const node = rootfs.resolve(at);
    if (node === undefined) {
      const link = rootfs.resolve(at, { followLast: false })?.entry;
      if (link?.type === 'symlink' && hops < limits.symlinkHops) {
        const target = link.linkTarget ?? '';
        const rest = names.slice(length).join('/');
        return writable(rootfs, `${target.startsWith('/') ? '' : parentPath(link.path)}/${target}/${rest}`, hops + 1);
      }
      // In a sticky folder, too, anyone may make what is not there.
      return isOpen(above) ? `there is none, and everybody may make it in /${above.entry.path}` : undefined;
    }
    if (node.entry.type !== 'directory') return undefined;
    const real = temporary.exec(node.entry.path)?.[1];
    if (real !== undefined) return `everybody may write to /${real}`;
    if (isOpen(node) && (length === names.length || !isSticky(node)))
      return `everybody may write to /${node.entry.path}`;
    above = node;
  }
  return undefined;
}

function isOpen({ entry }: RootfsNode): boolean {
  return (entry.mode & 0o002) !== 0;
}

function isSticky({ entry }: RootfsNode): boolean {
  return (entry.mode & 0o1000) !== 0;
}
