import type { ArchiveContext } from '../archive/context.ts';
import { locatePreset, readHostSources } from '../archive/mirrors.ts';
import { presets } from '../archive/presets.ts';
import type { ArchiveSpec } from '../archive/types.ts';
import type { OsRelease } from '../distro/os-release.ts';
import { createHttpClient } from '../net/client.ts';
import { loadCredentials } from '../net/load-credentials.ts';
import { retryEvent } from '../net/retry.ts';
import type { LocalStore } from '../store/local-store.ts';
import type { PlacesOptions } from './with-places.ts';

export interface PresetArchivesOptions extends Pick<PlacesOptions, 'env' | 'offline' | 'onEvent' | 'signal'> {
  readonly store: LocalStore;
  /** Debian's name. */
  readonly architecture: string;
}

/**
 * Does something with the archives of the distribution that an image is of; undefined where that is none of `from:`, or
 * none for the architecture.
 */
export async function withPresetArchives<T>(
  { id, codename }: OsRelease,
  options: PresetArchivesOptions,
  action: (archives: readonly ArchiveSpec[], context: ArchiveContext) => Promise<T>,
): Promise<T | undefined> {
  const { env, store, architecture, offline, onEvent, signal } = options;
  const preset = presets.find(({ name }) => name === `${id}/${codename}`);
  if (preset?.architectures.includes(architecture) !== true) return undefined;
  const archives = locatePreset(preset, architecture, { env, hostSources: await readHostSources() });
  const onRetry = (notice: Parameters<typeof retryEvent>[0]) => onEvent?.(retryEvent(notice));
  const http = createHttpClient({ env, credentials: await loadCredentials({ env }), onRetry });
  try {
    return await action(archives, { store, http, offline, now: Date.now, onEvent, signal });
  } finally {
    await http.close();
  }
}
