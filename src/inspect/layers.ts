import type { HistoryEntry } from '../oci/documents.ts';
import type { TreeChange } from '../rootfs/tree-change.ts';
import type { Digest } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import type { ImageView } from '../view/types.ts';
import type { Instruction } from './instruction.ts';
import { layerPackages, type PackageChanges } from './layer-packages.ts';
import type { Shown } from './shown.ts';

export interface LayerReport {
  /** From 1, the lowest. */
  readonly number: number;
  readonly diffId: Digest;
  /** Of the blob; undefined where the form keeps none. */
  readonly digest: Digest | undefined;
  readonly mediaType: string | undefined;
  /** Bytes of the blob. */
  readonly compressedSize: number | undefined;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** Bytes of the files in it, without the tar's own. */
  readonly fileBytes: number;
  /** What made it: an instruction, or what the history says. */
  readonly command: string | undefined;
  readonly created: string | undefined;
  readonly added: ChangeCount;
  readonly changed: ChangeCount;
  /** Bytes: those that lower layers had there. */
  readonly removed: ChangeCount;
  /** The paths of these, where they were asked for. */
  readonly changes?: LayerChanges | undefined;
  readonly packages: PackageChanges;
  /** Bytes of its files that no path of the image shows any more. */
  readonly lostBytes: number;
  /** Bytes of layers below that nothing shows any more since this one. */
  readonly hidBytes: number;
}

export interface ChangeCount {
  /** Paths of any type. */
  readonly paths: number;
  /** Of files. */
  readonly bytes: number;
}

/** Each sorted. */
export interface LayerChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface LayersContext {
  /** Of the history's entries that made a layer, in order; undefined where they don't fit. */
  readonly commands: readonly (string | undefined)[];
  /** Index of the layer whose changes are wanted path by path. */
  readonly named?: number | undefined;
}

export function reportLayers(view: ImageView, { commands, named }: LayersContext): readonly LayerReport[] {
  const lost = new Array<number>(view.layers.length).fill(0);
  const hid = new Array<number>(view.layers.length).fill(0);
  for (const { size, writtenBy, lostBy } of view.rootfs.lost) {
    lost[writtenBy] = (lost[writtenBy] ?? 0) + size;
    if (lostBy !== writtenBy) hid[lostBy] = (hid[lostBy] ?? 0) + size;
  }
  const packages = layerPackages(view);
  return view.layers.map(({ diffId, descriptor, size, history, entries }, at) => ({
    number: at + 1,
    diffId,
    digest: descriptor?.digest,
    mediaType: descriptor?.mediaType,
    compressedSize: descriptor?.size,
    size,
    fileBytes: entries.reduce((sum, entry) => sum + entry.size, 0),
    command: commands[at],
    created: history?.created,
    ...countChanges(view.rootfs.changes[at] ?? []),
    changes: at === named ? nameChanges(view.rootfs.changes[at] ?? []) : undefined,
    packages: packages[at] ?? { added: [], removed: [], changed: [] },
    lostBytes: lost[at] ?? 0,
    hidBytes: hid[at] ?? 0,
  }));
}

function countChanges(changes: readonly TreeChange[]) {
  const counts = { added: nothing(), changed: nothing(), removed: nothing() };
  for (const { type, before, after } of changes) {
    const count = counts[type];
    count.paths++;
    count.bytes += (after ?? before)?.entry.size ?? 0;
  }
  return counts;
}

function nameChanges(changes: readonly TreeChange[]): LayerChanges {
  const of = (type: TreeChange['type']) =>
    changes
      .filter((change) => change.type === type)
      .map(({ path }) => `/${path}`)
      .sort(compareStrings);
  return { added: of('added'), changed: of('changed'), removed: of('removed') };
}

function nothing(): { paths: number; bytes: number } {
  return { paths: 0, bytes: 0 };
}

/** Of each layer what made it, in a line: the instruction, or the history's own words. */
export function layerCommands(
  { history = [] }: { readonly history?: readonly HistoryEntry[] | undefined },
  {
    instructions,
    layers,
    shown,
  }: {
    readonly instructions: readonly Instruction[];
    readonly layers: number;
    readonly shown: Shown;
  },
): readonly (string | undefined)[] {
  const made = instructions.filter((_, at) => history[at]?.empty_layer !== true);
  const entries = history.filter((entry) => entry.empty_layer !== true);
  if (made.length !== layers) return new Array(layers).fill(undefined);
  return made.map(({ keyword, text, hashed }, at) => {
    const said =
      keyword === undefined ? [text, entries[at]?.comment ?? ''].filter(Boolean).join(': ') : `${keyword} ${text}`;
    const copied = hashed === undefined ? '' : `${hashed.type}:${hashed.hash.slice(0, 12)} ${hashed.to}`;
    const line = shown.text(`${said}${copied}`.replace(/\s+/g, ' ').trim());
    return line === '' ? undefined : line;
  });
}
