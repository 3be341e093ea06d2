import type { ImagePython, ModuleSet, PythonModule } from '../bytecode/types.ts';
import type { Content, ContentEntry } from '../content/types.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { type ImageTree, parentOf, type TreeNode } from './tree.ts';
import { readContentEntry } from './tree-view.ts';

/** The packaged Python modules of a tree. */
export interface PythonModules {
  /** Undefined: no package of the image is a Python. */
  readonly python: ImagePython | undefined;
  /** By name; packages without modules are left out. */
  readonly sets: readonly ModuleSet[];
  /** Other Pythons in the image, whose own modules are not among them. */
  readonly others: readonly string[];
}

/**
 * What py3compile(1) and the postinst of Python compile: *.py below /usr/lib/python3 and /usr/lib/python3.N, where packages
 * have them and the configuration does not. N is that of /usr/bin/python3, else the newest. Links only where the text is
 * a package's below /usr: what lies in /etc may be changed, and unchecked code would not notice.
 */
export function pythonModules(tree: ImageTree, contents: ReadonlyMap<string, Content>): PythonModules {
  const minors = minorsOf(tree);
  const minor = defaultMinor(tree, minors);
  if (minor === undefined) return { python: undefined, sets: [], others: [] };
  const sets = new Map<string, PythonModule[]>();
  for (const folder of ['usr/lib/python3', `usr/lib/python${minor}`]) {
    for (const path of tree.below(folder)) {
      const node = path.endsWith('.py') ? tree.get(path) : undefined;
      if (node?.source.type !== 'package' || isTaken(path, { minor, tree })) continue;
      const module = moduleOf(node, { tree, contents });
      if (module === undefined) continue;
      const list = sets.get(node.source.package);
      if (list === undefined) sets.set(node.source.package, [module]);
      else list.push(module);
    }
  }
  return {
    python: { minor, magic: magicOf(minor, { tree, contents }) },
    sets: [...sets]
      .sort(([a], [b]) => compareStrings(a, b))
      .map(([name, modules]) => ({
        package: name,
        modules: modules.toSorted((a, b) => compareStrings(a.path, b.path)),
      })),
    others: minors.filter((one) => one !== minor),
  };
}

/** Where Python looks for the byte code of a module (PEP 3147). */
export function bytecodePath(module: string, minor: string): string {
  const name = module.slice(parentOf(module).length + 1).replace(/\.py$/, '');
  return `${parentOf(module)}/__pycache__/${name}.cpython-${minor.replace('.', '')}.pyc`;
}

/** Pythons with their standard library, the newest first. */
function minorsOf(tree: ImageTree): readonly string[] {
  return tree
    .childrenOf('usr/lib')
    .flatMap((path) => /^usr\/lib\/python(3\.\d{1,3})$/.exec(path)?.[1] ?? [])
    .filter((minor) => tree.get(`usr/lib/python${minor}/os.py`)?.source.type === 'package')
    .sort((a, b) => Number(b.slice(2)) - Number(a.slice(2)));
}

function defaultMinor(tree: ImageTree, minors: readonly string[]): string | undefined {
  const target = tree.get('usr/bin/python3')?.entry.linkTarget ?? '';
  const [, named] = /^(?:\/usr\/bin\/)?python(3\.\d+)$/.exec(target) ?? [];
  return minors.find((minor) => minor === named) ?? minors[0];
}

interface Surroundings {
  readonly tree: ImageTree;
  readonly contents: ReadonlyMap<string, Content>;
}

/** Its place is a package's, the configuration's or no place for a file. */
function isTaken(path: string, { minor, tree }: { readonly minor: string; readonly tree: ImageTree }): boolean {
  const code = bytecodePath(path, minor);
  const folder = tree.get(parentOf(code))?.entry.type;
  return tree.has(code) || (folder !== undefined && folder !== 'directory');
}

function moduleOf(node: TreeNode, { tree, contents }: Surroundings): PythonModule | undefined {
  const { path } = node.entry;
  const target = node.entry.type === 'symlink' ? tree.get(linkedPath(node)) : node;
  if (target?.source.type !== 'package' || !target.entry.path.startsWith('usr/')) return undefined;
  const content = contents.get(target.source.package) as Content;
  const file = fileOf(target.source.origin, content);
  if (file?.sha256 === undefined) return undefined;
  const read = () => readContentEntry(content, file) as Uint8Array;
  return { path, size: file.size, sha256: file.sha256, read };
}

/** A target of one step; what goes further is left alone. */
function linkedPath({ entry }: TreeNode): string {
  const { path, linkTarget = '' } = entry;
  const parts = linkTarget.startsWith('/') ? [] : parentOf(path).split('/');
  for (const part of linkTarget.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The entry that has the bytes. */
function fileOf(entry: ContentEntry, content: Content): ContentEntry | undefined {
  if (entry.type === 'file') return entry;
  if (entry.type !== 'hardlink') return undefined;
  return content.index.entries.find(({ path, type }) => path === entry.linkTarget && type === 'file');
}

/** importlib/_bootstrap_external.py up to Python 3.13: `MAGIC_NUMBER = (3571).to_bytes(2, 'little') + b'\r\n'`. */
function magicOf(minor: string, { tree, contents }: Surroundings): number | undefined {
  const { source } = tree.get(`usr/lib/python${minor}/importlib/_bootstrap_external.py`) ?? {};
  if (source?.type !== 'package') return undefined;
  const bytes = readContentEntry(contents.get(source.package) as Content, source.origin);
  const found = /^MAGIC_NUMBER = \((\d{1,5})\)\.to_bytes\(2, 'little'\)/m.exec(decodeUtf8(bytes ?? new Uint8Array()));
  return found === null ? undefined : Number(found[1]);
}
