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

/** Raised with every change of what a bill holds: an old one is then made anew, never read. */
const namespace = 'bills-1';

/** Keeps what an image holds, small, so that a document of another format can be made of it later. */
export async function keepBill(bill: BillOfMaterials, store: LocalStore): Promise<void> {
  const bytes = await promisify(gzip)(encodeUtf8(canonicalJson(bill)), { level: 1 });
  await store.memo.set(namespace, bill.digest, await store.write(bytes));
}

/** Whether `readBill` will find it. */
export async function hasBill(manifest: Digest, store: LocalStore): Promise<boolean> {
  const kept = await keptBlob(manifest, store);
  return kept !== undefined && (await store.size(kept.digest)) === kept.size;
}

/** What an image of this store holds; undefined where it was not built here, or was forgotten. */
export async function readBill(manifest: Digest, store: LocalStore): Promise<BillOfMaterials | undefined> {
  const kept = await keptBlob(manifest, store);
  if (kept === undefined || !(await store.has(kept.digest))) return undefined;
  const packed = await readBlob(store, { mediaType: 'application/gzip', ...kept }, limits.paperBytes);
  const bytes = await promisify(gunzip)(packed, { maxOutputLength: limits.paperBytes });
  return JSON.parse(decodeUtf8(bytes)) as BillOfMaterials;
}

async function keptBlob(manifest: Digest, store: LocalStore): Promise<Pick<Descriptor, 'digest' | 'size'> | undefined> {
  return (await store.memo.get(namespace, manifest)) as Pick<Descriptor, 'digest' | 'size'> | undefined;
}
