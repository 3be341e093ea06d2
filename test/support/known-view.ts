import { createHash } from 'node:crypto';
import type { LayerEntry } from '../../src/rootfs/entry.ts';
import { Rootfs, type RootfsNode } from '../../src/rootfs/rootfs.ts';
import { digestOf } from '../../src/util/digest.ts';
import type { ImageView, ProgramFacts, SecretHit } from '../../src/view/types.ts';

/** All that a view knows of an entry of a layer. */
export interface KnownEntry {
  readonly entry: LayerEntry;
  readonly text?: Uint8Array | undefined;
  readonly program?: ProgramFacts | undefined;
  readonly secrets?: readonly SecretHit[] | undefined;
}

/** The view of an image of these layers, lowest first, without a config unless `more` has one; every content is at hand. */
export function knownView(layers: readonly (readonly KnownEntry[])[], more: Partial<ImageView>): ImageView {
  const viewed = layers.map((layer) => {
    const entries = layer.map(({ entry }) => entry);
    const size = entries.reduce((sum, entry) => sum + 512 + entry.size, 1024);
    const diffId = digestOf(Buffer.from(JSON.stringify(entries)));
    return { entries, size, diffId, descriptor: undefined, history: undefined };
  });
  const rootfs = Rootfs.of(viewed.map(({ entries }) => entries));
  const at = ({ origin: { layer, index } }: Pick<RootfsNode, 'origin'>) => layers[layer]?.[index];
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
      return node === undefined ? undefined : at(node)?.text;
    },
    textOf: (node) => at(node)?.text,
    program: (node) => at(node)?.program,
    secrets: (node) => at(node)?.secrets ?? [],
    md5: (node) => {
      const { entry, text = new Uint8Array() } = at(node) ?? {};
      return entry?.type === 'file' && text.length > 0 ? createHash('md5').update(text).digest('hex') : undefined;
    },
    ...more,
  };
}
