import { loadConfig } from '../config/load.ts';
import type { ImageSpec } from '../config/spec.ts';

/** A configuration: read already, or a file to read. */
export type BuildInput = ImageSpec | { readonly config: string };

/**
 * @param options.cwd folder that a relative path of a configuration means
 * @throws ConfigError as loadConfig
 */
export async function readInput(input: BuildInput, options: { readonly cwd: string }): Promise<ImageSpec> {
  const spec =
    'config' in input && typeof input.config === 'string'
      ? await loadConfig(input.config, options)
      : (input as ImageSpec);
  const nothing = spec.packages.length === 0 && spec.from === undefined && spec.archives.length === 0;
  // An image of plain files needs no archive, and without one there is no base to take.
  return nothing && spec.on === undefined ? { ...spec, base: 'none' } : spec;
}
