import { type ImageTree, isConfigured, parentOf, type TreeNode } from '../tree.ts';

/** A part of the tree that makes a layer. */
export interface TreePart {
  /** Everything that is in the layer: the folders above its paths too. */
  readonly nodes: readonly TreeNode[];
  /** Names of the packages whose layer it is, sorted; a package may have no path in it. */
  readonly packages: readonly string[];
  /** `all`: the image is not divided. */
  readonly holds: 'all' | 'packages' | 'generated' | 'own';
}

export interface DivideOptions {
  /** Names of packages, in the order of the layers. */
  readonly groups: readonly (readonly string[])[];
  /** Whether what belongs to no package has a layer of its own; else it is in the last one of packages. */
  readonly generatedApart: boolean;
}

/**
 * The tree as layers: packages with their records, then generated files of no package, then what `files:` and `paths:` put in.
 * Every path that is no folder is in one layer alone. Folders are in each layer that has something in them. Parts without
 * anything are left out. The image below gives a part nothing but the folders above what is new.
 */
export function divideTree(tree: ImageTree, { groups, generatedApart }: DivideOptions): readonly TreePart[] {
  const parts = [
    ...groups.map((packages) => newPart(packages, 'packages')),
    ...(generatedApart || groups.length === 0 ? [newPart([], 'generated')] : []),
  ];
  const generated = parts.at(-1) as GrowingPart;
  const own = newPart([], 'own');
  const partOf = new Map(groups.flatMap((names, at) => names.map((name) => [name, parts[at] as GrowingPart])));
  const bystanders: TreeNode[] = [];
  for (const node of tree.nodes()) {
    if (node.source.type === 'base') continue;
    if (isBystander(node)) bystanders.push(node);
    else (isOwn(node, tree) ? own : (partOf.get(packageOf(node, tree) ?? '') ?? generated)).nodes.push(node);
  }
  const all = [...parts, own];
  for (const part of all) addParents(part, tree);
  // Folders that were made for something which is no longer there.
  const placed = new Set(all.flatMap(({ folders }) => [...folders]));
  generated.nodes.push(...bystanders.filter(({ entry }) => !placed.has(entry.path)));
  addParents(generated, tree);
  return all.filter(({ nodes }) => nodes.length > 0).map(({ folders: _, ...part }) => part);
}

/** The whole tree as one layer. */
export function wholeTree(tree: ImageTree, packages: readonly string[]): TreePart {
  const part = newPart(packages, 'all');
  for (const node of tree.nodes()) if (node.source.type !== 'base') part.nodes.push(node);
  addParents(part, tree);
  const { nodes, holds } = part;
  return { nodes, packages, holds };
}

interface GrowingPart extends TreePart {
  readonly nodes: TreeNode[];
  /** Paths of the folders in it, as far as something is in them. */
  readonly folders: Set<string>;
}

function newPart(packages: readonly string[], holds: TreePart['holds']): GrowingPart {
  return { nodes: [], packages, holds, folders: new Set() };
}

/** A folder that is there for what lies in it, and belongs to nobody. */
function isBystander({ entry, source }: TreeNode): boolean {
  return entry.type === 'directory' && source.type === 'none' && source.rule === 'parent folder';
}

/** Put there by the configuration. A hard link goes where its file is: none reaches from one layer into another. */
function isOwn(node: TreeNode, tree: ImageTree): boolean {
  const { source, entry } = node;
  if (source.type !== 'package' && entry.type === 'hardlink') {
    const file = tree.get(entry.linkTarget ?? '');
    return file === undefined || file === node ? true : isOwn(file, tree);
  }
  return isConfigured(source);
}

/** The rule's files come from that package. */
const packageOfRule: Readonly<Record<string, string>> = {
  'base layout': 'base-files',
  'login files': 'base-files',
  certificates: 'ca-certificates',
  'java trust store': 'ca-certificates',
};

function packageOf(node: TreeNode, tree: ImageTree): string | undefined {
  const { source, entry } = node;
  if (source.type === 'package') return source.package;
  if (source.type === 'base') return undefined;
  if (entry.type === 'hardlink') {
    const file = tree.get(entry.linkTarget ?? '');
    return file === undefined || file === node ? undefined : packageOf(file, tree);
  }
  if (source.rule === 'dpkg metadata') return recordedPackage(entry.path);
  if (source.rule === 'byte code') return packageOfBytecode(entry.path, tree);
  return packageOfRule[source.rule];
}

/** `x/__pycache__/y.cpython-313.pyc` is of the package that has `x/y.py`. */
function packageOfBytecode(path: string, tree: ImageTree): string | undefined {
  const module = tree.get(path.replace(/__pycache__\/([^/]+)\.[^./]+\.pyc$/, '$1.py'));
  return module?.source.type === 'package' ? module.source.package : undefined;
}

/** The package that a file of `var/lib/dpkg/status.d` speaks of: `PKG`, `PKG.md5sums`, either with `:ARCH`. */
export function recordedPackage(path: string): string | undefined {
  return /^var\/lib\/dpkg\/status\.d\/([^/:]+?)(?::[^/.]+)?(?:\.md5sums)?$/.exec(path)?.[1];
}

function addParents({ nodes, folders }: GrowingPart, tree: ImageTree): void {
  const own = new Set(nodes.flatMap(({ entry }) => (entry.type === 'directory' ? [entry.path] : [])));
  for (const { entry } of [...nodes]) {
    for (let path = parentOf(entry.path); path !== '' && !folders.has(path); path = parentOf(path)) {
      folders.add(path);
      const folder = tree.get(path);
      if (folder !== undefined && !own.has(path)) nodes.push(folder);
    }
  }
}
