import type { SecretHit } from '../view/types.ts';
import type { LayerReader } from './layer-reader.ts';

/** By ordinal of the entry in the layer's tar; only files in which something looks like a secret. */
export type LayerSecrets = ReadonlyMap<number, readonly SecretHit[]>;

/** Finds nothing yet. */
export const secretReader: LayerReader<LayerSecrets> = {
  namespace: 'layer-secrets-0',
  begin: () => ({ entry() {}, data() {}, entryEnd() {}, end: () => new Map() }),
  encode: (secrets) => [...secrets],
  decode: (remembered) => (Array.isArray(remembered) ? new Map() : undefined),
};
