import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compressedForm } from '../content/contents.ts';
import { contentFiles } from '../content/folders.ts';
import type { Piece } from '../content/jobs.ts';
import type { WorkerPool } from '../content/pool.ts';
import type { FragmentFacts } from '../content/types.ts';
import type { OnEvent } from '../events.ts';
import { type Compression, compressionName } from '../oci/compression.ts';
import type { LocalStore } from '../store/local-store.ts';
import { type Digest, sha256Hex } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { layerFormatVersion, type PlannedPiece } from './layer-pieces.ts';

/** A layer in the local store. */
export interface WrittenLayer {
  /** Of the compressed blob. */
  readonly digest: Digest;
  readonly compressedSize: number;
  readonly diffId: Digest;
  /** Bytes of the tar. */
  readonly size: number;
}

export interface WriteLayerOptions {
  readonly store: LocalStore;
  readonly pool: WorkerPool;
  readonly compression: Compression;
  readonly onEvent?: OnEvent | undefined;
  /** Called when it turns out that the layer was not made before. */
  readonly onWrite?: (() => void) | undefined;
  /** Names the layer in progress. */
  readonly label: string;
}

/**
 * Writes a layer's pieces as one blob of the store. A layer that was made before of the same pieces by the same
 * compressor is remembered and costs nothing.
 */
export async function writeLayer(planned: readonly PlannedPiece[], options: WriteLayerOptions): Promise<WrittenLayer> {
  const { store, compression } = options;
  const keys = planned.map(pieceKey);
  const key = sha256Hex(canonicalJson({ layer: layerFormatVersion, compression: compressionName(compression), keys }));
  const remembered = (await store.memo.get('layers', key)) as WrittenLayer | undefined;
  if (remembered !== undefined && (await store.size(remembered.digest)) === remembered.compressedSize)
    return remembered;
  options.onWrite?.();
  const pieces = await Promise.all(
    planned.map((piece, at) => materialize(piece, { ...options, key: keys[at] as string })),
  );
  const layer = await joinLayer(pieces, options);
  await store.memo.set('layers', key, layer);
  return layer;
}

async function joinLayer(pieces: readonly Piece[], options: WriteLayerOptions): Promise<WrittenLayer> {
  const { store, pool, compression, onEvent, label } = options;
  const file = await store.temporaryFile('layer');
  const id = `layer:${label}`;
  const total = pieces.reduce((sum, piece) => sum + (piece.type === 'bytes' ? piece.bytes.length : piece.size), 0);
  onEvent?.({ type: 'task', id, phase: 'assemble', label: `layer ${label}`, total });
  const onProgress = (done: number) => onEvent?.({ type: 'advance', id, done });
  const join = pool.run('joinPieces', { pieces, file, compression });
  // The diff ID and the blob are two passes over different bytes, in two threads; over the same where nothing compresses.
  const plain = compression.algorithm === 'none' ? join : pool.run('digestPieces', { pieces }, { onProgress });
  const [{ digest: diffId, size }, joined] = await Promise.all([plain, join]);
  const blob = await store.adoptFile(file, { trusted: joined });
  onEvent?.({ type: 'done', id, outcome: 'ok' });
  return { digest: blob.digest, compressedSize: blob.size, diffId, size };
}

/** What a piece is, by its inputs: equal keys mean equal bytes. */
function pieceKey(piece: PlannedPiece): string {
  switch (piece.type) {
    case 'bytes':
      return `bytes:${sha256Hex(piece.bytes)}`;
    case 'content':
      return `content:${piece.content.key}`;
    case 'cut':
      return `cut:${sha256Hex(canonicalJson({ content: piece.content.key, entries: plain(piece.entries) }))}`;
    case 'pack':
      return `pack:${sha256Hex(canonicalJson(plain(piece.entries.map(({ header, sha256 }) => ({ header, sha256 })))))}`;
  }
}

/** Maps (extended attributes) as data that JSON carries. */
function plain(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, member: unknown) =>
      member instanceof Map
        ? [...(member as Map<string, Uint8Array>)].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')])
        : member,
    ),
  );
}

async function materialize(piece: PlannedPiece, options: WriteLayerOptions & { readonly key: string }): Promise<Piece> {
  if (piece.type === 'bytes') return piece;
  if (piece.type === 'content') {
    const { index, fragmentPath: file, compressed } = piece.content;
    return { type: 'fragment', file, compressed, ...index.fragment };
  }
  return derivedFragment(piece, options);
}

/** A fragment cut from a content or packed from files: kept in the store like a content, under its key. */
async function derivedFragment(
  piece: PlannedPiece & { type: 'cut' | 'pack' },
  options: WriteLayerOptions & { readonly key: string },
): Promise<Piece> {
  const { store, pool, compression } = options;
  const key = options.key.replace(':', '-');
  const { folder, facts } = (await knownFragment(key, store)) ?? (await makeFragment(piece, { ...options, key }));
  const file = join(folder, contentFiles.fragment);
  const compressed = await compressedForm({ key, file, facts }, { store, pool, compression });
  return { type: 'fragment', file, compressed, ...facts };
}

interface StoredFragment {
  readonly folder: string;
  readonly facts: FragmentFacts;
}

async function knownFragment(key: string, store: LocalStore): Promise<StoredFragment | undefined> {
  const facts = (await store.memo.get('fragments', key)) as FragmentFacts | undefined;
  if (facts === undefined) return undefined;
  const folder = await wholeFragment(key, { store, size: facts.size });
  return folder === undefined ? undefined : { folder, facts };
}

/** The stored folder of a fragment that has the bytes that it should have. */
async function wholeFragment(
  key: string,
  { store, size }: { readonly store: LocalStore; readonly size: number },
): Promise<string | undefined> {
  const folder = await store.folder('derived', key);
  if (folder === undefined) return undefined;
  const found = await stat(join(folder, contentFiles.fragment)).catch(() => undefined);
  return found?.size === size ? folder : undefined;
}

async function makeFragment(
  piece: PlannedPiece & { type: 'cut' | 'pack' },
  { key, store, pool }: WriteLayerOptions & { readonly key: string },
): Promise<StoredFragment> {
  const temporary = await store.temporaryFolder('derived');
  const target = join(temporary, contentFiles.fragment);
  const facts =
    piece.type === 'cut'
      ? await pool.run('cut', { fragment: piece.content.fragmentPath, target, entries: piece.entries })
      : await pool.run('pack', { target, entries: piece.entries });
  // One that is there and whole is another build's of this moment, which may be reading it.
  if ((await wholeFragment(key, { store, size: facts.size })) === undefined) await store.removeFolder('derived', key);
  const folder = await store.commitFolder('derived', key, temporary);
  await store.memo.set('fragments', key, facts);
  return { folder, facts };
}
