import type { LayerEntry } from './entry.ts';
import type { FolderMembers } from './folder-members.ts';

/** A name in the tree of an image, and what it names. */
export interface RootfsNode {
  /** Metadata; never a `hardlink`: every name of a file shows the file. `path` is this name's. */
  readonly entry: LayerEntry;
  /** Index of the layer that wrote this name. */
  readonly layer: number;
  /** Where the content is: the entry's ordinal in that layer's tar. Another layer than `layer` for some hard links. */
  readonly origin: { readonly layer: number; readonly index: number };
  /** Equal for names that are hard links of one another. */
  readonly inode: number;
  /** A folder that no layer lists, but that something lies in. */
  readonly implicit: boolean;
}

/** A place of a tree that is being made: what it names may change, what was told of it before stays as it was. */
export interface Cell {
  node: RootfsNode;
  /** Whether it is still in the tree. */
  attached: boolean;
  readonly depth: number;
  readonly parent: Cell | undefined;
  /** Folders only. */
  readonly members: FolderMembers<Cell> | undefined;
}
