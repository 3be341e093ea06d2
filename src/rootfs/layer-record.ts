import { compareEntries } from './compare-entries.ts';
import type { Cell, RootfsNode } from './node.ts';
import type { TreeChange } from './tree-change.ts';

/** What happens to a tree while one layer is put on top of it, of which only the outcome counts. */
export class LayerRecord {
  readonly #layer: number;
  /** In the order of the tar; some may be gone again. */
  readonly #attached: Cell[] = [];
  /** Folders of lower layers that this one lists, as they were. */
  readonly #updated = new Map<Cell, RootfsNode>();
  /** What lower layers had and this one took away or replaced, by path. */
  readonly #detached = new Map<string, RootfsNode>();

  constructor(layer: number) {
    this.#layer = layer;
  }

  attach(cell: Cell): void {
    this.#attached.push(cell);
  }

  /** To be called before the folder changes. */
  update(cell: Cell): void {
    if (cell.node.layer !== this.#layer) this.#updated.set(cell, cell.node);
  }

  detach(cell: Cell): void {
    const before = this.#updated.get(cell) ?? (cell.node.layer === this.#layer ? undefined : cell.node);
    if (before !== undefined) this.#detached.set(before.entry.path, before);
  }

  /** What was added or changed in the order of the tar, changed folders after that, then what was removed. */
  changes(): readonly TreeChange[] {
    const changes: TreeChange[] = [];
    const removed = this.#detached;
    for (const { attached, node } of this.#attached) {
      if (!attached) continue;
      const { path } = node.entry;
      const before = removed.size === 0 ? undefined : removed.get(path);
      if (before === undefined) {
        changes.push({ type: 'added', path, before, after: node });
        continue;
      }
      removed.delete(path);
      if (isChange(before, node)) changes.push({ type: 'changed', path, before, after: node });
    }
    for (const [{ attached, node }, before] of this.#updated) {
      const { path } = node.entry;
      if (attached && isChange(before, node)) changes.push({ type: 'changed', path, before, after: node });
    }
    for (const [path, before] of removed) changes.push({ type: 'removed', path, before, after: undefined });
    return changes;
  }
}

/** Layers repeat the folders above what they change: a folder as it was is no change, anything else was written again. */
function isChange(before: RootfsNode, after: RootfsNode): boolean {
  return after.entry.type !== 'directory' || compareEntries(before.entry, after.entry).length > 0;
}
