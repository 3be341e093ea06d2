import { backoffMs, retryEvent } from '../net/retry.ts';
import type { StoredBlob } from '../store/types.ts';
import { throwIfAborted } from '../util/abort.ts';
import type { RepositoryContext } from './context.ts';
import { Upload, type UploadOptions } from './upload-attempt.ts';
import type { UploadSource } from './upload-source.ts';

/** Bytes that make up for a failure: over a bad line an upload may break often, as long as it gets on. */
const worthwhileBytes = 1024 * 1024;

/**
 * Sends a blob (distribution-spec, "Pushing Blobs"). Where the line breaks it is resumed, where the registry has lost it begun again, a
 * bounded number of times without progress; one that fails for good is cancelled.
 *
 * @throws SlimimageError what the source brings about; NETWORK, HTTP_STATUS, HTTP_AUTH, REGISTRY_INVALID, DIGEST_MISMATCH, ABORTED
 */
export async function upload(
  context: RepositoryContext,
  source: UploadSource,
  options: UploadOptions,
): Promise<StoredBlob> {
  const { retry, sleep, onEvent } = context;
  const tries = new Upload(context, source, options);
  let failures = 0;
  let mark = 0;
  try {
    for (;;) {
      throwIfAborted(options.signal);
      const outcome = await tries.attempt();
      if (outcome.type === 'stored') return outcome.stored;
      throwIfAborted(options.signal);
      if (tries.offset - mark >= worthwhileBytes) failures = 0;
      mark = Math.max(mark, tries.offset);
      failures++;
      const { error, waitMs } = outcome;
      if (failures >= retry.attempts || (waitMs ?? 0) > retry.maxRetryAfterMs) throw error;
      const delayMs = waitMs ?? backoffMs(retry, failures);
      onEvent?.(retryEvent({ reason: error.message, delayMs }));
      await sleep(delayMs, options.signal).catch(() => throwIfAborted(options.signal));
    }
  } finally {
    await tries.close();
  }
}
