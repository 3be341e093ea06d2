import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { BillOfMaterials } from '../sbom/types.ts';
import type { LocalStore } from '../store/local-store.ts';
import { readBlob } from '../store/read-document.ts';
import type { Digest } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';

/** A bill in the store. */
export interface KeptBill {
  /** The image of a platform that it speaks of. */
  readonly manifest: Digest;
  readonly blob: Pick<Descriptor, 'digest' | 'size'>;
}

/** Raised with every change of what a bill holds: an old one is then made anew, never read. */
const namespace = 'bills-4';

/**
 * Keeps what an image holds, small, so that a document of another format can be made of it later. From now on it is the image's, in the
 * place of what another build said of it.
 */
export async function keepBill(bill: BillOfMaterials, store: LocalStore): Promise<KeptBill> {
  const bytes = await promisify(gzip)(encodeUtf8(canonicalJson(bill)), { level: 1 });
  const { digest, size } = await store.write(bytes);
  const kept = { manifest: bill.digest, blob: { digest, size } };
  await store.memo.set(namespace, kept.manifest, kept.blob);
  return kept;
}

/** Makes a bill that was kept before its image's again; false where it is not there any more. */
export async function restoreBill({ manifest, blob }: KeptBill, store: LocalStore): Promise<boolean> {
  if ((await store.size(blob.digest)) !== blob.size) return false;
  if ((await keptBlob(manifest, store))?.digest !== blob.digest) await store.memo.set(namespace, manifest, blob);
  return true;
}

/** Of a build that was asked for no SBOM: what an earlier one said of the image may be wrong by now. */
export async function forgetBill(manifest: Digest, store: LocalStore): Promise<void> {
  await store.memo.delete(namespace, manifest);
}

/** What an image of this store holds; undefined where it was not built here, or was forgotten. */
export async function readBill(manifest: Digest, store: LocalStore): Promise<BillOfMaterials | undefined> {
  const kept = await keptBlob(manifest, store);
  if (kept === undefined || !(await store.has(kept.digest))) return undefined;
  const packed = await readBlob(store, { mediaType: 'application/gzip', ...kept }, limits.paperBytes);
  const bytes = await promisify(gunzip)(packed, { maxOutputLength: limits.paperBytes });
  return JSON.parse(decodeUtf8(bytes)) as BillOfMaterials;
}

async function keptBlob(manifest: Digest, store: LocalStore): Promise<KeptBill['blob'] | undefined> {
  return (await store.memo.get(namespace, manifest)) as KeptBill['blob'] | undefined;
}
