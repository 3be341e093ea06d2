import { createHash } from 'node:crypto';
import { readFiles } from '../image/read-files.ts';
import type { Image } from '../image/types.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';

/**
 * Files in which something looks like a secret, and that are not as their packages shipped them: their content is compared with the
 * packages' md5sums. Reads no layer where there is no such file.
 * @throws SlimimageError as readFiles does
 */
export async function changedFiles(
  { image, view }: { readonly image: Image; readonly view: ImageView },
  { packages, signal }: { readonly packages: ImagePackages; readonly signal?: AbortSignal | undefined },
): Promise<readonly RootfsNode[]> {
  const suspects = new Map<RootfsNode, ReadonlySet<string>>();
  for (const node of view.rootfs.walk()) {
    if (node.entry.type !== 'file' || view.secrets(node).length === 0) continue;
    const sums = shippedSums(packages, node.entry.path);
    if (sums.size > 0) suspects.set(node, sums);
  }
  const changed: RootfsNode[] = [];
  let hash = createHash('md5');
  let current: RootfsNode | undefined;
  for await (const event of readFiles(image, suspects.keys(), { signal })) {
    if (event.type === 'file') {
      current = event.node;
      hash = createHash('md5');
    } else if (event.type === 'data') hash.update(event.bytes);
    else if (current !== undefined && suspects.get(current)?.has(hash.digest('hex')) !== true) changed.push(current);
  }
  return changed;
}

function shippedSums(packages: ImagePackages, path: string): ReadonlySet<string> {
  const sums = packages
    .ownersOf(path)
    .flatMap((owner) =>
      [...owner.md5sums].flatMap(([name, sum]) => (packages.placeOf(owner, name) === path ? [sum] : [])),
    );
  return new Set(sums);
}
