import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Content, ContentEntry } from '../content/types.ts';
import type { DonorTree, EffectTree } from '../effects/types.ts';
import { SlimimageError } from '../errors.ts';
import { type ImageTree, parentOf } from './tree.ts';

export interface TreeViewOptions {
  /** By package name. */
  readonly contents: ReadonlyMap<string, Content>;
  /** Files of the image below (`on:`) that effects may want, read beforehand. */
  readonly baseFiles: ReadonlyMap<string, Uint8Array>;
}

/** The tree as effects see it: metadata at hand, bytes read from the fragments when asked for. */
export function treeView(tree: ImageTree, options: TreeViewOptions): EffectTree {
  return {
    get: (path) => tree.get(path)?.entry,
    below: (folder) => tree.below(folder),
    childrenOf: (folder) => tree.childrenOf(folder),
    read: (path) => {
      const source = tree.get(path)?.source;
      switch (source?.type) {
        case 'package':
          return readContentEntry(options.contents.get(source.package) as Content, source.origin);
        case 'bytes':
          return source.bytes;
        case 'file':
          return readFileSync(source.file);
        case 'base':
          return options.baseFiles.get(path);
        default:
          return undefined;
      }
    },
  };
}

/** A package that is read and not installed. */
export function donorTree(content: Content): DonorTree {
  const entries = new Map(content.index.entries.map((entry) => [entry.path, entry]));
  return {
    get: (path) => entries.get(path),
    childrenOf: (folder) => [...entries.keys()].filter((path) => parentOf(path) === folder),
    read: (path) => {
      const entry = entries.get(path);
      return entry === undefined ? undefined : readContentEntry(content, entry);
    },
  };
}

/** The bytes of a regular file of a content; undefined for every other type. */
export function readContentEntry(content: Content, entry: ContentEntry): Uint8Array | undefined {
  if (entry.type === 'hardlink') {
    const carrier = content.index.entries.find(({ path }) => path === entry.linkTarget);
    return carrier === undefined ? undefined : readContentEntry(content, carrier);
  }
  if (entry.type !== 'file') return undefined;
  const bytes = new Uint8Array(entry.size);
  const descriptor = openSync(content.fragmentPath, 'r');
  try {
    const start = entry.offset;
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(descriptor, bytes, at, bytes.length - at, start + at);
      if (count === 0)
        throw new SlimimageError({
          code: 'STORE_CORRUPT',
          message: `the content of ${content.index.name} in the store ends early`,
          hint: 'Run `slimimage cache verify`.',
        });
      at += count;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
