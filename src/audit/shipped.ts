import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImagePackage, ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';

/** What of a package's files is as the package brought it. */
export interface Shipped {
  /** Whether a file has the content that a package shipped: its md5sums tell, and where it has none for the file, layers do. */
  hasContent(node: RootfsNode): boolean;
  /** Whether no layer above that of a package that owns the file wrote it. Owners, modes and attributes stand in no list. */
  isUntouched(node: RootfsNode): boolean;
}

export function shippedIn(view: ImageView, packages: ImagePackages): Shipped {
  const installedIn = remembering((owner) => layerOf(view, owner));
  const sumsOf = remembering((owner) => sumsByPlace(packages, owner));
  const isUntouched = ({ entry, layer }: RootfsNode, owners = packages.ownersOf(entry.path)) =>
    owners.some((owner) => layer <= installedIn(owner));
  return {
    isUntouched,
    hasContent: (node) => {
      const { path } = node.entry;
      const owners = packages.ownersOf(path);
      const sums = owners.flatMap((owner) => sumsOf(owner).get(path) ?? []);
      const sum = sums.length === 0 ? undefined : view.md5(node);
      if (sum !== undefined) return sums.includes(sum);
      // Configuration files are there to be filled in.
      return isUntouched(
        node,
        owners.filter(({ conffiles }) => !conffiles.includes(path)),
      );
    },
  };
}

function remembering<T>(find: (owner: ImagePackage) => T): (owner: ImagePackage) => T {
  const known = new Map<ImagePackage, T>();
  return (owner) => {
    const found = known.get(owner) ?? find(owner);
    known.set(owner, found);
    return found;
  };
}

/** The list of a package's files is written when it is unpacked, and never after; a database of all packages is the next best. */
function layerOf({ rootfs }: ImageView, { name, architecture, database }: ImagePackage): number {
  const info = [name, `${name}:${architecture}`].map((title) => `var/lib/dpkg/info/${title}.list`);
  const nodes = [...info, database].map((path) => rootfs.get(path));
  return nodes.find((node) => node !== undefined)?.layer ?? -1;
}

/** The paths of md5sums go through links of folders and diversions. */
function sumsByPlace(packages: ImagePackages, owner: ImagePackage): ReadonlyMap<string, string> {
  return new Map([...owner.md5sums].map(([path, sum]) => [packages.placeOf(owner, path), sum]));
}
