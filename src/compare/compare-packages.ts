import { versionOrderOf } from '../distro/version-order.ts';
import { compareStrings } from '../util/text.ts';
import type { ImagePackage } from '../view/packages.ts';
import type { ImagePackageChange, PackageSide } from './types.ts';

export interface PackagesSide {
  readonly packages: readonly ImagePackage[];
  /** Bytes of a package's files that are in the image. */
  bytesOf(one: ImagePackage): number;
}

/** What became of each package, by name. Of several with one name those of one architecture are held together. */
export function comparePackages(from: PackagesSide, to: PackagesSide): readonly ImagePackageChange[] {
  const before = Map.groupBy(from.packages, keyOf);
  const after = Map.groupBy(to.packages, keyOf);
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort(compareStrings);
  return keys.flatMap((key) =>
    pairsOf(before.get(key) ?? [], after.get(key) ?? []).flatMap(([old, fresh]) => {
      const change = changeOf(old, fresh);
      const some = fresh ?? old;
      if (change === undefined || some === undefined) return [];
      const { ecosystem, name } = some;
      return [{ ecosystem, name, change, from: sideOf(old, from), to: sideOf(fresh, to) }];
    }),
  );
}

function keyOf({ name, ecosystem }: ImagePackage): string {
  return `${name} ${ecosystem}`;
}

type Pair = readonly [old: ImagePackage | undefined, fresh: ImagePackage | undefined];

function pairsOf(old: readonly ImagePackage[], fresh: readonly ImagePackage[]): readonly Pair[] {
  const pairs: Pair[] = [];
  const paired = new Set<ImagePackage>();
  const keys: readonly ((one: ImagePackage) => string)[] = [
    ({ architecture, version }) => `${architecture} ${version}`,
    ({ architecture }) => architecture,
    () => '',
  ];
  for (const key of keys) {
    const waiting = Map.groupBy(old.filter((one) => !paired.has(one)).toReversed(), key);
    for (const one of fresh) {
      const other = paired.has(one) ? undefined : waiting.get(key(one))?.pop();
      if (other === undefined) continue;
      pairs.push([other, one]);
      paired.add(other).add(one);
    }
  }
  const gone = old.filter((one) => !paired.has(one)).map((one): Pair => [one, undefined]);
  const come = fresh.filter((one) => !paired.has(one)).map((one): Pair => [undefined, one]);
  return [...pairs, ...gone, ...come];
}

function changeOf(
  old: ImagePackage | undefined,
  fresh: ImagePackage | undefined,
): ImagePackageChange['change'] | undefined {
  if (old === undefined) return fresh === undefined ? undefined : 'added';
  if (fresh === undefined) return 'removed';
  const order = versionOrderOf(fresh.ecosystem).compare(old.version, fresh.version);
  if (order !== 0) return order < 0 ? 'upgraded' : 'downgraded';
  return old.architecture === fresh.architecture && shipsTheSame(old, fresh) ? undefined : 'rebuilt';
}

/** Of what both databases say: one of them may keep no checksums. */
function shipsTheSame(old: ImagePackage, fresh: ImagePackage): boolean {
  if (old.md5sums.size === 0 || fresh.md5sums.size === 0) return true;
  for (const [path, md5] of fresh.md5sums) {
    const other = old.md5sums.get(path);
    if (other !== undefined && other !== md5 && !old.conffiles.includes(path)) return false;
  }
  return true;
}

function sideOf(one: ImagePackage | undefined, side: PackagesSide): PackageSide | undefined {
  if (one === undefined) return undefined;
  const { version, architecture } = one;
  return { version, architecture, bytes: side.bytesOf(one) };
}
