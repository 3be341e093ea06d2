import type { ViewedLayer } from '../view/types.ts';
import type { ComparedLayer, LayersDifference } from './types.ts';

type Layer = Omit<ViewedLayer, 'entries'>;

/** Which layers two images share, and what who has the first would fetch of the second. */
export function compareLayers(from: readonly Layer[], to: readonly Layer[]): LayersDifference {
  const before = new Set(from.map(({ diffId }) => diffId));
  const after = new Set(to.map(({ diffId }) => diffId));
  const shared = to.filter(({ diffId }) => before.has(diffId));
  return {
    from: from.map((layer) => compared(layer, after)),
    to: to.map((layer) => compared(layer, before)),
    common: commonFromBottom(from, to),
    shared: { count: shared.length, bytes: shared.reduce((sum, { size }) => sum + size, 0) },
    toPull: bytesToPull(from, to),
  };
}

function compared({ diffId, descriptor, size, history }: Layer, other: ReadonlySet<string>): ComparedLayer {
  return {
    diffId,
    digest: descriptor?.digest,
    size,
    compressedSize: descriptor?.size,
    createdBy: history?.created_by,
    shared: other.has(diffId),
  };
}

function commonFromBottom(from: readonly Layer[], to: readonly Layer[]): number {
  const at = to.findIndex(({ diffId }, index) => from[index]?.diffId !== diffId);
  return at < 0 ? to.length : at;
}

/** Blobs are known by their own digests: the same tar, compressed otherwise, is fetched again. */
function bytesToPull(from: readonly Layer[], to: readonly Layer[]): number | undefined {
  const there = new Set(from.map(({ descriptor }) => descriptor?.digest));
  const wanted = new Map(to.map(({ descriptor }) => [descriptor?.digest, descriptor?.size]));
  if (there.has(undefined) || wanted.has(undefined)) return undefined;
  let bytes = 0;
  for (const [digest, size = 0] of wanted) if (!there.has(digest)) bytes += size;
  return bytes;
}

/** Bytes of an image's blobs; undefined where its form keeps none. */
export function compressedSize(layers: readonly Layer[]): number | undefined {
  let bytes = 0;
  for (const { descriptor } of layers) {
    if (descriptor === undefined) return undefined;
    bytes += descriptor.size;
  }
  return bytes;
}
