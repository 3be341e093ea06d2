import type { HttpClient } from '../net/types.ts';
import { Semaphore } from '../util/concurrency.ts';
import type { ArchiveSpec } from './types.ts';

/** Snapshot archives are slow and throttle whoever asks for more. */
const snapshotRequests = 2;

/** Places by origin, shared by everything that asks through one client: one session, one queue. */
const queues = new WeakMap<HttpClient, Map<string, Semaphore>>();

/**
 * The same client, with at most two requests under way at each snapshot archive of these archives, whatever is asked of
 * it and by whom. Who has been told to wait (Retry-After) keeps its place meanwhile.
 */
export function politeClient(http: HttpClient, archives: readonly Pick<ArchiveSpec, 'snapshot'>[]): HttpClient {
  const origins = new Set(archives.flatMap(({ snapshot }) => (snapshot === undefined ? [] : [originOf(snapshot)])));
  if (origins.size === 0) return http;
  const queue = queues.get(http) ?? new Map<string, Semaphore>();
  queues.set(http, queue);

  async function inTurn<T>(url: string, signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
    const origin = originOf(url);
    if (!origins.has(origin)) return ask();
    const places = queue.get(origin) ?? new Semaphore(snapshotRequests);
    queue.set(origin, places);
    return places.run(ask, signal);
  }

  return {
    getBytes: (url, wanted) => inTurn(url, wanted.signal, () => http.getBytes(url, wanted)),
    getBytesIfChanged: (url, wanted) => inTurn(url, wanted.signal, () => http.getBytesIfChanged(url, wanted)),
    download: (url, wanted) => inTurn(url, wanted.signal, () => http.download(url, wanted)),
    close: () => http.close(),
  };
}

/** '' for what is no URL: the client refuses it. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
