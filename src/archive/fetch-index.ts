/** A Packages file: fetched and unpacked once for each content, then opened from the store without being parsed. */
import { createReadStream } from 'node:fs';
import { readFile, unlink } from 'node:fs/promises';
import { decompress } from '../codecs/decompress.ts';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { buildPackagesIndex } from '../formats/deb822/packages-index.ts';
import { openPackagesIndex, type PackagesIndex } from '../formats/deb822/packages-reader.ts';
import { limits } from '../limits.ts';
import type { StoredBlob } from '../store/types.ts';
import { Semaphore } from '../util/concurrency.ts';
import { type Digest, isDigest } from '../util/digest.ts';
import { type ArchiveContext, offlineError } from './context.ts';
import { downloadListed } from './download-listed.ts';
import type { OpenedSuite } from './fetch-release.ts';
import { fileSource } from './file-source.ts';
import type { IndexChoice } from './index-choice.ts';

/**
 * Undefined for an empty index.
 *
 * @throws SlimimageError DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE, COMPRESSION_INVALID, DEB822_INVALID,
 * OFFLINE, and what an HttpClient throws. Nothing of a refused file is kept.
 */
export async function fetchIndex(
  suite: OpenedSuite,
  choice: IndexChoice,
  context: ArchiveContext,
): Promise<PackagesIndex | undefined> {
  const stored = await findOrFetch(suite, choice, context);
  return stored.size === 0 ? undefined : openStored(stored, titleOf(suite, choice), context);
}

/** Compressed digest -> digest of what it unpacks to, where the Release does not list the unpacked file. */
const unpackedNamespace = 'packages-unpacked';
/** Digest of a Packages file -> digest of its lazy index. The number is the index format's. */
const indexNamespace = 'packages-index-2';

async function findOrFetch(suite: OpenedSuite, choice: IndexChoice, context: ArchiveContext): Promise<StoredBlob> {
  const { store } = context;
  if (choice.plain?.size === 0) return { digest: `sha256:${choice.plain.sha256}`, size: 0 };
  const known = await knownDigest(choice, context);
  const size = known && (await store.size(known));
  const title = titleOf(suite, choice);
  const id = `index ${title}`;
  if (known !== undefined && size !== undefined) {
    context.onEvent?.({ type: 'task', id, phase: 'indexes', label: title, total: choice.variant.file.size });
    context.onEvent?.({ type: 'done', id, outcome: 'cached' });
    return { digest: known, size };
  }
  if (context.offline) throw offlineError(`the index ${title}`);
  context.onEvent?.({ type: 'task', id, phase: 'indexes', label: title, total: choice.variant.file.size });
  try {
    const stored = await fetchAndUnpack(suite, choice, { context, id });
    context.onEvent?.({ type: 'done', id, outcome: 'ok' });
    return stored;
  } catch (error) {
    context.onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

function titleOf(suite: OpenedSuite, choice: IndexChoice): string {
  return [suite.spec.name, suite.suite, choice.path].join(' ');
}

async function knownDigest(choice: IndexChoice, context: ArchiveContext): Promise<Digest | undefined> {
  if (choice.plain !== undefined) return `sha256:${choice.plain.sha256}`;
  const known = await context.store.memo.get(unpackedNamespace, choice.variant.file.sha256);
  return typeof known === 'string' && isDigest(known) ? known : undefined;
}

async function fetchAndUnpack(
  suite: OpenedSuite,
  choice: IndexChoice,
  options: { readonly context: ArchiveContext; readonly id: string },
): Promise<StoredBlob> {
  const { context } = options;
  const { variant, plain } = choice;
  const partial = await downloadListed(suite, variant, options);
  try {
    const packed = createReadStream(partial, { highWaterMark: 256 * 1024 });
    const maxOutput = plain?.size ?? limits.packagesBytes;
    const what = [suite.spec.name, suite.suite, variant.path].join(' ');
    const bytes =
      variant.format === 'none'
        ? packed
        : decompress(packed, { format: variant.format, maxOutput, what, signal: context.signal });
    const stored = await context.store.write(bytes, {
      digest: plain && `sha256:${plain.sha256}`,
      size: plain?.size,
      maxSize: limits.packagesBytes,
    });
    if (plain === undefined) await context.store.memo.set(unpackedNamespace, variant.file.sha256, stored.digest);
    return stored;
  } finally {
    await unlink(partial).catch(() => undefined);
  }
}

/** A Packages file in memory is 60 MB: one at a time. */
const building = new Semaphore(1);

async function openStored(stored: StoredBlob, title: string, context: ArchiveContext): Promise<PackagesIndex> {
  const { store } = context;
  const file = store.path(stored.digest);
  const source = fileSource(file, stored.size);
  const known = await store.memo.get(indexNamespace, stored.digest);
  if (typeof known === 'string' && isDigest(known) && (await store.has(known))) {
    try {
      // The index carries a checksum of its own.
      return openPackagesIndex(await readFile(store.path(known)), source);
    } catch (error) {
      if (!isSlimimageError(error, 'STORE_CORRUPT')) throw error;
    }
  }
  const index = await building.run(async () => buildNamed(await readFile(file), title), context.signal);
  await store.memo.set(indexNamespace, stored.digest, (await store.write(index)).digest);
  return openPackagesIndex(index, source);
}

/** @throws SlimimageError as buildPackagesIndex, with the name of the file */
function buildNamed(packages: Uint8Array, title: string): Uint8Array {
  try {
    return buildPackagesIndex(packages);
  } catch (cause) {
    if (!isSlimimageError(cause)) throw cause;
    throw new SlimimageError({
      code: cause.code,
      message: `The index ${title} cannot be used: ${cause.message.replace(/^[AT]/, (letter) => letter.toLowerCase())}`,
      hint: 'leave that archive out, or have it repaired',
      cause,
    });
  }
}
