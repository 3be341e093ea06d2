import { createHash } from 'node:crypto';
import type { LayerEntry } from '../../src/rootfs/entry.ts';
import { Rootfs } from '../../src/rootfs/rootfs.ts';
import { digestOf } from '../../src/util/digest.ts';
import type { ImageView, ViewedLayer } from '../../src/view/types.ts';

/** A file by its content, or what is said of an entry; of names with a trailing slash it is a folder. */
export type ViewedFile = string | Uint8Array | (Partial<LayerEntry> & { readonly content?: string | Uint8Array });

export type ViewedFiles = readonly (readonly [path: string, file: ViewedFile])[];

/** What is known of an image made of literals, lowest layer first; every content is at hand. */
export function viewOf(layers: readonly ViewedFiles[], more: Partial<ImageView> = {}): ImageView {
  const texts = new Map<string, Uint8Array>();
  const viewed = layers.map((files, layer): ViewedLayer => {
    const entries = files.map(([path, file], index) => {
      const { entry, content } = entryOf(path, file);
      if (content !== undefined) texts.set(`${layer} ${index}`, content);
      return entry;
    });
    const size = entries.reduce((sum, entry) => sum + 512 + entry.size, 1024);
    return {
      entries,
      size,
      diffId: digestOf(Buffer.from(JSON.stringify(entries))),
      descriptor: undefined,
      history: undefined,
    };
  });
  const rootfs = Rootfs.of(viewed.map(({ entries }) => entries));
  const textOf: ImageView['textOf'] = ({ origin }) => texts.get(`${origin.layer} ${origin.index}`);
  return {
    name: 'sample',
    descriptor: undefined,
    configDigest: undefined,
    config: undefined,
    platform: { os: 'linux', architecture: 'amd64' },
    layers: viewed,
    rootfs,
    text: (path) => {
      const node = rootfs.resolve(path);
      return node === undefined ? undefined : textOf(node);
    },
    textOf,
    program: () => undefined,
    secrets: () => [],
    md5: () => undefined,
    ...more,
  };
}

function entryOf(name: string, file: ViewedFile): { entry: LayerEntry; content: Uint8Array | undefined } {
  const path = name.replace(/\/$/, '');
  const { content: given, ...said } = typeof file === 'string' || file instanceof Uint8Array ? { content: file } : file;
  const type = said.type ?? (name.endsWith('/') ? 'directory' : 'file');
  const content = type === 'file' ? Buffer.from(given ?? '') : undefined;
  const mode = type === 'directory' ? 0o755 : 0o644;
  const sha256 = content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
  return {
    entry: { type, mode, uid: 0, gid: 0, mtime: 0, size: content?.length ?? 0, sha256, ...said, path },
    content,
  };
}
