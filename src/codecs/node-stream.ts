import { type Duplex, pipeline, Readable } from 'node:stream';
import { plainBytes } from '../util/bytes.ts';

/** Sends a source through one of node:zlib's streams. A consumer that stops early stops the source, too. */
export async function* throughStream(
  source: AsyncIterable<Uint8Array>,
  stream: Duplex,
): AsyncGenerator<Uint8Array, void, undefined> {
  // `pipeline` destroys both ends with the first error, which the loop below throws.
  pipeline(Readable.from(source, { objectMode: true, highWaterMark: 1 }), stream, () => {});
  for await (const chunk of stream) yield plainBytes(chunk as Uint8Array);
}
