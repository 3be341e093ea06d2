import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import { TarReader } from '../formats/tar/reader.ts';
import { limits } from '../limits.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import type { Memo } from '../store/memo.ts';
import { plainBytes } from '../util/bytes.ts';
import { Sha256 } from '../util/digest.ts';
import { ContentOffsets } from './content-offsets.ts';
import { entryOfHeader } from './layer-entry.ts';
import { nameOfLayer, namingLayer } from './layer-error.ts';
import type { LayerPass, LayerReader, LayerScan, WholeTar } from './layer-reader.ts';
import { rememberIfPossible } from './remember.ts';
import type { ImageLayer, OpenLayerOptions } from './types.ts';

export interface ReadLayerOptions extends OperationOptions {
  /** Where facts are remembered by diff ID; undefined: nowhere. */
  readonly memo?: Memo | undefined;
}

export type LayerReaders = Readonly<Record<string, LayerReader<unknown>>>;

/** What readers found, each under the name of its reader. */
export type FactsOf<R> = { readonly [K in keyof R]: R[K] extends LayerScan<infer T> ? T : never };

/**
 * What the readers find in a layer: remembered, or in one pass for all of them that know nothing of it yet. Memory is bounded by what
 * they keep.
 * @throws SlimimageError DIGEST_MISMATCH, TAR_INVALID, PATH_UNSAFE, OCI_INVALID, COMPRESSION_INVALID, LIMIT_EXCEEDED, LAYER_FOREIGN, IO, STORE
 */
export async function readLayer<R extends LayerReaders>(
  layer: ImageLayer,
  readers: R,
  options: ReadLayerOptions = {},
): Promise<FactsOf<R>> {
  const { memo, signal } = options;
  return telling(layer, options, async (onStored) => {
    const facts = new Map<string, unknown>();
    for (const [name, reader] of Object.entries(readers)) facts.set(name, await recall(layer, reader, memo));
    const missing = Object.entries(readers).filter(([name]) => facts.get(name) === undefined);
    if (missing.length > 0) {
      const found = await readOnce(
        layer,
        missing.map(([, reader]) => reader),
        { signal, onStored },
      );
      for (const [at, [name, reader]] of missing.entries()) {
        facts.set(name, found[at]);
        await remember(layer, reader, { memo, value: found[at] });
      }
    }
    const outcome = missing.length === 0 ? 'cached' : 'ok';
    return { outcome, value: Object.fromEntries(facts) as FactsOf<R> };
  });
}

/** What passes find in a layer that is read now, whatever is remembered of it. @throws SlimimageError as `readLayer` */
export async function scanLayer<R extends Readonly<Record<string, LayerScan<unknown>>>>(
  layer: ImageLayer,
  scans: R,
  options: OperationOptions = {},
): Promise<FactsOf<R>> {
  const { signal } = options;
  return telling(layer, options, async (onStored) => {
    const found = await readOnce(layer, Object.values(scans), { signal, onStored });
    const value = Object.fromEntries(Object.keys(scans).map((name, at) => [name, found[at]]));
    return { outcome: 'ok', value: value as FactsOf<R> };
  });
}

async function telling<T>(
  layer: ImageLayer,
  { onEvent }: OperationOptions,
  read: (onStored: (done: number) => void) => Promise<{ readonly outcome: 'ok' | 'cached'; readonly value: T }>,
): Promise<T> {
  const id = `read ${layer.what}`;
  onEvent?.({ type: 'task', id, phase: 'read', label: layer.what, total: layer.storedSize });
  try {
    const { outcome, value } = await read((done) => onEvent?.({ type: 'advance', id, done }));
    onEvent?.({ type: 'done', id, outcome });
    return value;
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

async function recall(layer: ImageLayer, reader: LayerReader<unknown>, memo: Memo | undefined): Promise<unknown> {
  if (memo === undefined || layer.diffId === undefined) return undefined;
  const { namespace, form } = reader;
  const remembered = await (form === 'bytes'
    ? memo.getBytes(namespace, layer.diffId)
    : memo.get(namespace, layer.diffId));
  return remembered === undefined ? undefined : reader.decode(remembered);
}

interface Found {
  readonly memo: Memo | undefined;
  readonly value: unknown;
}

async function remember(layer: ImageLayer, reader: LayerReader<unknown>, { memo, value }: Found): Promise<void> {
  if (memo === undefined || layer.diffId === undefined) return;
  try {
    const encoded = reader.encode(value);
    if (encoded instanceof Uint8Array) await rememberIfPossible(memo.setBytes(reader.namespace, layer.diffId, encoded));
    else await rememberIfPossible(memo.set(reader.namespace, layer.diffId, encoded));
  } catch (error) {
    // A text has at most half a gigabyte: what does not fit, of a layer of millions of entries, is found out anew.
    if (!(error instanceof RangeError)) throw error;
  }
}

async function readOnce(
  layer: ImageLayer,
  readers: readonly LayerScan<unknown>[],
  options: OpenLayerOptions,
): Promise<readonly unknown[]> {
  const passes: LayerPass<unknown>[] = [];
  try {
    for (const reader of readers) passes.push(await reader.begin());
    const tar = await readTar(layer, passes, options);
    return passes.map((pass) => pass.end(tar));
  } catch (error) {
    throw namingLayer(error, nameOfLayer(layer));
  } finally {
    for (const pass of passes) await pass.close?.();
  }
}

async function readTar(
  layer: ImageLayer,
  passes: readonly LayerPass<unknown>[],
  options: OpenLayerOptions,
): Promise<WholeTar> {
  const offsets = new ContentOffsets();
  let index = -1;
  let nameBytes = 0;
  const reader = new TarReader(
    {
      entry(header) {
        const entry = entryOfHeader(header);
        index++;
        nameBytes += nameBytesOf(entry);
        if (nameBytes > limits.layerNameBytes) throw tooManyNames();
        for (const pass of passes) pass.entry(entry, index);
      },
      data(bytes) {
        offsets.note(index, bytes);
        for (const pass of passes) pass.data(bytes);
      },
      entryEnd() {
        const offset = offsets.of(index);
        for (const pass of passes) pass.entryEnd(offset);
      },
    },
    { what: nameOfLayer(layer), endOptional: true },
  );
  // A layer with a diff ID is held against it while it is opened.
  const whole = layer.diffId === undefined ? new Sha256() : undefined;
  let size = 0;
  for await (const given of layer.open(options)) {
    const chunk = plainBytes(given);
    offsets.begin(chunk, size);
    reader.push(chunk);
    whole?.update(chunk);
    size += chunk.length;
  }
  reader.end();
  return { diffId: layer.diffId ?? (whole ?? new Sha256()).digest(), size };
}

function nameBytesOf({ path, linkTarget, xattrs }: LayerEntry): number {
  let bytes = path.length + (linkTarget?.length ?? 0);
  for (const [name, value] of xattrs ?? []) bytes += name.length + value.length;
  return bytes;
}

function tooManyNames(): SlimimageError {
  const message = `names, links and attributes of more than ${limits.layerNameBytes} bytes`;
  return new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
}
