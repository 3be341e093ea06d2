import { type Command, InvalidArgumentError, type Option } from 'commander';
import { SlimimageError } from '../errors.ts';
import type { Io } from './io.ts';

type Environment = Io['env'];

/** Flags that several commands share, each with the variable that stands for it. SLIMIMAGE_STORE is the API's own. */
const variables: Readonly<Record<string, string>> = {
  '--format': 'SLIMIMAGE_FORMAT',
  '--quiet': 'SLIMIMAGE_QUIET',
  '--verbose': 'SLIMIMAGE_VERBOSE',
  '--offline': 'SLIMIMAGE_OFFLINE',
  '--jobs': 'SLIMIMAGE_JOBS',
  '--no-progress': 'SLIMIMAGE_NO_PROGRESS',
  '--no-config': 'SLIMIMAGE_NO_CONFIG',
  '--insecure-registry': 'SLIMIMAGE_INSECURE_REGISTRY',
  '--ca-file': 'SLIMIMAGE_CA_FILE',
};

/**
 * Lets variables stand for flags of every command: what the command line says goes before. The help names them. An empty
 * variable is none. Called when the tree of commands is complete.
 * @throws SlimimageError USAGE, when the command runs, for a value that the flag would not take
 */
export function readEnvironment(program: Command, env: Environment): void {
  describe(program);
  program.hook('preAction', (_, command) => {
    for (const option of command.options) {
      const variable = variables[option.long ?? ''];
      const value = variable === undefined ? undefined : env[variable];
      if (variable === undefined || value === undefined || value === '') continue;
      const name = option.attributeName();
      if (command.getOptionValueSource(name) === 'cli') continue;
      const given = givenValue(option, { variable, value });
      if (given !== undefined) command.setOptionValueWithSource(name, given, 'env');
    }
  });
}

/** Whether a switch is on before the command line is understood, for the form of a mistake in it. */
export function isOn(flag: '--verbose', env: Environment): boolean {
  return isTrue(env[variables[flag] as string] ?? '') === true;
}

/** Whether answers are wanted as JSON where the command line says nothing. */
export function prefersJson(env: Environment): boolean {
  return env[variables['--format'] as string] === 'json';
}

function describe(command: Command): void {
  for (const option of command.options) {
    const variable = variables[option.long ?? ''];
    if (variable !== undefined) option.description = `${option.description} [${variable}]`;
  }
  for (const child of command.commands) describe(child);
}

interface Given {
  readonly variable: string;
  readonly value: string;
}

function givenValue(option: Option, given: Given): unknown {
  if (option.long === '--format') return formatOf(option, given);
  if (option.long === '--insecure-registry') return listOf(given.value);
  if (!option.required) return option.negate ? !switchOf(given) : switchOf(given);
  try {
    return option.parseArg === undefined ? given.value : option.parseArg(given.value, undefined);
  } catch (cause) {
    if (cause instanceof InvalidArgumentError)
      throw mistake(given, cause.message.replace(/^E/, 'e').replace(/\.$/, ''));
    throw cause;
  }
}

/** A form that other commands have and this one does not means its default: the variable speaks to all of them. */
function formatOf({ argChoices = [] }: Option, given: Given): string | undefined {
  if (argChoices.includes(given.value)) return given.value;
  if (['text', 'json'].includes(given.value)) return undefined;
  throw mistake(given, `expected ${[...new Set(['text', 'json', ...argChoices])].join(', ')}`);
}

function listOf(value: string): readonly string[] {
  return value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

function switchOf(given: Given): boolean {
  const on = isTrue(given.value);
  if (on === undefined) throw mistake(given, 'expected 1 or true, 0 or false');
  return on;
}

function isTrue(value: string): boolean | undefined {
  if (['1', 'true'].includes(value.toLowerCase())) return true;
  return ['0', 'false'].includes(value.toLowerCase()) ? false : undefined;
}

function mistake({ variable, value }: Given, expected: string): SlimimageError {
  return new SlimimageError({
    code: 'USAGE',
    message: `${variable} is "${value.slice(0, 40)}": ${expected}`,
    hint: 'Change the variable, or unset it.',
  });
}
