import { SlimimageError } from '../errors.ts';
import { TarReader } from '../formats/tar/reader.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import { confinePath } from '../rootfs/path.ts';
import type { Memo } from '../store/memo.ts';
import { plainBytes } from '../util/bytes.ts';
import { hexOf, Sha256 } from '../util/digest.ts';
import { recallLayerIndex, rememberLayerIndex } from './layer-index-memo.ts';
import type { ImageLayer, LayerIndex } from './types.ts';

export interface IndexLayerOptions {
  /** Compute the sha256 of every file. */
  readonly hashes?: boolean | undefined;
  /** Where indexes are remembered by diff ID. */
  readonly memo?: Memo | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lists a layer in one pass, in memory bounded by its number of entries. A layer with a diff ID is indexed once, ever.
 * @throws SlimimageError DIGEST_MISMATCH, TAR_INVALID, PATH_UNSAFE, OCI_INVALID, COMPRESSION_INVALID, LIMIT_EXCEEDED, IO, STORE
 */
export async function indexLayer(layer: ImageLayer, options: IndexLayerOptions = {}): Promise<LayerIndex> {
  const { memo, hashes = false } = options;
  if (memo !== undefined && layer.diffId !== undefined) {
    const known = await recallLayerIndex(memo, layer.diffId, hashes);
    if (known !== undefined) return known;
  }
  const index = await readIndex(layer, hashes, options.signal);
  if (memo !== undefined && layer.diffId !== undefined) await rememberLayerIndex(memo, index, hashes);
  return index;
}

async function readIndex(layer: ImageLayer, hashes: boolean, signal: AbortSignal | undefined): Promise<LayerIndex> {
  const entries: LayerEntry[] = [];
  const offsets = new ContentOffsets();
  let content: Sha256 | undefined;
  const what = layer.descriptor?.digest ?? layer.diffId ?? 'tar';
  const reader = new TarReader(
    {
      entry(header) {
        entries.push(toEntry(header));
        content = hashes && header.type === 'file' ? new Sha256() : undefined;
      },
      data(bytes) {
        offsets.note(entries.length - 1, bytes);
        content?.update(bytes);
      },
      entryEnd() {
        const last = entries.length - 1;
        const entry = entries[last];
        if (entry?.type !== 'file') return;
        const sha256 = content === undefined ? undefined : hexOf(content.digest());
        entries[last] = { ...entry, offset: offsets.of(last), ...(sha256 === undefined ? {} : { sha256 }) };
      },
    },
    { what: `layer ${what}`, endOptional: true },
  );
  const whole = new Sha256();
  for await (const given of layer.open({ signal })) {
    const chunk = plainBytes(given);
    offsets.begin(chunk, whole.size);
    reader.push(chunk);
    whole.update(chunk);
  }
  reader.end();
  return { entries, diffId: whole.digest(), size: whole.size };
}

/** Finds where contents start: the parser hands out views of the chunk that it was given, whose place is known. */
class ContentOffsets {
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkStart = 0;
  #index = -1;
  #offset = 0;

  begin(chunk: Uint8Array, start: number): void {
    this.#chunk = chunk;
    this.#chunkStart = start;
  }

  note(index: number, bytes: Uint8Array): void {
    if (index === this.#index) return;
    this.#index = index;
    this.#offset = this.#chunkStart + bytes.byteOffset - this.#chunk.byteOffset;
  }

  /** 0 for a file without content. */
  of(index: number): number {
    return index === this.#index ? this.#offset : 0;
  }
}

function toEntry(header: TarHeader): LayerEntry {
  const path = confinePath(header.path, { absolute: 'strip' });
  const { type, mode, uid, gid, mtime, xattrs } = header;
  const isDevice = type === 'character' || type === 'block';
  return {
    path,
    type,
    mode,
    uid,
    gid,
    mtime,
    size: type === 'file' ? header.size : 0,
    ...(header.linkTarget === undefined ? {} : { linkTarget: linkTarget(header, path) }),
    ...(isDevice ? { deviceMajor: header.deviceMajor, deviceMinor: header.deviceMinor } : {}),
    ...(xattrs === undefined || xattrs.size === 0 ? {} : { xattrs }),
  };
}

/** A hard link names a path of the tree, a symlink holds a text that only a process inside will resolve. */
function linkTarget(header: TarHeader, path: string): string {
  const target = header.linkTarget ?? '';
  if (header.type !== 'hardlink') return target;
  const confined = confinePath(target, { absolute: 'strip' });
  if (confined !== '') return confined;
  throw new SlimimageError({ code: 'OCI_INVALID', message: `${JSON.stringify(path)} is a hard link to the root` });
}
