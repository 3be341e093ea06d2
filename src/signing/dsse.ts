import { concatBytes } from '../util/bytes.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { SignedPayload } from './types.ts';

/** The bytes over which a signature goes (DSSE, protocol.md, "Pre-Authentication Encoding"). */
export function preAuthenticationEncoding({ payload, payloadType }: SignedPayload): Uint8Array {
  const type = encodeUtf8(payloadType);
  return concatBytes([encodeUtf8(`DSSEv1 ${type.length} `), type, encodeUtf8(` ${payload.length} `), payload]);
}
