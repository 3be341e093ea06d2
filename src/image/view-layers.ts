import { mapLimit } from '../util/concurrency.ts';
import { EntryCount } from './entry-count.ts';
import { indexReader } from './layer-index.ts';
import { type LayerPrograms, programReader } from './layer-programs.ts';
import { type LayerSecrets, secretReader } from './layer-secrets.ts';
import { type LayerSums, noSums, sumReader } from './layer-sums.ts';
import { type LayerTexts, textReader } from './layer-texts.ts';
import { readLayer } from './read-layer.ts';
import type { Image, ImageLayer, LayerIndex, OpenViewOptions } from './types.ts';

/** All that a view knows of one layer. */
export interface LayerView {
  readonly index: LayerIndex;
  readonly programs: LayerPrograms;
  readonly texts: LayerTexts;
  /** Empty where nobody asked. */
  readonly secrets: LayerSecrets;
  readonly sums: LayerSums;
}

/** Layers by diff ID that several views keep once. */
export type SharedLayers = Map<string, Promise<LayerView>>;

/** Each layer's, lowest first. Equal layers are read once. @throws SlimimageError as `readLayer` */
export async function viewLayers(
  image: Image,
  options: OpenViewOptions & { readonly shared?: SharedLayers | undefined },
): Promise<readonly LayerView[]> {
  const { store, onEvent } = options;
  const { memo } = store;
  const readers = { index: indexReader, programs: programReader(store), texts: textReader };
  const withContents = { ...readers, secrets: secretReader, sums: sumReader };
  const read = async (layer: ImageLayer, signal: AbortSignal): Promise<LayerView> => {
    const how = { memo, onEvent, signal };
    if (options.contents === true) return readLayer(layer, withContents, how);
    return { ...(await readLayer(layer, readers, how)), secrets: new Map(), sums: noSums };
  };
  const own: SharedLayers = new Map();
  const count = new EntryCount();
  return mapLimit(
    image.layers,
    async (layer, { signal }) => {
      const key = layer.diffId ?? layer.what;
      // What has no diff ID is known by its place, which says nothing elsewhere.
      const under = layer.diffId === undefined ? own : (options.shared ?? own);
      const reading = under.get(key) ?? read(layer, signal);
      under.set(key, reading);
      const view = await reading;
      count.add(view.index.entries.length, layer);
      return view;
    },
    { limit: 2, signal: options.signal },
  );
}
