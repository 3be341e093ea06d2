import type { PackageRecord } from '../../distro/types.ts';
import type { OnEvent } from '../../events.ts';
import type { ImagePackage, ImagePackages } from '../../view/packages.ts';
import { readPackages } from '../../view/read-packages.ts';
import type { ImageView } from '../../view/types.ts';

/** What dpkg and apt wrote down in an image. */
export interface ImageDatabase {
  readonly installed: readonly PackageRecord[];
  /** Packages that apt installed for others; undefined where apt keeps no such list. */
  readonly automatic: ReadonlySet<string> | undefined;
  /** With their files. */
  readonly packages: readonly ImagePackage[];
  readonly ownersOf: ImagePackages['ownersOf'];
  readonly placeOf: ImagePackages['placeOf'];
  readonly problems: ImagePackages['problems'];
}

/** Of the packages of an image those that say what they depend on: Debian's. */
export function imageDatabase(view: Pick<ImageView, 'rootfs' | 'textOf' | 'platform'>): ImageDatabase {
  const { packages, automatic, ownersOf, placeOf, problems } = readPackages(view);
  return {
    installed: packages.flatMap(({ record }) => record ?? []),
    automatic,
    packages: packages.filter(isDebian),
    ownersOf: (path) => ownersOf(path).filter(isDebian),
    placeOf,
    problems,
  };
}

/** An answer from a damaged database may lack something: that is a warning. */
export function tellProblems(
  { problems }: ImageDatabase,
  about: { readonly name: string; readonly onEvent: OnEvent | undefined },
): void {
  for (const problem of problems) about.onEvent?.({ type: 'warning', message: `${about.name}: ${problem}` });
}

function isDebian({ record }: ImagePackage): boolean {
  return record !== undefined;
}
