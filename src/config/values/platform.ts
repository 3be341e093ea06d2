import { SlimimageError } from '../../errors.ts';
import { debianOfPlatform } from '../../oci/debian-architecture.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { nearest } from '../../util/nearest.ts';

const known = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v5',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
  'linux/mips64le',
  'linux/loong64',
];

/**
 * The usual form of a platform (`arm64` -> `linux/arm64`) for which packages can exist.
 * @throws SlimimageError CONFIG_INVALID
 */
export function checkPlatform(text: string): string {
  try {
    const platform = parsePlatform(text);
    debianOfPlatform(platform);
    return formatPlatform(platform);
  } catch (cause) {
    if (!(cause instanceof SlimimageError)) throw cause;
    const found = nearest(text, [...known, ...known.map((name) => name.slice('linux/'.length))]);
    const hint = found === undefined ? `known: ${known.join(', ')}` : `did you mean "${found}"?`;
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `unknown platform "${text.slice(0, 80)}"`,
      hint,
      cause,
    });
  }
}
