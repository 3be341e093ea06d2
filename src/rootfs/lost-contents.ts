import type { LayerEntry } from './entry.ts';
import type { RootfsNode } from './node.ts';
import type { LostContent } from './tree-change.ts';

/** Counts the names of contents, to know when one loses its last. */
export class LostContents {
  readonly #lost: LostContent[] = [];
  /** By inode, of those that ever had several names: nearly all have one. */
  readonly #links = new Map<number, { names: number; readonly path: string }>();

  get all(): readonly LostContent[] {
    return this.#lost;
  }

  /** Another name for the content of this file. */
  link({ inode, entry }: RootfsNode): void {
    const link = this.#links.get(inode);
    if (link === undefined) this.#links.set(inode, { names: 2, path: entry.path });
    else link.names++;
  }

  /** One name less. */
  unlink({ inode, entry, origin }: RootfsNode, lostBy: number): void {
    if (entry.type !== 'file') return;
    const link = this.#links.get(inode);
    if (link !== undefined && --link.names > 0) return;
    this.#lose({ path: link?.path ?? entry.path, size: entry.size, writtenBy: origin.layer, lostBy });
  }

  /** An entry that never becomes a path of the tree: a whiteout with content, what AUFS kept for itself. */
  never(entry: LayerEntry, layer: number): void {
    if (entry.type === 'file') this.#lose({ path: entry.path, size: entry.size, writtenBy: layer, lostBy: layer });
  }

  #lose(content: LostContent): void {
    if (content.size > 0) this.#lost.push(content);
  }
}
