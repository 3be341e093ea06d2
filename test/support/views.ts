import { createHash } from 'node:crypto';
import type { LayerEntry } from '../../src/rootfs/entry.ts';
import type { ImageView } from '../../src/view/types.ts';
import { type KnownEntry, knownView } from './known-view.ts';

/** A file by its content, or what is said of an entry; of names with a trailing slash it is a folder. */
export type ViewedFile = string | Uint8Array | (Partial<LayerEntry> & { readonly content?: string | Uint8Array });

export type ViewedFiles = readonly (readonly [path: string, file: ViewedFile])[];

/** What is known of an image made of literals, lowest layer first; every content is at hand. */
export function viewOf(layers: readonly ViewedFiles[], more: Partial<ImageView> = {}): ImageView {
  return knownView(
    layers.map((files) => files.map(([path, file]) => entryOf(path, file))),
    more,
  );
}

function entryOf(name: string, file: ViewedFile): KnownEntry {
  const path = name.replace(/\/$/, '');
  const { content: given, ...said } = typeof file === 'string' || file instanceof Uint8Array ? { content: file } : file;
  const type = said.type ?? (name.endsWith('/') ? 'directory' : 'file');
  const content = type === 'file' ? Buffer.from(given ?? '') : undefined;
  const mode = type === 'directory' ? 0o755 : 0o644;
  const sha256 = content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
  return {
    entry: { type, mode, uid: 0, gid: 0, mtime: 0, size: content?.length ?? 0, sha256, ...said, path },
    text: content,
  };
}
