import { SlimimageError } from '../errors.ts';
import type { ImageSpec } from '../index.ts';
import type { Api, Io } from './io.ts';

/** Values of the command line: those of the configuration's flags are among them. */
export interface SpecFlags {
  /** False for --no-config. */
  readonly config: boolean;
  readonly [flag: string]: unknown;
}

/**
 * What to build: the file that is named or found with the flags on top, or the flags alone.
 * @throws ConfigError, SlimimageError CONFIG_NOT_FOUND where there is neither, USAGE where a lock is named
 */
export async function readSpec(
  config: string | undefined,
  flags: SpecFlags,
  { io, api, hint = describe }: { readonly io: Io; readonly api: Api; readonly hint?: string | undefined },
): Promise<ImageSpec> {
  refuseLock(config);
  const given = flagValues(flags, api);
  const options = { cwd: io.cwd, ...(given === undefined ? {} : { flags: given }) };
  const file = flags.config || config !== undefined ? await api.findConfig(io.cwd, config) : undefined;
  if (file !== undefined) return api.loadConfig(file, options);
  if (given !== undefined && config === undefined) return api.flagsToSpec(given, options);
  if (!flags.config && config === undefined) throw nothingDescribed();
  throw new SlimimageError({
    code: 'CONFIG_NOT_FOUND',
    message: `there is no slimimage.yaml in ${config ?? 'this folder'}`,
    hint,
  });
}

const describe = 'Write one, name one, or describe the image with flags: slimimage build --from debian/trixie -p nginx';

function nothingDescribed(): SlimimageError {
  return new SlimimageError({
    code: 'CONFIG_NOT_FOUND',
    message: '--no-config reads no slimimage.yaml, and no flag describes an image',
    hint: 'Leave it out, name a file, or describe the image with flags: --from debian/trixie -p nginx',
  });
}

/** A lock is no configuration, although it has one in it. */
function refuseLock(config: string | undefined): void {
  if (config?.endsWith('.lock.json') !== true) return;
  throw new SlimimageError({
    code: 'USAGE',
    message: `${config} is a lock, and a configuration is meant here`,
    hint: 'Name the configuration that it was made from; its lock is found beside it, any other with --lock-file FILE.',
  });
}

/** The flags of the image that were given, by name; undefined where there are none. */
function flagValues(flags: SpecFlags, { configFlags }: Api) {
  const values = configFlags.flatMap(({ name }) => {
    const value = flags[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    return value === undefined ? [] : [[name, value as string | readonly string[] | boolean] as const];
  });
  return values.length === 0 ? undefined : Object.fromEntries(values);
}
