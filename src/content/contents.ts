import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import type { OnEvent } from '../events.ts';
import { type Compression, compressionName } from '../oci/compression.ts';
import type { LocalStore } from '../store/local-store.ts';
import { contentFiles } from './folders.ts';
import { decodeIndex, readCompressed } from './index-file.ts';
import { contentKey } from './key.ts';
import type { WorkerPool } from './pool.ts';
import type { CompressedFragment, Content, FilterSet, FragmentFacts, UsrLayout } from './types.ts';

/** A .deb to have as a content. */
export interface ContentRequest {
  readonly name: string;
  /** Path of the .deb. */
  readonly file: string;
  /** Hexadecimal sha256, already verified. */
  readonly sha256: string;
  /** Bytes of the .deb. */
  readonly size: number;
  readonly filters: FilterSet;
}

export interface ContentsOptions {
  readonly store: LocalStore;
  readonly pool: WorkerPool;
  readonly layout: UsrLayout;
  readonly compression: Compression;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * The contents of .debs, in the order asked for: from the store where they have been converted before, else converted
 * now, the largest first so that no thread is left alone with it at the end.
 */
export async function openContents(
  requests: readonly ContentRequest[],
  options: ContentsOptions,
): Promise<readonly Content[]> {
  const found = await Promise.all(requests.map((request) => storedContent(request, options)));
  const missing = requests.map((request, at) => ({ request, at })).filter(({ at }) => found[at] === undefined);
  missing.sort((a, b) => b.request.size - a.request.size);
  const converted = new Map<number, Content>();
  await Promise.all(missing.map(async ({ request, at }) => converted.set(at, await convert(request, options))));
  return requests.map((_, at) => (found[at] ?? converted.get(at)) as Content);
}

async function storedContent(request: ContentRequest, options: ContentsOptions): Promise<Content | undefined> {
  const key = keyOf(request, options);
  const folder = await options.store.folder('deb', key);
  if (folder === undefined) return undefined;
  const text = await readFile(join(folder, contentFiles.index), 'utf8');
  const index = decodeIndex(text, request.name);
  const fragmentPath = join(folder, contentFiles.fragment);
  await checkSize(fragmentPath, { facts: index.fragment, name: request.name });
  const compressed = await compressedForm({ key, file: fragmentPath, facts: index.fragment }, options);
  return { key, index, fragmentPath, compressed };
}

async function convert(request: ContentRequest, options: ContentsOptions): Promise<Content> {
  const { store, pool, onEvent, compression, layout } = options;
  const key = keyOf(request, options);
  const folder = await store.temporaryFolder('content');
  const compressedFolder = compression.algorithm === 'none' ? undefined : await store.temporaryFolder('compressed');
  const id = `convert:${key}`;
  onEvent?.({ type: 'task', id, phase: 'convert', label: request.name, total: request.size });
  try {
    const { file: deb, filters, name: label, sha256 } = request;
    await pool.run(
      'convert',
      { label, deb, sha256, folder, compressedFolder, layout, filters, compression },
      { onProgress: (done) => onEvent?.({ type: 'advance', id, done }) },
    );
    if (compressedFolder !== undefined)
      await store.commitFolder('compressed', compressedKey(key, compression), compressedFolder);
    await store.commitFolder('deb', key, folder);
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
  onEvent?.({ type: 'done', id, outcome: 'ok' });
  const content = await storedContent(request, { ...options, onEvent: undefined });
  if (content === undefined)
    throw new SlimimageError({
      code: 'STORE',
      message: `the content of ${request.name} left the store while it was used`,
    });
  return content;
}

interface FragmentOrigin {
  readonly key: string;
  readonly file: string;
  readonly facts: FragmentFacts;
}

/** The compressed form of a fragment, made now where only another compressor's is there. */
export async function compressedForm(
  { key: origin, file, facts }: FragmentOrigin,
  options: Pick<ContentsOptions, 'store' | 'pool' | 'compression'>,
): Promise<CompressedFragment | undefined> {
  const { store, pool, compression } = options;
  if (compression.algorithm === 'none') return undefined;
  const key = compressedKey(origin, compression);
  const known = await store.folder('compressed', key);
  if (known !== undefined) return readCompressed(known);
  const folder = await store.temporaryFolder('compressed');
  await pool.run('compress', { fragment: file, ranges: facts.ranges, folder, compression });
  return readCompressed(await store.commitFolder('compressed', key, folder));
}

function keyOf(request: ContentRequest, options: ContentsOptions): string {
  return contentKey({ deb: request.sha256, layout: options.layout, filters: request.filters });
}

function compressedKey(key: string, compression: Compression): string {
  return `${key}-${compressionName(compression)}`;
}

/** The file may hold more than the fragment: a large file that another of the same path replaced. */
async function checkSize(
  file: string,
  expected: { readonly facts: FragmentFacts; readonly name: string },
): Promise<void> {
  const { size } = await stat(file);
  const needed = Math.max(0, ...expected.facts.ranges.map(([offset, length]) => offset + length));
  if (size >= needed) return;
  throw new SlimimageError({
    code: 'STORE_CORRUPT',
    message: `the content of ${expected.name} in the store has ${size} bytes instead of ${needed}`,
    hint: 'Run `slimimage cache verify`.',
  });
}
