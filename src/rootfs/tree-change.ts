import type { RootfsNode } from './node.ts';

/** What a layer did to one path of the tree below it. */
export interface TreeChange {
  readonly type: 'added' | 'changed' | 'removed';
  readonly path: string;
  /** As it was below the layer; undefined where it was not. */
  readonly before: RootfsNode | undefined;
  /** As the layer leaves it; undefined where it is gone. */
  readonly after: RootfsNode | undefined;
}

/** Content of a file that is in a layer and in no path of the final tree. */
export interface LostContent {
  /** Path under which its layer had it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Index of the layer that wrote it. */
  readonly writtenBy: number;
  /** Index of the layer whose change took its last name away; the same layer where its own tar has the path twice. */
  readonly lostBy: number;
}
