import type { PackagedFile } from '../../archive/find-files.ts';
import { tripletsOf } from '../../check/machines.ts';
import type { Finding } from '../../check/types.ts';
import { baseName } from '../../rootfs/path.ts';
import { compareStrings } from '../../util/text.ts';

export interface PackageChoice {
  /** As in ElfFacts. */
  readonly machine: string;
  /** Packages of the image: what one of them has, it has in another place. */
  readonly installed: ReadonlySet<string>;
}

/** The name of the file that a package could bring; undefined where no package is the remedy, or it is known. */
export function wantedName({ type, missing, fix }: Finding): string | undefined {
  if (fix !== undefined) return undefined;
  const isFile = type === 'library' || type === 'interpreter' || type === 'architecture';
  if (type === 'library' || (isFile && !missing.includes('/'))) return baseName(missing);
  return (isFile || type === 'entrypoint') && packagedPlace.test(missing) ? baseName(missing) : undefined;
}

/** Where packages have programs, loaders too: no index is asked for what lies elsewhere. */
const packagedPlace = /^(?:\/(?:usr\/)?(?:s?bin|lib(?:32|64|x32)?)\/)?[^/\s]+$/;

const otherPackages = /-(?:dbg|dbgsym|dev|cross|udeb|bootstrap|tests?|examples?)$|-cross$/;

/** The package whose file the loader or PATH would find; of several the one with the plainest name. */
export function bestPackage(
  { type, missing }: Finding,
  files: readonly PackagedFile[],
  { machine, installed }: PackageChoice,
): string | undefined {
  const folders =
    type === 'library' || (type === 'architecture' && !missing.startsWith('/'))
      ? ['lib', ...tripletsOf(machine).map((triplet) => `lib/${triplet}`)]
      : ['bin', 'sbin', 'lib', 'lib64', ...tripletsOf(machine).map((triplet) => `lib/${triplet}`)];
  const places = new Set(folders.flatMap((folder) => [folder, `usr/${folder}`]));
  const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const fitting = files.filter(
    ({ path, package: name }) => places.has(folderOf(path)) && !otherPackages.test(name) && !installed.has(name),
  );
  const stem = plainName(missing);
  const rank = ({ package: name, section }: PackagedFile) =>
    (plainName(name).startsWith(stem) ? 0 : 2) + (section.endsWith('libs') || type !== 'library' ? 0 : 1);
  const [best] = fitting.toSorted(
    (a, b) => rank(a) - rank(b) || a.package.length - b.package.length || compareStrings(a.package, b.package),
  );
  return best?.package;
}

/** `libzstd.so.1` and `libzstd1` have the same: `libzstd1`. */
function plainName(name: string): string {
  return baseName(name)
    .toLowerCase()
    .replace(/\.so\b/, '')
    .replace(/[._-]/g, '');
}
