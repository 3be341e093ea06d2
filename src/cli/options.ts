import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options that every command has that tells or makes something. */
export interface CommonOptions {
  readonly format: 'text' | 'json';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly store?: string | undefined;
}

/** @param formats of the answer, the default first */
export function addCommonOptions(
  command: Command,
  formats: readonly [string, ...string[]] = ['text', 'json'],
): Command {
  return command
    .addOption(new Option('--format <format>', 'how the answer is written').choices(formats).default(formats[0]))
    .addOption(new Option('--store <folder>', 'the local store (default: SLIMIMAGE_STORE, else the cache folder)'))
    .addOption(new Option('-q, --quiet', 'write nothing but the answer and errors').default(false, 'off'))
    .addOption(new Option('--verbose', 'everything in full, and the causes of errors').default(false, 'off'));
}

/** Options of every command that may ask a registry. */
export interface RegistryFlags {
  readonly insecureRegistry?: readonly string[] | undefined;
  readonly caFile?: string | undefined;
}

export function addRegistryOptions(command: Command): Command {
  return command
    .option(
      '--insecure-registry <host>',
      'ask this registry over plain HTTP, or without a trusted certificate (repeatable)',
      collect,
    )
    .option('--ca-file <file>', 'PEM file of CA certificates to trust for registries, beside the usual ones');
}

/** Those flags as the API takes them. */
export function registryOptions({ insecureRegistry, caFile }: RegistryFlags) {
  return { insecureRegistries: insecureRegistry, caFile };
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** For options that take a whole number from `min` on. */
export function wholeNumber(min: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^[0-9]{1,9}$/.test(value) && number >= min) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} on.`);
  };
}

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** For options that take bytes: `500M`, `2GB`, `1000`. */
export function byteSize(value: string): number {
  const [, number, unit = ''] = /^([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([kmgt]?)b?$/i.exec(value) ?? [];
  if (number !== undefined) return Math.round(Number(number) * (factors[unit.toLowerCase()] ?? 1));
  throw new InvalidArgumentError('Expected a size such as 500MB or 2GB.');
}
