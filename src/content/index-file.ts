import { SlimimageError } from '../errors.ts';
import type { ContentEntry, ContentIndex } from './types.ts';

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

function reviveXattrs(entry: StoredEntry): ContentEntry {
  if (entry.xattrs === undefined) return entry as unknown as ContentEntry;
  const xattrs = new Map(
    Object.entries(entry.xattrs).map(([name, value]) => [name, new Uint8Array(Buffer.from(value, 'base64'))]),
  );
  return { ...entry, xattrs };
}
