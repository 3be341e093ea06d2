import { resolve } from 'node:path';
import { writeFileAtomically } from '../image/atomic-output.ts';
import { encodeUtf8 } from '../util/text.ts';

/** Writes an answer to a file, whole or not at all. @throws SlimimageError OUTPUT_INVALID, IO */
export async function writeAnswer(text: string, file: string, options: { readonly cwd: string }): Promise<void> {
  await writeFileAtomically(resolve(options.cwd, file), encodeUtf8(text));
}
