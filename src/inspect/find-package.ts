import { SlimimageError } from '../errors.ts';
import { nearest } from '../util/nearest.ts';
import type { PackageFiles } from './owned-files.ts';

/**
 * The packages of an image that `NAME` or `NAME:ARCHITECTURE` means: several where it has the name for several architectures.
 * @throws SlimimageError USAGE where it has none
 */
export function findPackages(packages: readonly PackageFiles[], name: string): readonly PackageFiles[] {
  const found = packages.filter((one) => one.name === name || `${one.name}:${one.architecture}` === name);
  if (found.length > 0) return found;
  const meant = nearest(
    name,
    packages.map((one) => one.name),
  );
  throw new SlimimageError({
    code: 'USAGE',
    message: `the image has no package ${name}${meant === undefined ? '' : `; ${meant}?`}`,
    hint: 'inspect --packages lists them; --files none names the files of no package, --files missing those that are not there.',
  });
}
