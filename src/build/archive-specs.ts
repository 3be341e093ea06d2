import { locateOwnArchive, locatePreset, readHostSources } from '../archive/mirrors.ts';
import { findPreset, type Preset } from '../archive/presets.ts';
import { locateSnapshot } from '../archive/snapshot.ts';
import type { ArchiveSpec } from '../archive/types.ts';
import type { ImageSpec } from '../config/spec.ts';
import { parseFrom } from '../config/values/from.ts';
import { momentOf, timestampOf } from '../config/values/timestamp.ts';
import { SlimimageError } from '../errors.ts';
import type { Session } from './session.ts';

/**
 * The archives of a configuration for one Debian architecture, and where each of them is asked.
 * @throws SlimimageError CONFIG_INVALID, PLATFORM_UNAVAILABLE
 */
export async function archiveSpecs(
  spec: ImageSpec,
  options: { readonly architecture: string; readonly session: Pick<Session, 'env' | 'now'> },
): Promise<readonly ArchiveSpec[]> {
  const { mirrors, snapshot } = spec;
  const { env } = options.session;
  const own = spec.archives.map((archive) => ({
    ...archive,
    urls: locateOwnArchive(archive, { mirrors, env }),
    snapshot: locateSnapshot({ snapshot, env }),
  }));
  const preset = presetOf(spec);
  if (preset === undefined) return own;
  const timestamp = pastTime(spec, options.session.now());
  const hostSources = await readHostSources();
  const { components, suites } = spec;
  const where = { mirrors, snapshot, timestamp, components, suites, env, hostSources };
  return [...locatePreset(preset, options.architecture, where), ...own];
}

/** @throws SlimimageError CONFIG_INVALID */
export function presetOf(spec: Pick<ImageSpec, 'from'>): Preset | undefined {
  return spec.from === undefined ? undefined : findPreset(parseFrom(spec.from).preset);
}

/** @param now milliseconds since the epoch. */
function pastTime({ from }: ImageSpec, now: number): string | undefined {
  const timestamp = from === undefined ? undefined : parseFrom(from).timestamp;
  if (timestamp === undefined || momentOf(timestamp) <= now) return timestamp;
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `from: ${from} is still to come: it is ${timestampOf(now)} here`,
    hint: 'name a time that is past, in UTC; without one, from: means the archive of today',
  });
}
