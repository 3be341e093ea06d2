import { SlimimageError } from '../errors.ts';
import { parseLocation } from '../oci/location.ts';
import { readSigningKey } from '../signing/read-key.ts';
import { keepsReferrers, type ReferrerTarget } from '../store/target.ts';
import { type CopySource, openCopySource } from './copy-source.ts';
import { type SignReport, signImage } from './sign.ts';
import type { Surroundings } from './surroundings.ts';

export interface SignNamedOptions {
  /** The private key: a file as PEM, or `env://NAME`. Its password is in SLIMIMAGE_KEY_PASSWORD or COSIGN_PASSWORD. */
  readonly key: string;
  /**
   * False: the image alone, not its SBOMs and provenance. True: all that are marked as slimimage's. Default: those; in a registry and a layout,
   * which others write to, those of them that the local store has attached to the image too.
   */
  readonly papers?: boolean | undefined;
}

/**
 * Signs an image where it is: in the local store, a layout or a registry.
 * @throws SlimimageError KEY_INVALID, OUTPUT_INVALID where the form keeps no signatures, and what opening an image and writing to its
 *   place bring about
 */
export async function signNamed(image: string, options: SignNamedOptions & Surroundings): Promise<SignReport> {
  const { type } = parseLocation(image);
  if (type !== 'store' && type !== 'oci' && type !== 'registry') throw keepsNone(image);
  const key = await readSigningKey(options.key, options);
  const { store, registries, cwd, env, onEvent, signal, papers } = options;
  const compression = { algorithm: 'none', level: 0 } as const;
  const places = { store, registries, cwd, env, compression, push: true };
  const source = await openCopySource(image, { ...places, onEvent, signal });
  try {
    const knownTo = papers === true || type === 'store' ? undefined : store;
    return await signImage(targetOf(source, image), source.root, { key, papers, knownTo, onEvent, signal });
  } finally {
    await source.close();
  }
}

function targetOf({ blobs }: CopySource, image: string): ReferrerTarget {
  if (keepsReferrers(blobs)) return blobs;
  throw keepsNone(image);
}

function keepsNone(image: string): SlimimageError {
  return new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `${image} keeps no signatures`,
    hint: 'Sign it where it keeps its digest: in the local store (store:NAME), a layout (oci:DIR) or a registry (docker://HOST/REPO:TAG).',
  });
}
