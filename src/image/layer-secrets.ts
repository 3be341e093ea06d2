import type { LayerEntry } from '../rootfs/entry.ts';
import { secretRulesVersion } from '../secrets/rules.ts';
import { SecretScanner } from '../secrets/secret-scanner.ts';
import type { SecretHit } from '../view/types.ts';
import type { LayerPass, LayerReader } from './layer-reader.ts';

/** By ordinal of the entry in the layer's tar; only files in which something looks like a secret. */
export type LayerSecrets = ReadonlyMap<number, readonly SecretHit[]>;

/** What looks like a secret in each file of a layer. Rules that change are rules of another name: layers are read anew. */
export const secretReader: LayerReader<LayerSecrets> = {
  namespace: `layer-secrets-${secretRulesVersion}`,
  begin: () => new SecretPass(),
  encode: (secrets) => [...secrets],
  decode,
};

class SecretPass implements LayerPass<LayerSecrets> {
  readonly #scanner = new SecretScanner();
  readonly #secrets = new Map<number, readonly SecretHit[]>();
  /** Undefined where the entry has no content. */
  #index: number | undefined;

  entry({ type, path, size }: LayerEntry, index: number): void {
    this.#index = type === 'file' && size > 0 ? index : undefined;
    if (this.#index !== undefined) this.#scanner.begin(path);
  }

  data(bytes: Uint8Array): void {
    if (this.#index !== undefined) this.#scanner.data(bytes);
  }

  entryEnd(): void {
    if (this.#index === undefined) return;
    const hits = this.#scanner.end();
    if (hits.length > 0) this.#secrets.set(this.#index, hits);
  }

  end(): LayerSecrets {
    return this.#secrets;
  }
}

function decode(remembered: unknown): LayerSecrets | undefined {
  if (!Array.isArray(remembered)) return undefined;
  const secrets = new Map<number, readonly SecretHit[]>();
  for (const item of remembered as readonly unknown[]) {
    if (!Array.isArray(item)) return undefined;
    const [index, hits] = item as readonly unknown[];
    if (typeof index !== 'number' || !Array.isArray(hits) || !hits.every(isHit)) return undefined;
    secrets.set(index, hits);
  }
  return secrets;
}

function isHit(value: unknown): value is SecretHit {
  const { rule, line, excerpt } = (value ?? {}) as Partial<Record<keyof SecretHit, unknown>>;
  return typeof rule === 'string' && typeof line === 'number' && typeof excerpt === 'string';
}
