import { TarReader, type TarReaderOptions } from './reader.ts';
import type { TarHeader } from './types.ts';

export type TarEvent =
  | { readonly type: 'entry'; readonly header: TarHeader }
  /** A view of the chunk that was read: use it before asking for the next event. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'entry-end' };

/**
 * A tar as a sequence of events, for readers that await between them. Stops reading `chunks` at their end, not at the
 * tar's, so that a decompressor behind them checks its whole stream. Throws as TarReader does.
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: TarReaderOptions = {},
): AsyncGenerator<TarEvent, void, undefined> {
  const { reader, take } = collectingReader(options);
  for await (const chunk of chunks) {
    reader.push(chunk);
    yield* take();
  }
  reader.end();
  yield* take();
}

/** As `readTar`, for chunks that are at hand. */
export function* readTarSync(
  chunks: Iterable<Uint8Array>,
  options: TarReaderOptions = {},
): Generator<TarEvent, void, undefined> {
  const { reader, take } = collectingReader(options);
  for (const chunk of chunks) {
    reader.push(chunk);
    yield* take();
  }
  reader.end();
  yield* take();
}

function collectingReader(options: TarReaderOptions) {
  let events: TarEvent[] = [];
  const reader = new TarReader(
    {
      entry: (header) => events.push({ type: 'entry', header }),
      data: (bytes) => events.push({ type: 'data', bytes }),
      entryEnd: () => events.push({ type: 'entry-end' }),
    },
    options,
  );
  const take = (): TarEvent[] => {
    const taken = events;
    events = [];
    return taken;
  };
  return { reader, take };
}
