import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openArchives } from '../../../src/archive/open-archives.ts';
import type { ArchiveSpec, OpenedArchives } from '../../../src/archive/types.ts';
import type { HttpClient } from '../../../src/net/types.ts';
import type { LocalStore } from '../../../src/store/local-store.ts';
import { makeAptRoot, releaseDigests, updateLists } from './apt-root.ts';
import { type Setting, specsOf } from './settings.ts';

export const architecture = 'amd64';

const attempts = 3;

export interface OpenedSetting extends OpenedArchives {
  readonly setting: Setting;
  readonly specs: readonly ArchiveSpec[];
  /** Folders of apt's lists, and of what it makes of them. */
  readonly lists: string;
  readonly cache: string;
  /** Stands for the archives' state. */
  readonly digest: string;
}

/** Both sides have to have read the same archives: where they moved in between, once more. */
export async function openSetting(
  setting: Setting,
  { folder, store, http }: { readonly folder: string; readonly store: LocalStore; readonly http: HttpClient },
): Promise<OpenedSetting> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'caches', setting.name);
  const root = join(folder, 'roots', `${setting.name}-update`);
  const specs = await specsOf(setting, { architecture, env: process.env });
  for (let attempt = 0; attempt < attempts; attempt++) {
    await updateLists(await makeAptRoot(root, specs, { architecture, lists, cache }));
    const opened = await openArchives(specs, { architecture, store, http, now: Date.now });
    const theirs = await releaseDigests(lists);
    const ours = opened.releases.map(({ sha256 }) => sha256).sort();
    const digest = createHash('sha256').update(ours.join()).digest('hex').slice(0, 16);
    if (ours.every((sha256) => theirs.has(sha256))) return { ...opened, setting, specs, lists, cache, digest };
  }
  throw new Error(`apt and slimimage do not see the same archives of ${setting.name}`);
}
