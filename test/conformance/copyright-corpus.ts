import { spawnSync } from 'node:child_process';
import { fetchDebs } from '../../src/archive/fetch-debs.ts';
import { locatePreset, readHostSources } from '../../src/archive/mirrors.ts';
import { openArchives } from '../../src/archive/open-archives.ts';
import { findPreset } from '../../src/archive/presets.ts';
import type { PackageRecord } from '../../src/distro/types.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { LocalStore } from '../../src/store/local-store.ts';

/** The copyright file of a package as its .deb has it. */
export interface CopyrightFile {
  readonly package: string;
  readonly priority: string;
  readonly bytes: Uint8Array;
}

export interface CorpusOptions {
  /** Folder of the local store. */
  readonly store: string;
  /** Packages that are drawn, beside all of the priorities required to standard. */
  readonly draw: number;
}

/** A .deb above this is not fetched: the file that is wanted of it has a few kB. */
const largestDeb = 400_000;

/**
 * Copyright files of trixie's main: of every package that a standard system has, and of a sample that is the same each time the archive is.
 * Files that several packages share count once.
 */
export async function copyrightCorpus({ store: folder, draw }: CorpusOptions): Promise<readonly CopyrightFile[]> {
  const store = await LocalStore.open(folder);
  const http = createHttpClient({ env: process.env });
  try {
    const hostSources = await readHostSources();
    const archives = locatePreset(findPreset('debian/trixie'), 'amd64', { env: process.env, hostSources });
    const context = { store, http, now: Date.now, onEvent: () => {} };
    const { universe, releases } = await openArchives(archives, { ...context, architecture: 'amd64' });
    const names = [...universe.names()].sort();
    const newest = names
      .flatMap((name) => universe.candidates(name).slice(0, 1))
      .filter(({ size }) => size <= largestDeb);
    const standard = newest.filter(({ priority }) => ['required', 'important', 'standard'].includes(priority));
    const step = Math.floor(newest.length / draw);
    const drawn = newest.filter((_, at) => at % step === Math.floor(step / 2)).slice(0, draw);
    const records = [...new Set([...standard, ...drawn])];
    const debs = await fetchDebs(records, { ...context, archives, releases });
    const files = new Map<string, CopyrightFile>();
    for (const { record, file } of debs) {
      const bytes = copyrightOf(record, file);
      if (bytes.length > 0)
        files.set(bytes.toString('latin1'), { package: record.name, priority: record.priority, bytes });
    }
    return [...files.values()];
  } finally {
    await http.close();
    await store.close();
  }
}

function copyrightOf({ name }: PackageRecord, file: string): Buffer {
  const command = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/share/doc/$2/copyright" 2>/dev/null';
  return spawnSync('sh', ['-c', command, 'sh', file, name], { maxBuffer: 2 ** 26 }).stdout;
}
