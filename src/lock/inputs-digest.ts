import { type Digest, digestOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import type { LockInputs } from './types.ts';

/** What a lock says of the configuration that it was made from: sha256 of the canonical JSON. */
export function inputsDigest(inputs: LockInputs): Digest {
  return digestOf(canonicalJson(inputs));
}
