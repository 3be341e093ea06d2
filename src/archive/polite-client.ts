import type { HttpClient } from '../net/types.ts';
import { Semaphore } from '../util/concurrency.ts';
import { presets } from './presets.ts';
import type { ArchiveSpec } from './types.ts';

/** Snapshot archives are slow and throttle whoever asks for more. */
const snapshotRequests = 2;

/** Places by host, shared by everything that asks through one client: one session, one queue. */
const queues = new WeakMap<HttpClient, Map<string, Semaphore>>();

/**
 * The same client, with at most two requests under way at each snapshot archive, whatever is asked of it and by whom:
 * those of the presets, that of this archive, and those of all archives for which this was called before. Who has been
 * told to wait (Retry-After) keeps its place meanwhile.
 *
 * @param http a client itself, not what this function gave.
 */
export function politeClient(http: HttpClient, archives: readonly Pick<ArchiveSpec, 'snapshot'>[]): HttpClient {
  const queue = queues.get(http) ?? new Map<string, Semaphore>();
  queues.set(http, queue);
  for (const host of [...presetHosts, ...hostsOf(archives)]) {
    if (!queue.has(host)) queue.set(host, new Semaphore(snapshotRequests));
  }

  async function inTurn<T>(url: string, signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
    const places = queue.get(hostOf(url));
    return places === undefined ? ask() : places.run(ask, signal);
  }

  return {
    getBytes: (url, wanted) => inTurn(url, wanted.signal, () => http.getBytes(url, wanted)),
    getBytesIfChanged: (url, wanted) => inTurn(url, wanted.signal, () => http.getBytesIfChanged(url, wanted)),
    download: (url, wanted) => inTurn(url, wanted.signal, () => http.download(url, wanted)),
    close: () => http.close(),
  };
}

function hostsOf(archives: readonly Pick<ArchiveSpec, 'snapshot'>[]): readonly string[] {
  return archives.flatMap(({ snapshot }) => (snapshot === undefined ? [] : [hostOf(snapshot)]));
}

/** '' for what is no URL: the client refuses it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

const presetHosts: readonly string[] = hostsOf(presets.flatMap((preset) => preset.archives));
