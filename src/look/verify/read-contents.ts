/** What the layers of an image hold, read now: nothing that is remembered of them is believed. */
import type { OperationOptions } from '../../events.ts';
import { nameOfLayer } from '../../image/layer-error.ts';
import { indexReader } from '../../image/layer-index.ts';
import { textReader } from '../../image/layer-texts.ts';
import { scanLayer } from '../../image/read-layer.ts';
import { strayTexts } from '../../image/stray-texts.ts';
import type { Image, ImageLayer } from '../../image/types.ts';
import { Rootfs, type RootfsNode } from '../../rootfs/rootfs.ts';
import { mapLimit } from '../../util/concurrency.ts';
import type { Digest } from '../../util/digest.ts';
import { sumScan } from './file-sums.ts';
import { isDamage, isForeign } from './open-subject.ts';

export interface ReadContents {
  readonly rootfs: Rootfs;
  /** Of layers, lowest first: held against the config where there is one. */
  readonly diffIds: readonly Digest[];
  /** Content of a small file that package databases are made of; undefined for others. */
  textOf(node: Pick<RootfsNode, 'origin'>): Uint8Array | undefined;
  /** Hexadecimal MD5 of a regular file. */
  md5Of(node: Pick<RootfsNode, 'origin'>): string | undefined;
}

export interface LayerProblem {
  readonly message: string;
  /** It lies elsewhere by intent of its publisher: nothing is wrong with it. */
  readonly isForeign: boolean;
}

export interface ReadLayers {
  /** What is wrong with each layer, lowest first; undefined where nothing is. */
  readonly problems: readonly (LayerProblem | undefined)[];
  /** Or why there is none. */
  readonly contents: ReadContents | string;
}

/** Layers read at once. */
const parallel = 2;

/**
 * Reads every layer once, to its end, where its digest and diff ID are checked: names, modes, owners and contents come out of the same bytes.
 * @throws SlimimageError ABORTED and what keeps a place from answering at all
 */
export async function readContents(image: Image, options: OperationOptions = {}): Promise<ReadLayers> {
  const { onEvent, signal } = options;
  const read = await mapLimit(image.layers, (layer, job) => scan(layer, { onEvent, signal: job.signal }), {
    limit: parallel,
    signal,
  });
  const problems = read.map((one, at) =>
    'message' in one ? { ...one, message: brief(one.message, { image, at }) } : undefined,
  );
  const problem = problems.find((one) => one !== undefined);
  const layers = read.flatMap((one) => ('message' in one ? [] : [one]));
  if (problem !== undefined) return { problems, contents: problem.message };
  try {
    const rootfs = Rootfs.of(layers.map(({ index }) => index.entries));
    const kept = ({ origin }: Pick<RootfsNode, 'origin'>) => layers[origin.layer]?.texts.get(origin.index);
    const isKnown = (node: RootfsNode) => kept(node) !== undefined;
    const stray = await strayTexts(image, rootfs, { memo: undefined, isKnown, signal });
    const contents = {
      rootfs,
      diffIds: layers.map(({ index }) => index.diffId),
      textOf: (node: Pick<RootfsNode, 'origin'>) => kept(node) ?? stray(node),
      md5Of: ({ origin }: Pick<RootfsNode, 'origin'>) => layers[origin.layer]?.sums.get(origin.index),
    };
    return { problems, contents };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { problems, contents: error.message };
  }
}

async function scan(layer: ImageLayer, options: OperationOptions) {
  try {
    return await scanLayer(layer, { index: indexReader, texts: textReader, sums: sumScan }, options);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { message: error.message, isForeign: isForeign(error) };
  }
}

/** What says it names image and digest beside it: once is enough. */
function brief(
  message: string,
  { image: { name, layers }, at }: { readonly image: Image; readonly at: number },
): string {
  const layer = layers[at];
  if (layer === undefined) return message;
  const label = `layer ${at + 1} of ${layers.length}`;
  const digest = layer.descriptor?.digest ?? layer.diffId;
  return message
    .replace(nameOfLayer(layer), label)
    .replace(`${label} of ${name}`, label)
    .replace(`${label}: blob ${digest} holds `, `${label} holds `);
}
