import type { Rootfs } from '../rootfs/rootfs.ts';
import { compareStrings } from '../util/text.ts';
import { topOf } from './top.ts';

/**
 * Bytes of files that layers carry and no path of the image shows: those of all layers' files less the visible ones, hard
 * links counted once.
 */
export interface WasteReport {
  readonly bytes: number;
  readonly files: number;
  /** By who wrote and who removed or replaced it, most bytes first. */
  readonly pairs: readonly WastePair[];
  readonly biggest: readonly WastedFile[];
}

export interface WastePair {
  /** Numbers of layers, from 1. Equal: the layer's own tar has the path twice. */
  readonly writtenBy: number;
  readonly lostBy: number;
  readonly bytes: number;
  readonly files: number;
}

export interface WastedFile {
  readonly path: string;
  readonly bytes: number;
  readonly writtenBy: number;
  readonly lostBy: number;
}

export function measureWaste({ lost }: Pick<Rootfs, 'lost'>, { top }: { readonly top: number }): WasteReport {
  const pairs = new Map<string, { writtenBy: number; lostBy: number; bytes: number; files: number }>();
  let bytes = 0;
  for (const { size, writtenBy, lostBy } of lost) {
    bytes += size;
    const key = `${writtenBy} ${lostBy}`;
    const pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, { writtenBy: writtenBy + 1, lostBy: lostBy + 1, bytes: size, files: 1 });
    else {
      pair.bytes += size;
      pair.files++;
    }
  }
  const biggest = topOf(lost, top, (a, b) => b.size - a.size || compareStrings(a.path, b.path));
  return {
    bytes,
    files: lost.length,
    pairs: [...pairs.values()].sort((a, b) => b.bytes - a.bytes || a.writtenBy - b.writtenBy || a.lostBy - b.lostBy),
    biggest: biggest.map(({ path, size, writtenBy, lostBy }) => ({
      path: `/${path}`,
      bytes: size,
      writtenBy: writtenBy + 1,
      lostBy: lostBy + 1,
    })),
  };
}
