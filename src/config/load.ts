import { open } from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import { decodeUtf8Strict } from '../util/text.ts';
import { catalogFiles, catalogName, isCatalogReference } from './catalog.ts';
import { finishSpec, type WrittenLayer } from './finish.ts';
import { type FlagValues, readFlags } from './flags.ts';
import type { SpecLayer } from './layer.ts';
import { mergeLayers } from './merge.ts';
import { presetNames } from './preset-names.ts';
import { throwProblems } from './problem.ts';
import type { ImageSpec } from './spec.ts';

export interface LoadOptions {
  /** Folder that relative paths of flags, and `path`, mean. */
  readonly cwd: string;
  /** The file's bytes, at most `maxBytes` + 1 of them; undefined: from the disk. */
  readonly readFile?: ((path: string, maxBytes: number) => Promise<Uint8Array>) | undefined;
  /** Flags of the command line, which lie on top of the file. */
  readonly flags?: FlagValues | undefined;
  /** Platform where none is given; undefined: Linux on this machine's architecture. */
  readonly platform?: string | undefined;
  /** Presets that `from:` may name; undefined: all. */
  readonly presets?: readonly string[] | undefined;
}

/** Files that one configuration may extend, directly and indirectly. */
const maxFiles = 50;

/**
 * Reads a configuration file, or an image of the catalogue (`catalog/nginx`, `catalog/nginx-debug`), with the files that it
 * extends, lays the flags on top and fills in the defaults.
 * @throws ConfigError CONFIG_SYNTAX, CONFIG_INVALID, CONFIG_NOT_FOUND
 */
export async function loadConfig(path: string, options: LoadOptions): Promise<ImageSpec> {
  const loader = new Loader(options);
  if (isCatalogReference(path)) {
    const layers = await loader.loadAll(catalogFiles(path), []);
    return assemble(layers, { ...options, file: undefined, directory: options.cwd, name: catalogName(path) });
  }
  const file = resolve(options.cwd, path);
  const layers = await loader.load(file, []);
  return assemble(layers, { ...options, file, directory: dirname(file) });
}

/**
 * The configuration that flags alone make.
 * @throws ConfigError CONFIG_INVALID
 */
export function flagsToSpec(flags: FlagValues, options: LoadOptions): ImageSpec {
  return assemble([], { ...options, flags, file: undefined, directory: options.cwd });
}

function assemble(
  files: readonly WrittenLayer[],
  options: LoadOptions & {
    readonly file: string | undefined;
    readonly directory: string;
    /** Where nothing else names the image; undefined: the folder does. */
    readonly name?: string;
  },
): ImageSpec {
  const written = options.flags === undefined ? files : [...files, readFlags(options.flags, options.cwd)];
  const { directory, file, name, presets = presetNames } = options;
  const merged = written.reduce<SpecLayer>((under, { layer }) => mergeLayers(under, layer), { name });
  return finishSpec(merged, written, { directory, file, presets, platform: options.platform ?? hostPlatform() });
}

class Loader {
  readonly #options: LoadOptions;
  #count = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  async loadAll(files: readonly string[], above: readonly string[]): Promise<readonly WrittenLayer[]> {
    const layers: WrittenLayer[] = [];
    for (const file of files) layers.push(...(await this.load(file, above)));
    return layers;
  }

  /** The layers of a file, those that it extends first. */
  async load(file: string, above: readonly string[]): Promise<readonly WrittenLayer[]> {
    const text = await this.#read(file);
    // Flags alone need no YAML.
    const { parseLayer } = await import('./parse.ts');
    const parsed = parseLayer(text, { file, shownAs: shownPath(file, this.#options.cwd) });
    const layers: WrittenLayer[] = [];
    for (const { path, keyPath } of parsed.extends) {
      const complain = (message: string) =>
        throwProblems([parsed.source.problem(keyPath, message, { code: 'CONFIG_INVALID' })]);
      const chain = [...above, file];
      if (chain.includes(path)) {
        const cycle = [...chain.slice(chain.indexOf(path)), path].map((one) => shownPath(one, this.#options.cwd));
        complain(`the files extend each other: ${cycle.join(' -> ')}`);
      }
      if (++this.#count > maxFiles) complain(`more than ${maxFiles} files are extended`);
      layers.push(
        ...(await this.#loadBase(path, chain, (message, hint) => {
          throwProblems([parsed.source.problem(keyPath, message, { code: 'CONFIG_NOT_FOUND', hint })]);
        })),
      );
    }
    return [...layers, parsed];
  }

  async #loadBase(
    path: string,
    chain: readonly string[],
    complain: (message: string, hint: string | undefined) => void,
  ): Promise<readonly WrittenLayer[]> {
    try {
      return await this.loadAll(isCatalogReference(path) ? catalogFiles(path) : [path], chain);
    } catch (error) {
      if (error instanceof SlimimageError && error.code === 'CONFIG_NOT_FOUND' && !('problems' in error)) {
        complain(error.message, error.hint);
      }
      throw error;
    }
  }

  async #read(file: string): Promise<string> {
    const shown = shownPath(file, this.#options.cwd);
    const read = this.#options.readFile ?? readAtMost;
    let bytes: Uint8Array;
    try {
      bytes = await read(file, limits.configBytes);
    } catch (cause) {
      throw unreadable(shown, cause);
    }
    const text = bytes.length > limits.configBytes ? undefined : decodeUtf8Strict(bytes);
    if (text !== undefined) return text.replace(/^\ufeff/, '');
    const because =
      bytes.length > limits.configBytes ? `is larger than ${limits.configBytes} bytes` : 'is not UTF-8 text';
    throw new SlimimageError({ code: 'CONFIG_SYNTAX', message: `${shown} ${because}` });
  }
}

async function readAtMost(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(maxBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

function unreadable(shown: string, cause: unknown): SlimimageError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const because =
    code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `can't be read (${String(code)})`;
  const hint =
    code === 'ENOENT'
      ? 'Name another file, or describe the image with flags: --from debian/trixie -p nginx.'
      : undefined;
  return new SlimimageError({ code: 'CONFIG_NOT_FOUND', message: `${shown} ${because}`, hint, cause });
}

/** As the user would write it: relative to where they are, unless that climbs far. */
function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return isAbsolute(path) || path.startsWith('../../..') ? file : path;
}

function hostPlatform(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mips64le' };
  return formatPlatform(parsePlatform(names[arch()] ?? arch()));
}
