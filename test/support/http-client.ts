import assert from 'node:assert/strict';
import { type ErrorCode, isSlimimageError, type SlimimageError } from '../../src/errors.ts';
import { createHttpClient } from '../../src/net/client.ts';
import type { HttpClient, HttpClientOptions, HttpRequester, RetryNotice } from '../../src/net/types.ts';

/** A client whose waits between tries take no time but are written down. */
export interface TestClient extends HttpClient, HttpRequester, AsyncDisposable {
  /** Milliseconds, in order. */
  readonly waits: readonly number[];
  readonly notices: readonly RetryNotice[];
}

export function startClient(options: HttpClientOptions = {}): TestClient {
  const waits: number[] = [];
  const notices: RetryNotice[] = [];
  const client = createHttpClient({
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
    onRetry: (notice) => {
      notices.push(notice);
    },
    ...options,
  });
  return { ...client, waits, notices, [Symbol.asyncDispose]: () => client.close() };
}

/** Asserts that `work` is refused with `code`, and gives the error. */
export async function failsWith(code: ErrorCode, work: Promise<unknown>): Promise<SlimimageError> {
  const error = await work.then(
    () => assert.fail(`expected ${code}, but it went well`),
    (reason: unknown) => reason,
  );
  if (!isSlimimageError(error)) throw error;
  assert.equal(error.code, code, error.message);
  return error;
}
