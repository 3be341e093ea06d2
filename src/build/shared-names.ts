import type { ImageTree, TreeNode } from './tree.ts';

/**
 * Tells the names of one file, hard links all: owner and mode belong to the file, so that a change through one name has
 * to be written with every name (who unpacks a layer applies the header of each).
 * @returns a path's names, itself among them; it looks at the tree once, when it is first asked
 */
export function sharedNames(tree: ImageTree): (path: string) => readonly string[] {
  let names: ReadonlyMap<string, readonly string[]> | undefined;
  return (path) => {
    const node = tree.get(path);
    const key = node === undefined ? undefined : fileOf(node, tree);
    if (key === undefined) return [path];
    names ??= namesByFile(tree);
    return names.get(key) ?? [path];
  };
}

function namesByFile(tree: ImageTree): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const node of tree.nodes()) {
    const key = fileOf(node, tree);
    if (key === undefined) continue;
    const list = names.get(key);
    if (list === undefined) names.set(key, [node.entry.path]);
    else list.push(node.entry.path);
  }
  return names;
}

/** What names of the same file have in common; undefined for what is no file. */
function fileOf({ entry, source }: TreeNode, tree: ImageTree): string | undefined {
  if (source.type === 'package') {
    const { type, path, linkTarget } = source.origin;
    if (type !== 'file' && type !== 'hardlink') return undefined;
    return `${source.package}:${type === 'hardlink' ? linkTarget : path}`;
  }
  if (entry.type === 'file') return `/${entry.path}`;
  if (entry.type !== 'hardlink') return undefined;
  const target = tree.get(entry.linkTarget ?? '');
  // A configured hard link always names a file, so this goes one step deep.
  return target === undefined || target.entry.path === entry.path ? undefined : fileOf(target, tree);
}
