import type { Image } from '../image/types.ts';
import { type Digest, digestOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';

/** Of its manifest; where the form keeps none (docker-archive), of its config as canonical JSON; undefined for a bare file tree. */
export function imageDigest({ descriptor, config }: Pick<Image, 'descriptor' | 'config'>): Digest | undefined {
  if (descriptor !== undefined) return descriptor.digest;
  return config === undefined ? undefined : digestOf(canonicalJson(config));
}
