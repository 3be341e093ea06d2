/** A sigstore bundle, version 0.3, of a local key: a DSSE envelope with the hint that tells which key; no transparency log. */
import { limits } from '../limits.ts';
import { sigstoreBundleType } from '../oci/papers.ts';
import { parseJson } from '../oci/parse.ts';
import { canonicalJson } from '../util/json.ts';
import { encodeUtf8 } from '../util/text.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import { bytesOf, member } from './members.ts';
import type { SignedPayload, SigningKey } from './types.ts';

/** Signs and wraps. With an ECDSA key the bytes are others each time: its signatures have a random part. */
export function encodeBundle(signed: SignedPayload, key: SigningKey): Uint8Array {
  const signature = key.sign(preAuthenticationEncoding(signed));
  const bundle = {
    mediaType: sigstoreBundleType,
    verificationMaterial: { publicKey: { hint: key.hint } },
    dsseEnvelope: {
      payload: base64(signed.payload),
      payloadType: signed.payloadType,
      signatures: [{ sig: base64(signature) }],
    },
  };
  return encodeUtf8(canonicalJson(bundle));
}

/**
 * Whether a bundle is this key's word on exactly that payload. False for bundles of other forms and keys.
 * @throws SlimimageError OCI_INVALID where it is no JSON, LIMIT_EXCEEDED
 */
export function isBundleOf(
  bundle: Uint8Array,
  { signed, key }: { readonly signed: SignedPayload; readonly key: SigningKey },
) {
  const value = parseJson(bundle, 'sigstore bundle', { maxBytes: limits.paperBytes });
  const envelope = member(value, 'dsseEnvelope');
  const payload = bytesOf(member(envelope, 'payload'));
  if (payload === undefined || member(envelope, 'payloadType') !== signed.payloadType) return false;
  if (Buffer.compare(payload, signed.payload) !== 0) return false;
  const signatures = member(envelope, 'signatures');
  if (!Array.isArray(signatures)) return false;
  const bytes = preAuthenticationEncoding(signed);
  return signatures.some((one: unknown) => {
    const signature = bytesOf(member(one, 'sig'));
    return signature !== undefined && key.verify(bytes, signature);
  });
}

/**
 * What a bundle says, whoever signed it; undefined for one of another form.
 * @throws SlimimageError OCI_INVALID where it is no JSON, LIMIT_EXCEEDED
 */
export function payloadOfBundle(bundle: Uint8Array): Uint8Array | undefined {
  const value = parseJson(bundle, 'sigstore bundle', { maxBytes: limits.paperBytes });
  return bytesOf(member(member(value, 'dsseEnvelope'), 'payload'));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
