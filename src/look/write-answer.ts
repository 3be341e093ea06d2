import { resolve } from 'node:path';
import { writeFileAtomically } from '../image/atomic-output.ts';
import { encodeUtf8 } from '../util/text.ts';

/** Writes an answer, given in pieces, to a file, whole or not at all. @throws SlimimageError OUTPUT_INVALID, IO */
export async function writeAnswer(
  pieces: Iterable<string>,
  file: string,
  options: { readonly cwd: string },
): Promise<void> {
  await writeFileAtomically(resolve(options.cwd, file), encoded(typeof pieces === 'string' ? [pieces] : pieces));
}

async function* encoded(pieces: Iterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of pieces) yield encodeUtf8(piece);
}
