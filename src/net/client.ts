import { rename } from 'node:fs/promises';
import { isSlimimageError } from '../errors.ts';
import { ask } from './ask.ts';
import { createExchange } from './exchange.ts';
import { realSleep, withRetries } from './retry.ts';
import { createMemorySink, type FileSink, io, openFileSink, type Sink } from './sink.ts';
import { StreamSink } from './stream-sink.ts';
import { Transfer, type TransferOptions, type Transferred } from './transfer.ts';
import { createTransports } from './transports.ts';
import type {
  DownloadedFile,
  DownloadOptions,
  GetOptions,
  HttpClient,
  HttpClientOptions,
  HttpDocument,
  HttpRequester,
  RetryPolicy,
  StreamOptions,
  Timeouts,
  Validators,
} from './types.ts';
import { parseDestination, redactUrl } from './url.ts';

/** An HTTP client as `HttpClient` and `HttpRequester` describe it. Cheap: nothing is loaded or opened before the first request. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient & HttpRequester {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const transports = createTransports({
    connectMs: timeouts.responseMs,
    env: options.env ?? {},
    loopbackDirect: options.loopbackDirect,
    caFile: options.caFile,
    systemCa: options.systemCa,
    hostTrust: options.hostTrust,
  });
  const exchange = createExchange({
    transports,
    credentials: options.credentials,
    timeouts,
    hints: options.hints,
    connectionsFor: (hostname) => options.hostConnections?.[hostname] ?? options.connectionsPerHost ?? 6,
    now: options.now ?? Date.now,
  });
  const retries = {
    policy: { ...defaultRetry, ...options.retry },
    sleep: options.sleep ?? realSleep,
    onRetry: options.onRetry,
  };

  function transfer(url: string, sink: Sink, wanted: TransferOptions): Promise<Transferred | undefined> {
    const destination = parseDestination(url);
    const tries = new Transfer(exchange, sink, { ...wanted, destination });
    return withRetries(retries, () => tries.attempt(), {
      url: redactUrl(destination.url),
      progress: () => tries.furthest,
      signal: wanted.signal,
    });
  }

  async function getBytesIfChanged(
    url: string,
    wanted: GetOptions & { readonly validators?: Validators },
  ): Promise<HttpDocument | undefined> {
    const sink = createMemorySink();
    const transferred = await transfer(url, sink, wanted);
    return transferred && { ...transferred, bytes: sink.bytes(), digest: sink.digest() };
  }

  async function* stream(url: string, wanted: StreamOptions): AsyncGenerator<Uint8Array> {
    const sink = new StreamSink(wanted.alreadyRead);
    const left = new AbortController();
    const signal = wanted.signal === undefined ? left.signal : AbortSignal.any([wanted.signal, left.signal]);
    const { maxSize, expectedSize, headers, onProgress } = wanted;
    const unchanging = expectedSize !== undefined;
    const filled = transfer(url, sink, {
      maxSize,
      expectedSize,
      headers,
      onProgress,
      signal,
      unchanging,
      stream: true,
    });
    const done = filled.then(
      (transferred) => sink.end((transferred as Transferred).url),
      (error) => sink.fail(error),
    );
    try {
      yield* sink.chunks();
    } finally {
      left.abort();
      await done;
    }
  }

  return {
    stream,
    request(url, wanted) {
      const destination = parseDestination(url);
      const attempt = () => ask(exchange, destination, wanted);
      if (wanted.retry === false) return attempt();
      const shown = redactUrl(destination.url);
      return withRetries(retries, attempt, { url: shown, progress: () => 0, signal: wanted.signal });
    },
    getBytesIfChanged,
    async getBytes(url, wanted) {
      const { maxSize, expectedSize, expectedDigest, headers, onProgress, signal } = wanted;
      const plain = { maxSize, expectedSize, expectedDigest, headers, onProgress, signal };
      return (await getBytesIfChanged(url, plain)) as HttpDocument;
    },
    async download(url, wanted) {
      const sink = await openFileSink(wanted.partial, { keep: wanted.expectedDigest !== undefined });
      return fillFile(sink, wanted, async () => (await transfer(url, sink, wanted)) as Transferred);
    },
    close: () => transports.close(),
  };
}

/** Keeps or removes the partial file, as `DownloadOptions` promises. */
async function fillFile(
  sink: FileSink,
  { partial, final, expectedDigest }: DownloadOptions,
  fill: () => Promise<Transferred>,
): Promise<DownloadedFile> {
  let transferred: Transferred;
  try {
    transferred = await fill();
  } catch (error) {
    const mayContinue = expectedDigest !== undefined && !isWrongContent(error) && sink.size > 0;
    await (mayContinue ? sink.close() : sink.discard());
    throw error;
  }
  const { size } = sink;
  const digest = sink.digest();
  await sink.close();
  if (final !== undefined) await io(final, () => rename(partial, final));
  return { file: final ?? partial, size, digest, ...transferred };
}

function isWrongContent(error: unknown): boolean {
  return isSlimimageError(error, 'DIGEST_MISMATCH') || isSlimimageError(error, 'DOWNLOAD_TOO_LARGE');
}

const defaultTimeouts: Timeouts = { responseMs: 30_000, idleMs: 30_000, idleBytes: 1024 };

const defaultRetry: RetryPolicy = { attempts: 5, baseMs: 500, maxDelayMs: 15_000, maxRetryAfterMs: 120_000 };
