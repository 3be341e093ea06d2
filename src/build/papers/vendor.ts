import type { ImageSpec } from '../../config/spec.ts';
import type { PackageOrigin } from '../../distro/types.ts';
import { presetOf } from '../archive-specs.ts';

/** Who made a package, and for which release: what a purl says of it. */
export interface Vendor {
  /** `debian`, `ubuntu`; undefined for the packages of strangers and of the user. */
  readonly vendor: string | undefined;
  /** `trixie`; undefined where nobody says. */
  readonly codename: string | undefined;
}

/** Decided by the configuration alone, so that a locked build, which reads no Release, says the same. */
export function vendorOf({ archive, suite }: Pick<PackageOrigin, 'archive' | 'suite'>, spec: ImageSpec): Vendor {
  const preset = presetOf(spec);
  const own = spec.archives.find(({ name }) => name === archive);
  if (own !== undefined) {
    const [keys] = own.signedBy;
    // Nobody but the distribution signs with its keys.
    if (own.signedBy.length !== 1 || (keys !== 'debian' && keys !== 'ubuntu'))
      return { vendor: undefined, codename: undefined };
    return { vendor: keys, codename: suite.replace(/[-/].*$/, '') || undefined };
  }
  if (preset?.archives.some(({ name }) => name === archive) !== true) return { vendor: undefined, codename: undefined };
  return { vendor: preset.distribution, codename: preset.codename };
}
