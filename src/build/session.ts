import { resolve } from 'node:path';
import { defaultJobs, WorkerPool } from '../content/pool.ts';
import { SlimimageError } from '../errors.ts';
import type { OnEvent, OperationOptions, Phase, SlimimageEvent } from '../events.ts';
import { createHttpClient } from '../net/client.ts';
import { loadCredentials } from '../net/load-credentials.ts';
import { retryEvent } from '../net/retry.ts';
import { readCertificates } from '../net/trust.ts';
import type { HttpClient } from '../net/types.ts';
import { openRegistries } from '../registry/open.ts';
import type { Registries } from '../registry/types.ts';
import { LocalStore } from '../store/local-store.ts';
import { ownPlaces } from './own-places.ts';
import { storeFolder } from './store-folder.ts';
import type { BuildOptions, BuildWarning } from './types.ts';

/** What every step of a build shares. One build, one session; `close` ends threads, connections and the store's lock. */
export interface Session {
  readonly store: LocalStore;
  readonly pool: WorkerPool;
  readonly http: HttpClient;
  /** Nothing of them is loaded or opened before the first is asked for. */
  readonly registries: Registries;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly offline: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether a real path is a place that the build writes to: it goes into no image. */
  readonly isOwn: (path: string) => boolean;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal | undefined;
  readonly warnings: BuildWarning[];
  readonly timings: { readonly phase: Phase; readonly milliseconds: number }[];
  /** Runs a phase: says when it starts and ends, keeps its time. */
  phase<T>(phase: Phase, action: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface SessionOptions extends BuildOptions, OperationOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** @throws SlimimageError STORE where the store can't be opened, CONFIG_INVALID where the CA file can't be read */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { env, cwd } = options;
  const warnings: BuildWarning[] = [];
  const timings: { phase: Phase; milliseconds: number }[] = [];
  const onEvent: OnEvent = (event: SlimimageEvent) => {
    if (event.type === 'warning') warnings.push({ message: event.message, hint: event.hint });
    options.onEvent?.(event);
  };
  // Else it would be found out by the first registry that is asked, which may be after everything.
  if (options.caFile !== undefined) await readCertificates(resolve(cwd, options.caFile), 'the CA file');
  const credentials = await loadCredentials({ env });
  const http = createHttpClient({
    env,
    credentials,
    onRetry: (notice) => onEvent(retryEvent(notice)),
  });
  const registries = openRegistries({ ...options, onEvent });
  const folder = options.store ?? storeFolder(env);
  const isOwn = await ownPlaces({ ...options, store: folder, onEvent });
  // Last: it would have to be closed if something after it failed.
  const store = await LocalStore.open(folder);
  const pool = new WorkerPool(options.jobs ?? defaultJobs(), options.signal);
  return {
    store,
    pool,
    http,
    registries,
    env,
    cwd,
    offline: options.offline ?? false,
    now: options.now ?? Date.now,
    isOwn,
    onEvent,
    signal: options.signal,
    warnings,
    timings,
    phase: async (phase, action) => {
      throwIfAborted(options.signal);
      const started = performance.now();
      onEvent({ type: 'phase', phase, state: 'start' });
      try {
        return await action();
      } finally {
        timings.push({ phase, milliseconds: Math.round(performance.now() - started) });
        onEvent({ type: 'phase', phase, state: 'end' });
      }
    },
    close: async () => {
      await pool.close();
      await registries.close();
      await http.close();
      await store.close();
    },
  };
}

/** What of it reads images. */
export function reading(session: Session): Pick<Session, 'store' | 'registries' | 'env' | 'onEvent' | 'signal'> {
  const { store, registries, env, onEvent, signal } = session;
  return { store, registries, env, onEvent, signal };
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new SlimimageError({ code: 'ABORTED', message: 'stopped on request' });
}
