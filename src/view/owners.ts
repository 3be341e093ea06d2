import type { RecordedDiversion } from '../distro/debian/file-lists.ts';
import { baseName, joinPath, parentPath } from '../rootfs/path.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { sidesOfUsr } from '../rootfs/usr-aliases.ts';
import type { ImagePackage } from './packages.ts';

export interface Owners {
  /** As ImagePackages.ownersOf. */
  of(path: string): readonly ImagePackage[];
  /** As ImagePackages.placeOf. */
  placeOf(owner: Pick<ImagePackage, 'name'>, path: string): string;
}

/** Whose each path is; read when it is first asked for. */
export function ownersIn(
  rootfs: Pick<Rootfs, 'resolve'>,
  options: { readonly packages: readonly ImagePackage[]; readonly diversions: readonly RecordedDiversion[] },
): Owners {
  const folders = new Map<string, string>();
  let run: { readonly parent: string; folder: string | undefined } = { parent: '', folder: undefined };
  /** Through the links of the tree, the last name apart: of a merged /usr, `bin/x` is `usr/bin/x`. */
  const canonical = (path: string): string => {
    // Lists and trees go folder by folder: one look-up a run.
    const slash = Math.max(0, path.lastIndexOf('/'));
    if (slash !== run.parent.length || !path.startsWith(run.parent))
      run = { parent: parentPath(path), folder: undefined };
    if (run.folder === undefined) {
      run.folder = folders.get(run.parent) ?? folderAt(run.parent, rootfs);
      folders.set(run.parent, run.folder);
    }
    // The same text where no link is on the way: it is looked up as it is, without another copy.
    return run.folder === run.parent ? path : joinPath(run.folder, baseName(path));
  };
  const diverted = new Map(options.diversions.map((diversion) => [canonical(diversion.from), diversion]));
  const placeOf: Owners['placeOf'] = (owner, path) => {
    const place = canonical(path);
    const diversion = diverted.get(place);
    return diversion === undefined || diversion.by === owner.name ? place : canonical(diversion.to);
  };
  let owners: ReadonlyMap<string, readonly ImagePackage[]> | undefined;
  return {
    of: (path) => {
      owners ??= collect(options.packages, placeOf);
      return owners.get(canonical(path)) ?? [];
    },
    placeOf,
  };
}

function collect(packages: readonly ImagePackage[], placeOf: Owners['placeOf']) {
  const owners = new Map<string, ImagePackage[]>();
  for (const owner of packages) {
    for (const path of owner.files) {
      const place = placeOf(owner, path);
      const known = owners.get(place);
      if (known === undefined) owners.set(place, [owner]);
      else if (known.at(-1) !== owner) known.push(owner);
    }
  }
  return owners;
}

function folderAt(path: string, rootfs: Pick<Rootfs, 'resolve'>): string {
  for (const side of sidesOfUsr(`${path}/.`)) {
    const node = rootfs.resolve(side);
    if (node?.entry.type === 'directory') return node.entry.path;
  }
  return path;
}
