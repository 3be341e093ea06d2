import { locatePreset, type MirrorOptions, readHostSources } from '../../../src/archive/mirrors.ts';
import { findPreset } from '../../../src/archive/presets.ts';
import type { ArchiveSpec } from '../../../src/archive/types.ts';

/** Which suites both sides resolve in. */
export interface Setting {
  readonly name: string;
  readonly preset: string;
  /** Suites of the preset that are taken; undefined: all of them. */
  readonly only?: readonly string[];
  /** Suites that the preset does not have, of its first archive. */
  readonly more?: readonly string[];
}

export const settings: readonly Setting[] = [
  { name: 'trixie', preset: 'debian/trixie', only: ['trixie'] },
  { name: 'trixie+security', preset: 'debian/trixie' },
  { name: 'bookworm', preset: 'debian/bookworm', only: ['bookworm'] },
  { name: 'bookworm+security', preset: 'debian/bookworm' },
];

/** A NotAutomatic suite beside the others. */
export const backports: Setting = { name: 'trixie+backports', preset: 'debian/trixie', more: ['trixie-backports'] };

/** The archives of a setting, at the mirror that the host itself uses. */
export async function specsOf(setting: Setting, options: MirrorOptions & { readonly architecture: string }) {
  const hostSources = await readHostSources();
  const located = locatePreset(findPreset(setting.preset), options.architecture, { hostSources, ...options });
  return located
    .map((spec, at): ArchiveSpec => {
      const suites = [...spec.suites, ...(at === 0 ? (setting.more ?? []) : [])];
      return { ...spec, suites: suites.filter((suite) => setting.only?.includes(suite) ?? true) };
    })
    .filter(({ suites }) => suites.length > 0);
}
