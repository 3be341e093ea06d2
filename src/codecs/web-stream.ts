import { plainBytes } from '../util/bytes.ts';

/** A source as the kind of stream that WebAssembly and native decoders take: pulled, nothing read ahead. */
export function toReadableStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A stream's chunks, the next one asked for before the last one is given out: a native decoder then works on its own
 * thread while this one hashes and compresses what it got.
 */
export async function* fromReadableStream(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let next = reader.read();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = reader.read();
      // A failure is for whoever asks next; until then nobody awaits it.
      next.catch(() => undefined);
      yield plainBytes(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
