import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lockInputs } from '../../build/lock/inputs.ts';
import { readInput } from '../../build/read-input.ts';
import { loadConfig } from '../../config/load.ts';
import type { ImageSpec } from '../../config/spec.ts';
import { compareInputs } from '../../lock/compare-inputs.ts';
import type { LockDocument, LockInput } from '../../lock/types.ts';
import { encodeUtf8 } from '../../util/text.ts';

/** The configuration from which the tree of a lock is derived again. */
export interface LockedSpec {
  readonly spec: ImageSpec;
  /** False: the lock alone says what went in: files, accounts and permissions of the configuration are not known. */
  readonly isWhole: boolean;
  /** Archives are not known by their places: only what the store has is to be had. */
  readonly offline: boolean;
  /** Why the configuration beside the lock is not used. */
  readonly passedOver?: string | undefined;
}

export interface LockedSpecOptions {
  readonly document: LockDocument;
  /** Absolute, of the lock. */
  readonly file: string;
  /** The configuration; undefined: the one beside the lock, where there is one. */
  readonly config: string | undefined;
  readonly cwd: string;
}

/**
 * The configuration that a lock was made for; what the lock itself says of it where there is none, or it has moved since.
 * @throws SlimimageError for a configuration that was named and can't be read
 */
export async function lockedSpec(options: LockedSpecOptions): Promise<LockedSpec> {
  const { document, cwd } = options;
  const config = options.config ?? (await configBeside(options.file));
  if (config === undefined) return alone(options);
  const spec = await readInput({ config }, { cwd });
  const { inputs } = document.configuration;
  const [difference] = compareInputs({ ...inputs, platforms: [] }, { ...lockInputs(spec), platforms: [] });
  if (difference === undefined) return { spec, isWhole: true, offline: false };
  return {
    ...(await alone(options)),
    passedOver: `the configuration has moved since the lock was made: ${difference}`,
  };
}

/** `web.yaml` for `web.lock.json`. */
async function configBeside(file: string): Promise<string | undefined> {
  const name = basename(file).replace(/\.lock\.json$/, '');
  const there = new Set(await readdir(dirname(file)).catch(() => []));
  const found = ['.yaml', '.yml', '.json'].map((ending) => `${name}${ending}`).find((one) => there.has(one));
  return found === undefined || found === basename(file) ? undefined : join(dirname(file), found);
}

const taken = [
  'from',
  'components',
  'suites',
  'omit',
  'dependencies',
  'keep',
  'recommends',
  'essential',
  'base',
  'locales',
];

/** A lock is foreign input: it goes through the same checks as a configuration, and names no file of this machine. */
async function alone({ document, file }: LockedSpecOptions): Promise<LockedSpec> {
  const { inputs } = document.configuration;
  const archives = list(inputs['archives']);
  const written = {
    name: 'locked',
    ...Object.fromEntries(taken.flatMap((key) => (isGiven(inputs[key]) ? [[key, inputs[key]]] : []))),
    packages: list(inputs['packages']).filter((one) => typeof one === 'string' && /^[a-z0-9]/.test(one)),
    ...(archives.length === 0 ? {} : { archives: archives.map(withPlace) }),
    platforms: document.platforms.map(({ platform }) => platform),
  };
  const directory = dirname(file);
  const path = join(directory, 'slimimage.lock.yaml');
  const spec = await loadConfig(path, { cwd: directory, readFile: async () => encodeUtf8(JSON.stringify(written)) });
  const { algorithm, level } = document.compressor;
  const compression = algorithm === 'none' ? ({ algorithm, level: 0 } as const) : { algorithm, level: level ?? 0 };
  return { spec: { ...spec, compression }, isWhole: false, offline: archives.length > 0 };
}

function isGiven(value: LockInput | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function list(value: LockInput | undefined): readonly LockInput[] {
  return Array.isArray(value) ? value : [];
}

/** A lock names archives and no places; a configuration has to. */
function withPlace(archive: LockInput): LockInput {
  if (typeof archive !== 'object' || archive === null || Array.isArray(archive)) return archive;
  const { 'signed-by': _, ...rest } = archive as Readonly<Record<string, LockInput>>;
  return { ...rest, url: 'https://archive.invalid', 'signed-by': 'debian' };
}
