import { fetchRelease } from '../../../src/archive/fetch-release.ts';
import { chooseIndexes } from '../../../src/archive/index-choice.ts';
import { loadKeys } from '../../../src/archive/key-sets.ts';
import { locatePreset, readHostSources } from '../../../src/archive/mirrors.ts';
import { openArchives } from '../../../src/archive/open-archives.ts';
import { findPreset } from '../../../src/archive/presets.ts';
import type { ArchiveSpec } from '../../../src/archive/types.ts';
import type { Universe } from '../../../src/distro/types.ts';
import { createHttpClient } from '../../../src/net/client.ts';
import { LocalStore } from '../../../src/store/local-store.ts';

/** `main` of one suite, as our own code reads it, and the very Packages file for other programs. */
export interface RealSuite {
  readonly universe: Universe;
  /** Path of the uncompressed Packages file. */
  readonly packages: string;
  /** Of the Release. */
  readonly date: string;
}

/**
 * A mirror may be left alone for some weeks: Valid-Until is not looked at.
 * @param store folder of a store, where indexes are kept from run to run.
 */
export async function openSuite(
  codename: string,
  { architecture, store: folder }: { readonly architecture: string; readonly store: string },
): Promise<RealSuite> {
  const located = locatePreset(findPreset(`debian/${codename}`), architecture, {
    env: process.env,
    hostSources: await readHostSources(),
  });
  const spec: ArchiveSpec = {
    ...(located[0] as ArchiveSpec),
    suites: [codename],
    components: ['main'],
    checkValidUntil: false,
  };
  const http = createHttpClient({ env: process.env });
  const store = await LocalStore.open(folder);
  const context = { store, http, now: Date.now };
  try {
    const { universe, releases } = await openArchives([spec], { ...context, architecture });
    const keys = await loadKeys(spec.signedBy, spec.name);
    const { release } = await fetchRelease(spec, codename, { keys, context: { ...context, offline: true } });
    const name = `${spec.name} ${codename}`;
    const [choice] = chooseIndexes(release, { components: ['main'], architecture, flat: false, name });
    if (choice?.plain === undefined) throw new Error(`the Release of ${name} does not list its Packages`);
    return { universe, packages: store.path(`sha256:${choice.plain.sha256}`), date: releases[0]?.date ?? '' };
  } finally {
    await http.close();
    await store.close();
  }
}
