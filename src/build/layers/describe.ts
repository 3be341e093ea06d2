import type { TreePart } from './divide-tree.ts';

/** Names that are told of a layer, and characters that they take together. */
const told = { names: 8, characters: 240 };

/**
 * What a layer holds, as the history has it: `libc6 2.41-12, zlib1g 1:1.3.1 and 3 more packages`.
 * @param versions by name
 */
export function describePackages(names: readonly string[], versions: ReadonlyMap<string, string>): string {
  const shown: string[] = [];
  let length = 0;
  for (const name of names) {
    const text = [name, versions.get(name)].filter((part) => part !== undefined).join(' ');
    length += text.length;
    if (shown.length === told.names || (shown.length > 0 && length > told.characters)) break;
    shown.push(text);
  }
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more ${more === 1 ? 'package' : 'packages'}`}`;
}

export interface CommentOptions {
  /** By package name. */
  readonly versions: ReadonlyMap<string, string>;
  /** What was asked for, and how many packages that took: `nginx curl (30 packages)`. */
  readonly summary: string;
}

/**
 * The comments of the image's history, one a layer. The last one of packages has the requests, because `slimimage why`
 * starts from them (why/image-reasons.ts reads them).
 */
export function historyComments(parts: readonly TreePart[], { versions, summary }: CommentOptions): readonly string[] {
  const last = parts.findLastIndex(({ packages }) => packages.length > 0);
  return parts.map(({ holds, packages }, at) => {
    if (holds === 'all') return summary;
    if (holds === 'own') return 'files';
    if (holds === 'generated') return 'holds: generated files';
    return `${at === last ? `${summary}, ` : ''}holds: ${describePackages(packages, versions)}`;
  });
}
