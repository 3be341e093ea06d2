import { HttpError } from './http-error.ts';
import type { Sink } from './sink.ts';

/**
 * A sink whose bytes go to a reader at once and are not kept: a transfer that starts again skips what the reader has had.
 * Each chunk is held until the reader asks for the next.
 */
export class StreamSink implements Sink {
  /** Bytes of this pass. */
  size: number;
  /** Bytes that the reader has had. */
  #delivered: number;
  #offered: Uint8Array | undefined;
  #taken: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #ended: { readonly error?: unknown } | undefined;
  #left = false;

  /** @param alreadyRead bytes that the reader has had from elsewhere */
  constructor(alreadyRead = 0) {
    this.size = alreadyRead;
    this.#delivered = alreadyRead;
  }

  async append(chunk: Uint8Array): Promise<void> {
    const start = this.size;
    this.size += chunk.length;
    if (this.size <= this.#delivered || this.#left) return;
    this.#offered = start < this.#delivered ? chunk.subarray(this.#delivered - start) : chunk;
    this.#delivered = this.size;
    await new Promise<void>((resolve) => {
      this.#taken = resolve;
      this.#wake?.();
    });
  }

  async restart(): Promise<void> {
    this.size = 0;
  }

  /** No more comes, because that was all. @param url fit to be shown */
  end(url: string): void {
    this.#ended = this.size < this.#delivered ? { error: shrunk(url, this.size, this.#delivered) } : {};
    this.#wake?.();
  }

  /** No more comes, because of an error. */
  fail(error: unknown): void {
    this.#ended = { error };
    this.#wake?.();
  }

  /** To be read once. A reader that leaves early lets the rest fall. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#offered;
        if (chunk !== undefined) {
          this.#offered = undefined;
          yield chunk;
          this.#taken?.();
        } else if (this.#ended === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if ('error' in this.#ended) throw this.#ended.error;
        else return;
      }
    } finally {
      this.#left = true;
      this.#taken?.();
    }
  }
}

function shrunk(url: string, now: number, before: number): HttpError {
  return new HttpError({
    code: 'DOWNLOAD_SHORT',
    message: `${url} ended after ${now} bytes, where it had more than ${before} before`,
  });
}
