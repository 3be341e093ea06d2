import type { CheckFile, CheckTree } from '../../check/types.ts';
import type { Content } from '../../content/types.ts';
import { factsOfBytes, factsOfFile } from '../../image/layer-programs.ts';
import type { ProgramFacts } from '../../view/types.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { TreeNode } from '../tree.ts';
import { treeView } from '../tree-view.ts';

/** The tree that a build is about to write, as the check sees it; `below` is the image of `on:`. */
export function buildTree(
  { assembled, contents, base }: Pick<AssembledPlatform, 'assembled' | 'contents' | 'base'>,
  below: CheckTree | undefined,
): CheckTree {
  const { tree } = assembled;
  const packaged = new Map<string, Content>([...contents.packages].map(([name, { content }]) => [name, content]));
  const view = treeView(tree, { contents: packaged, baseFiles: base?.files ?? new Map() });
  const files = new Map<string, CheckFile>();
  const fileOf = (node: TreeNode): CheckFile => {
    const { path, type, mode, uid, gid, linkTarget } = node.entry;
    const known = files.get(path);
    if (known !== undefined) return known;
    const facts = type === 'file' ? factsOf(node, below) : undefined;
    const file = { path, type, mode, uid, gid, linkTarget, ...facts };
    files.set(path, file);
    return file;
  };
  const root: CheckFile = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, linkTarget: undefined };
  return {
    get: (path) => {
      const node = tree.get(path);
      if (node === undefined) return path === '' ? root : undefined;
      return fileOf(node);
    },
    *entries() {
      for (const node of tree.nodes()) yield fileOf(node);
    },
    packageOf: (path) => {
      const source = tree.get(path)?.source;
      if (source?.type === 'package') return source.package;
      return source?.type === 'base' ? below?.packageOf(path) : undefined;
    },
    read: (path) => {
      const placed = tree.resolve(path, { last: true });
      return view.read(placed) ?? (tree.get(placed)?.source.type === 'base' ? below?.read(path) : undefined);
    },
  };
}

function factsOf({ entry, source }: TreeNode, below: CheckTree | undefined): ProgramFacts | undefined {
  switch (source.type) {
    case 'package': {
      const { elf, shebang, damaged } = source.origin;
      return { elf, shebang, damaged };
    }
    case 'bytes':
      return factsOfBytes(source.bytes);
    case 'file':
      // Of a folder of thousands of files only these can be loaded or executed.
      return (entry.mode & 0o111) !== 0 || /\.(?:so|node)(?:\.|$)/.test(entry.path)
        ? factsOfFile(source.file)
        : undefined;
    case 'base': {
      const { elf, shebang, damaged } = below?.get(entry.path) ?? {};
      return { elf, shebang, damaged };
    }
    default:
      return undefined;
  }
}
