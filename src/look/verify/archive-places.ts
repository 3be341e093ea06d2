import { locatePreset, readHostSources } from '../../archive/mirrors.ts';
import { presets } from '../../archive/presets.ts';
import type { ArchiveSpec } from '../../archive/types.ts';
import { archiveSpecs } from '../../build/archive-specs.ts';
import type { ImageSpec } from '../../config/spec.ts';

export interface ArchivePlacesOptions {
  /** The configuration, where it is known. */
  readonly spec: ImageSpec | undefined;
  /** Debian's name. */
  readonly architecture: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** Where archives are, by the names that papers give them: as the configuration says, else as the presets do. */
export function archivePlaces(
  options: ArchivePlacesOptions,
): (archive: string, suite: string) => Promise<ArchiveSpec | undefined> {
  const { spec, architecture, env, now } = options;
  return async (archive, suite) => {
    const session = { env, now };
    const own = spec === undefined ? [] : await archiveSpecs(spec, { architecture, session });
    const found = own.find(({ name, suites }) => name === archive && suites.includes(suite));
    if (found !== undefined) return found;
    const preset = presets.find(({ archives }) =>
      archives.some((one) => one.name === archive && one.suites.includes(suite)),
    );
    if (preset?.architectures.includes(architecture) !== true) return undefined;
    const hostSources = await readHostSources();
    return locatePreset(preset, architecture, { env, hostSources }).find(({ name }) => name === archive);
  };
}
