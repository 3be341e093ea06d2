import { compareStrings } from '../../util/text.ts';
import type { CacheWriter, Place } from './cache-writer.ts';
import type { Glob } from './types.ts';

/** Suffixes by their characters from the end; character 0 holds a type. */
interface Node {
  readonly character: number;
  readonly children: Node[];
  readonly glob: Glob | undefined;
}

/** Patterns like `*.tar.gz`, each with its types, in the order in which they are known. */
export function suffixTree(globs: Iterable<readonly [pattern: string, globs: readonly Glob[]]>): readonly Node[] {
  const roots: Node[] = [];
  for (const [pattern, list] of globs) {
    const characters = [...pattern.slice(1)].map((letter) => letter.codePointAt(0) as number).reverse();
    for (const glob of list) insert(roots, characters, glob);
  }
  return roots;
}

/** Level by level. */
export function writeSuffixes(
  cache: CacheWriter,
  { tree, place }: { readonly tree: readonly Node[]; readonly place: Place },
): void {
  cache.numbers([tree.length, cache.size + 8]);
  for (let level = tree; level.length > 0; level = level.flatMap(({ children }) => children)) {
    let next = cache.size + 12 * level.length;
    const rows = level.map(({ character, children, glob }) => {
      if (glob !== undefined) return [0, place(glob.type), weightAndFlags(glob)];
      const row = [character, children.length, next];
      next += 12 * children.length;
      return row;
    });
    cache.numbers(rows.flat());
  }
}

export function weightAndFlags({ weight, caseSensitive }: Pick<Glob, 'weight' | 'caseSensitive'>): number {
  return weight | (caseSensitive ? 0x100 : 0);
}

function insert(nodes: Node[], characters: readonly number[], glob: Glob): void {
  const [character, ...rest] = characters;
  if (character === undefined) return;
  let at = nodes.findIndex((node) => node.character >= character);
  if (at < 0) at = nodes.length;
  if (nodes[at]?.character !== character) nodes.splice(at, 0, { character, children: [], glob: undefined });
  const { children } = nodes[at] as Node;
  if (rest.length > 0) insert(children, rest, glob);
  else insertType(children, glob);
}

/** Types stand before characters; one that is there keeps the greater weight. */
function insertType(children: Node[], glob: Glob): void {
  const types = children.filter((node) => node.glob !== undefined);
  const known = types.findIndex((node) => compareStrings(node.glob?.type ?? '', glob.type) === 0);
  if (known < 0) children.splice(types.length, 0, { character: 0, children: [], glob });
  else {
    const before = (children[known] as Node).glob as Glob;
    children[known] = { character: 0, children: [], glob: { ...before, weight: Math.max(before.weight, glob.weight) } };
  }
}
