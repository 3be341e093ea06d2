/** What the store remembers of a suite: the last Release that was accepted, for conditional requests and offline work. */
import { isSlimimageError } from '../errors.ts';
import type { Validators } from '../net/types.ts';
import type { LocalStore } from '../store/local-store.ts';
import { concatBytes } from '../util/bytes.ts';
import { type Digest, isDigest, sha256Hex } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import type { TrustedKeys } from './key-sets.ts';
import type { SignedDocument } from './signed-release.ts';
import { indexUrls } from './snapshot.ts';
import type { ArchiveSpec } from './types.ts';

export interface KnownRelease {
  readonly document: SignedDocument;
  readonly validators: Validators;
  /** Hash of the base URL to which the validators belong: one server's ETag says nothing to another. */
  readonly source: string;
}

interface State {
  readonly document: Digest;
  readonly signature?: Digest | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly source: string;
}

const namespace = 'release';

/**
 * Mirrors of one archive share what is remembered; a snapshot (no Valid-Until check) is old by intention and stands
 * for itself.
 */
export function stateKey(spec: ArchiveSpec, suite: string, keys: TrustedKeys): string {
  const snapshot = spec.checkValidUntil ? [] : indexUrls(spec).slice(0, 1).map(sourceOf);
  return canonicalJson([spec.name, suite, keys.id, ...snapshot]);
}

/** URLs may carry credentials, so only their hash is kept. */
export function sourceOf(url: string): string {
  return sha256Hex(url);
}

/** Undefined where nothing usable is left: state and blobs may be pruned at any time. */
export async function readKnownRelease(store: LocalStore, key: string): Promise<KnownRelease | undefined> {
  const state = readState(await store.memo.get(namespace, key));
  if (state === undefined) return undefined;
  try {
    const bytes = await readBlob(store, state.document);
    const signature = state.signature === undefined ? undefined : await readBlob(store, state.signature);
    const { etag, lastModified, source } = state;
    return { document: { bytes, signature }, validators: { etag, lastModified }, source };
  } catch (error) {
    if (isSlimimageError(error, 'STORE') || isSlimimageError(error, 'DIGEST_MISMATCH')) return undefined;
    throw error;
  }
}

/** Only for a Release that was accepted: everything that is stored here was verified. */
export async function rememberRelease(store: LocalStore, key: string, release: KnownRelease): Promise<void> {
  const { document, validators, source } = release;
  const written = await store.write(document.bytes);
  const signature = document.signature === undefined ? undefined : (await store.write(document.signature)).digest;
  await store.memo.set(namespace, key, { document: written.digest, signature, ...validators, source } satisfies State);
}

async function readBlob(store: LocalStore, digest: Digest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(digest)) chunks.push(chunk);
  return concatBytes(chunks);
}

function readState(value: unknown): State | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { document, signature, etag, lastModified, source } = value as Record<string, unknown>;
  if (typeof document !== 'string' || !isDigest(document) || typeof source !== 'string') return undefined;
  if (signature !== undefined && (typeof signature !== 'string' || !isDigest(signature))) return undefined;
  if (!isOptionalText(etag) || !isOptionalText(lastModified)) return undefined;
  return { document, signature, etag, lastModified, source };
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
