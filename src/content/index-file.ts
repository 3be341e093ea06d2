import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { contentFiles } from './folders.ts';
import type { CompressedFragment, ContentEntry, ContentIndex, FileRange } from './types.ts';

/** Extended attributes as the index file has them: name -> base64. */
type StoredEntry = Omit<ContentEntry, 'xattrs'> & { readonly xattrs?: Readonly<Record<string, string>> };

/** The bytes of `index.json`. */
export function encodeIndex(index: ContentIndex): string {
  return JSON.stringify(index, (key, value: unknown) => {
    if (key !== 'xattrs' || !(value instanceof Map)) return value;
    return Object.fromEntries(
      [...(value as Map<string, Uint8Array>)].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    );
  });
}

/** @throws SlimimageError STORE_CORRUPT where the text is no index of this format. */
export function decodeIndex(text: string, label: string): ContentIndex {
  const corrupt = (cause?: unknown) =>
    new SlimimageError({
      code: 'STORE_CORRUPT',
      message: `the index of ${label} in the store is damaged`,
      hint: 'Run `slimimage cache verify`.',
      cause,
    });
  let index: Omit<ContentIndex, 'entries'> & { entries: readonly StoredEntry[] };
  try {
    index = JSON.parse(text) as typeof index;
  } catch (cause) {
    throw corrupt(cause);
  }
  if (index?.format !== 1 || !Array.isArray(index.entries)) throw corrupt();
  return { ...index, entries: index.entries.map(reviveXattrs) };
}

/** Says beside a compressed form where its parts are. Synchronous: for worker threads. */
export function writeCompressedIndex(folder: string, ranges: readonly FileRange[]): void {
  writeFileSync(join(folder, contentFiles.ranges), JSON.stringify(ranges));
}

/** @throws SlimimageError STORE_CORRUPT where the folder holds no compressed form. */
export async function readCompressed(folder: string): Promise<CompressedFragment> {
  try {
    const ranges = JSON.parse(await readFile(join(folder, contentFiles.ranges), 'utf8')) as FileRange[];
    return { file: join(folder, contentFiles.compressed), ranges };
  } catch (cause) {
    throw new SlimimageError({
      code: 'STORE_CORRUPT',
      message: `the compressed form in ${folder} is damaged`,
      hint: 'Run `slimimage cache prune` and build again.',
      cause,
    });
  }
}

function reviveXattrs(entry: StoredEntry): ContentEntry {
  if (entry.xattrs === undefined) return entry as unknown as ContentEntry;
  const xattrs = new Map(
    Object.entries(entry.xattrs).map(([name, value]) => [name, new Uint8Array(Buffer.from(value, 'base64'))]),
  );
  return { ...entry, xattrs };
}
