import { SlimimageError } from '../errors.ts';

/** What a decoder throws on bytes that are none of its format's; `decompress` puts the object's name before it. */
export function damagedStream(what: string, cause?: unknown): SlimimageError {
  return new SlimimageError({ code: 'COMPRESSION_INVALID', message: what, cause });
}

export const cutOff = 'the stream is cut off';
