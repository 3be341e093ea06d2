import { limits } from '../limits.ts';
import { parseJson } from '../oci/parse.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import { bytesOf, member } from './members.ts';
import type { SignedPayload, VerifyingKey } from './types.ts';

/** What a bundle says, and its signatures, unchecked. */
export interface ReadBundle extends SignedPayload {
  readonly signatures: readonly Uint8Array[];
}

/** Of one envelope; others have one or two. */
const maxSignatures = 100;

/**
 * The DSSE envelope of a sigstore bundle; undefined for one of another form.
 * @throws SlimimageError OCI_INVALID where it is no JSON, LIMIT_EXCEEDED
 */
export function readBundle(bytes: Uint8Array): ReadBundle | undefined {
  const envelope = member(parseJson(bytes, 'sigstore bundle', { maxBytes: limits.paperBytes }), 'dsseEnvelope');
  const payload = bytesOf(member(envelope, 'payload'));
  const payloadType = member(envelope, 'payloadType');
  const listed: unknown = member(envelope, 'signatures');
  if (payload === undefined || typeof payloadType !== 'string' || !Array.isArray(listed)) return undefined;
  const signatures = listed.slice(0, maxSignatures).flatMap((one: unknown) => bytesOf(member(one, 'sig')) ?? []);
  return { payload, payloadType, signatures };
}

/** The first of the keys that has signed it. */
export function signerOf(
  { signatures, ...signed }: ReadBundle,
  keys: readonly VerifyingKey[],
): VerifyingKey | undefined {
  const bytes = preAuthenticationEncoding(signed);
  return keys.find((key) => signatures.some((signature) => key.verify(bytes, signature)));
}
