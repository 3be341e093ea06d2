import { compareStrings } from '../util/text.ts';
import type { ImagePackage } from '../view/packages.ts';
import { packagesByLayer } from '../view/packages-by-layer.ts';
import type { ImageView } from '../view/types.ts';

/** What a layer did to the packages that the databases speak of. */
export interface PackageChanges {
  readonly added: readonly NamedVersion[];
  readonly removed: readonly NamedVersion[];
  /** Another version than below. */
  readonly changed: readonly VersionChange[];
}

export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

export interface VersionChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Of each layer, lowest first. */
export function layerPackages(view: Pick<ImageView, 'layers' | 'textOf' | 'platform'>): readonly PackageChanges[] {
  const databases = new Map(
    packagesByLayer(view, { files: false }).map(({ layer, packages }) => [layer, versionsOf(packages)]),
  );
  let before: Versions = new Map();
  return view.layers.map((_, layer) => {
    const after = databases.get(layer) ?? before;
    const changes = difference(before, after);
    before = after;
    return changes;
  });
}

/** By name, then architecture. */
type Versions = ReadonlyMap<string, ReadonlyMap<string, string>>;

function versionsOf(packages: readonly ImagePackage[]): Versions {
  const versions = new Map<string, Map<string, string>>();
  for (const { name, architecture, version } of packages) {
    const known = versions.get(name);
    if (known === undefined) versions.set(name, new Map([[architecture, version]]));
    else known.set(architecture, version);
  }
  return versions;
}

function difference(before: Versions, after: Versions): PackageChanges {
  const changes: Changes = { added: [], removed: [], changed: [] };
  if (before === after) return changes;
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort(compareStrings)) {
    const [from, to] = [before.get(name) ?? none, after.get(name) ?? none];
    if (from.size <= 1 && to.size <= 1) {
      // Of one that is there for one architecture: `all` may have become `amd64`.
      note(changes, name, { from: first(from), to: first(to) });
      continue;
    }
    for (const architecture of [...new Set([...from.keys(), ...to.keys()])].sort(compareStrings))
      note(changes, `${name}:${architecture}`, { from: from.get(architecture), to: to.get(architecture) });
  }
  return changes;
}

interface Changes {
  readonly added: NamedVersion[];
  readonly removed: NamedVersion[];
  readonly changed: VersionChange[];
}

const none: ReadonlyMap<string, string> = new Map();

function first(versions: ReadonlyMap<string, string>): string | undefined {
  return versions.values().next().value;
}

function note(
  { added, removed, changed }: Changes,
  name: string,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
): void {
  if (from === to) return;
  if (from === undefined) added.push({ name, version: to ?? '' });
  else if (to === undefined) removed.push({ name, version: from });
  else changed.push({ name, from, to });
}
