import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArchives } from '../../src/archive/open-archives.ts';
import type { ArchiveSpec, OpenedArchives } from '../../src/archive/types.ts';
import type { SlimimageEvent } from '../../src/events.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { archiveToday } from './archive-server.ts';
import { startClient, type TestClient } from './http-client.ts';

/** A user of archives: a client, an empty store, a clock at `archiveToday`, and what was told on the way. */
export interface ArchiveReader extends AsyncDisposable {
  readonly client: TestClient;
  readonly store: LocalStore;
  readonly events: readonly SlimimageEvent[];
  open(specs: readonly ArchiveSpec[], changes?: ReadChanges): Promise<OpenedArchives>;
  /** What the store holds beyond its own bookkeeping: `blobs/...`, `memo/...`, `partial/...`, `tmp/...`. */
  kept(): Promise<readonly string[]>;
}

export interface ReadChanges {
  readonly now?: Date;
  readonly offline?: boolean;
  readonly architecture?: string;
  readonly http?: TestClient;
}

export async function startReader(): Promise<ArchiveReader> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-reader-'));
  const client = startClient({ timeouts: { idleMs: 2000 } });
  const store = await LocalStore.open(folder);
  const events: SlimimageEvent[] = [];
  return {
    client,
    store,
    events,
    open: (specs, changes = {}) =>
      openArchives(specs, {
        architecture: changes.architecture ?? 'amd64',
        store,
        http: changes.http ?? client,
        offline: changes.offline,
        now: () => (changes.now ?? archiveToday).getTime(),
        onEvent: (event) => events.push(event),
      }),
    async kept() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((path) => /^(?:blobs|memo|partial|tmp)\//.test(path));
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await client.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `version suite priority` of every candidate. */
export function versionsOf({ universe }: OpenedArchives, name: string): readonly string[] {
  return universe.candidates(name).map(({ version, origin }) => `${version} ${origin.suite} ${origin.priority}`);
}
