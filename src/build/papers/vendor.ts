import type { ImageSpec } from '../../config/spec.ts';
import { presetOf } from '../archive-specs.ts';

/** Who made a package, and for which release: what a purl says of it. */
export interface Vendor {
  /** `debian`, `ubuntu`; undefined for the packages of strangers and of the user. */
  readonly vendor: string | undefined;
  /** `trixie`; undefined where nobody says. */
  readonly codename: string | undefined;
}

/**
 * Only the archives of a preset are known to be a distribution's: any other may call itself `Debian`. The configuration alone decides, so
 * that a locked build, which reads no Release, says the same.
 */
export function vendorOf(archive: string, spec: Pick<ImageSpec, 'from'>): Vendor {
  const preset = presetOf(spec);
  if (preset?.archives.some(({ name }) => name === archive) !== true) return { vendor: undefined, codename: undefined };
  return { vendor: preset.distribution, codename: preset.codename };
}
