/** Signatures as cosign 2 writes them: a manifest under the tag `sha256-HEX.sig`, a layer each (cosign, specs/SIGNATURE_SPEC.md). */
import { usableOrNone } from '../../deliver/known-referrers.ts';
import { parseJson, parseManifest } from '../../oci/parse.ts';
import { bytesOf, member } from '../../signing/members.ts';
import { readBlob } from '../../store/read-document.ts';
import type { ReferrerTarget } from '../../store/target.ts';
import { type Digest, hexOf } from '../../util/digest.ts';

export interface SimpleSignature {
  /** What it says that it signs. */
  readonly digest: unknown;
  readonly signed: { readonly payload: Uint8Array; readonly signatures: readonly Uint8Array[] };
  readonly from: string;
}

const layerType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const signatureKey = 'dev.cosignproject.cosign/signature';
/** Bytes of a payload: real ones have 300. */
const maxPayload = 64 * 1024;

export async function simpleSignatures(target: ReferrerTarget, subject: Digest): Promise<readonly SimpleSignature[]> {
  const tag = `sha256-${hexOf(subject)}.sig`;
  const descriptor = await target.resolve(tag);
  if (descriptor === undefined) return [];
  const manifest = await usableOrNone(async () => parseManifest(await readBlob(target, descriptor), { name: tag }));
  const found: SimpleSignature[] = [];
  for (const layer of manifest?.layers ?? []) {
    const signature = bytesOf(layer.annotations?.[signatureKey]);
    if (layer.mediaType !== layerType || signature === undefined) continue;
    const payload = await usableOrNone(() => readBlob(target, layer, maxPayload));
    if (payload === undefined) continue;
    const value = await usableOrNone(async () =>
      parseJson(payload, 'simple signing payload', { maxBytes: maxPayload }),
    );
    const image = member(member(value, 'critical'), 'image');
    found.push({
      digest: member(image, 'docker-manifest-digest'),
      signed: { payload, signatures: [signature] },
      from: tag,
    });
  }
  return found;
}
