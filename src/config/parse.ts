import { dirname, resolve } from 'node:path';
import { isCatalogReference } from './catalog.ts';
import { finishSpec, type WrittenLayer } from './finish.ts';
import { normalise } from './normalise.ts';
import { presetNames } from './preset-names.ts';
import { throwProblems } from './problem.ts';
import type { ImageSpec } from './spec.ts';
import { validateConfig } from './validate.ts';
import { type KeyPath, readYaml } from './yaml-source.ts';

export interface ParseOptions {
  /** Absolute path of the file: relative paths of the configuration mean its folder. */
  readonly file: string;
  /** The file's name in messages; undefined: `file`. */
  readonly shownAs?: string | undefined;
}

/**
 * The meaning of one configuration without `extends`. Reads nothing.
 * @throws ConfigError CONFIG_SYNTAX, CONFIG_INVALID
 */
export function parseConfig(
  text: string,
  options: ParseOptions & { readonly presets?: readonly string[] | undefined; readonly platform?: string | undefined },
): ImageSpec {
  const parsed = parseLayer(text, options);
  throwProblems(
    parsed.extends.slice(0, 1).map(({ keyPath }) => parsed.source.problem(keyPath, 'other files are not read here')),
  );
  const { presets = presetNames, platform = 'linux/amd64' } = options;
  return finishSpec(parsed.layer, [parsed], {
    directory: dirname(options.file),
    file: options.file,
    presets,
    platform,
  });
}

/** One file's layer, with what it extends: absolute paths of files, or places of the catalogue as written. */
export interface ParsedLayer extends WrittenLayer {
  readonly extends: readonly { readonly path: string; readonly keyPath: KeyPath }[];
}

/** @throws ConfigError CONFIG_SYNTAX, CONFIG_INVALID */
export function parseLayer(text: string, options: ParseOptions): ParsedLayer {
  const { value, source } = readYaml(text, options.shownAs ?? options.file);
  const { config, problems } = validateConfig(value, source);
  throwProblems(problems);
  const raw = config ?? {};
  const directory = dirname(options.file);
  const bases = typeof raw.extends === 'string' ? [raw.extends] : (raw.extends ?? []);
  return {
    layer: normalise(raw, directory),
    source,
    keys: new Set(Object.keys(raw)),
    extends: bases.map((path, index) => ({
      path: isCatalogReference(path) ? path : resolve(directory, path),
      keyPath: typeof raw.extends === 'string' ? ['extends'] : ['extends', index],
    })),
  };
}
