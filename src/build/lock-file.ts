import { open } from 'node:fs/promises';
import { relative } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { writeFileAtomically } from '../image/atomic-output.ts';
import { limits } from '../limits.ts';
import { encodeLock } from '../lock/encode.ts';
import { parseLock } from '../lock/parse.ts';
import type { LockDocument } from '../lock/types.ts';
import { diskError, isMissing } from '../store/disk-error.ts';
import { type Digest, digestOf } from '../util/digest.ts';

export interface LockFile {
  readonly document: LockDocument;
  /** Of the file's bytes. */
  readonly digest: Digest;
}

/**
 * @param file absolute path
 * @param options.cwd folder from which messages name it
 * @throws SlimimageError LOCK_NOT_FOUND, LOCK_INVALID, LIMIT_EXCEEDED, IO
 */
export async function readLock(file: string, options: { readonly cwd?: string } = {}): Promise<LockFile> {
  const bytes = await readBytes(file);
  const name = shownPath(file, options.cwd);
  if (bytes !== undefined) return { document: parseLock(bytes, { name }), digest: digestOf(bytes) };
  throw new SlimimageError({
    code: 'LOCK_NOT_FOUND',
    message: `There is no lock ${name}`,
    hint: 'Make it with `slimimage lock`, or name another one.',
  });
}

/** As the user would write it, unless that climbs. */
export function shownPath(file: string, cwd: string | undefined): string {
  const path = cwd === undefined ? file : relative(cwd, file);
  return path.startsWith('..') ? file : path;
}

/**
 * Writes a lock in one step. A file that says the same already is not touched.
 * @throws SlimimageError OUTPUT_INVALID, IO
 */
export async function writeLock(
  file: string,
  document: LockDocument,
): Promise<{ readonly digest: Digest; readonly changed: boolean }> {
  const bytes = new TextEncoder().encode(encodeLock(document));
  const digest = digestOf(bytes);
  const known = await readBytes(file).catch(() => undefined);
  const changed = known === undefined || digestOf(known) !== digest;
  if (changed) await writeFileAtomically(file, chunks(bytes));
  return { digest, changed };
}

async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** Undefined where there is no such file. */
async function readBytes(file: string): Promise<Uint8Array | undefined> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    if (size <= limits.lockBytes) return await handle.readFile();
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw diskError(cause, `cannot read ${file}`, 'IO');
  }
  throw new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `The lock ${file} is larger than ${limits.lockBytes} bytes`,
  });
}
