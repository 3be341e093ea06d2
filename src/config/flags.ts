import type { SpecLayer } from './layer.ts';
import { normalise } from './normalise.ts';
import { type ConfigProblem, formatKeyPath, harmless, throwProblems } from './problem.ts';
import type { RawConfig } from './schema.ts';
import { validateConfig } from './validate.ts';
import { splitWords } from './values/words.ts';
import type { ConfigSource, KeyPath, PlainValue, ProblemOptions } from './yaml-source.ts';

/** A key of the configuration that can be given on the command line too. */
export interface ConfigFlag {
  readonly key: keyof RawConfig & string;
  /** The long flag without dashes. */
  readonly name: string;
  readonly short?: string | undefined;
  /** text: one value. list: repeatable. map: repeatable NAME=VALUE. words: one command line. */
  readonly kind: 'text' | 'list' | 'map' | 'words' | 'boolean';
  /** Name of the value in the help. */
  readonly value: string;
  readonly description: string;
  /** list: commas divide too. */
  readonly commas?: boolean | undefined;
  /** map: a name that is given several times has a list of values. */
  readonly repeats?: boolean | undefined;
}

export const configFlags: readonly ConfigFlag[] = [
  {
    key: 'from',
    name: 'from',
    kind: 'text',
    value: 'preset',
    description: 'distribution and suite, such as debian/trixie, or as it was: debian/trixie@2026-09-01',
  },
  {
    key: 'components',
    name: 'component',
    kind: 'list',
    value: 'component',
    commas: true,
    description: "component of the distribution's archives, such as main or contrib",
  },
  {
    key: 'suites',
    name: 'suite',
    kind: 'list',
    value: 'suite',
    commas: true,
    description: "further suite of the distribution's archive, such as trixie-backports",
  },
  {
    key: 'packages',
    name: 'package',
    short: 'p',
    kind: 'list',
    value: 'package',
    commas: true,
    description: 'add a package: name, name=version, name/suite, ./app.deb',
  },
  {
    key: 'omit',
    name: 'omit',
    kind: 'list',
    value: 'package',
    commas: true,
    description: 'leave out a package although something depends on it',
  },
  {
    key: 'dependencies',
    name: 'dependencies',
    kind: 'text',
    value: 'runtime|full|none',
    description: 'how far dependencies are followed',
  },
  {
    key: 'keep',
    name: 'keep',
    kind: 'list',
    value: 'package',
    commas: true,
    description: 'do not cut a package with --dependencies runtime',
  },
  {
    key: 'recommends',
    name: 'recommends',
    kind: 'boolean',
    value: '',
    description: 'install recommended packages too',
  },
  {
    key: 'essential',
    name: 'essential',
    kind: 'boolean',
    value: '',
    description: 'install the essential packages too: a shell, coreutils and the like',
  },
  {
    key: 'pins',
    name: 'pin',
    kind: 'list',
    value: 'pin',
    commas: true,
    description: 'prefer a version or a suite of a package: name=1.26*, name/suite',
  },
  { key: 'base', name: 'base', kind: 'text', value: 'debian|none', description: 'the root layout of the image' },
  { key: 'on', name: 'on', kind: 'text', value: 'image', description: 'build on an existing image' },
  {
    key: 'platforms',
    name: 'platform',
    kind: 'list',
    value: 'platform',
    commas: true,
    description: 'platform to build for, such as linux/arm64',
  },
  {
    key: 'files',
    name: 'file',
    kind: 'list',
    value: 'source:path',
    description: 'copy a file or folder into the image',
  },
  {
    key: 'include',
    name: 'include',
    kind: 'list',
    value: 'glob',
    description: 'keep paths that are left out by default',
  },
  { key: 'exclude', name: 'exclude', kind: 'list', value: 'glob', description: 'leave out paths of packages' },
  {
    key: 'certificates',
    name: 'certificate',
    kind: 'list',
    value: 'file',
    description: 'trust an extra certificate authority',
  },
  {
    key: 'entrypoint',
    name: 'entrypoint',
    kind: 'words',
    value: 'command',
    description: 'what the container runs: words, or a JSON list',
  },
  { key: 'cmd', name: 'cmd', kind: 'words', value: 'arguments', description: 'arguments after the entrypoint' },
  {
    key: 'user',
    name: 'user',
    short: 'u',
    kind: 'text',
    value: 'user',
    description: 'user that the container runs as',
  },
  {
    key: 'workdir',
    name: 'workdir',
    short: 'w',
    kind: 'text',
    value: 'path',
    description: 'folder that the container starts in',
  },
  {
    key: 'env',
    name: 'env',
    short: 'e',
    kind: 'map',
    value: 'name=value',
    description: 'set an environment variable of the image',
  },
  {
    key: 'ports',
    name: 'port',
    kind: 'list',
    value: 'port',
    commas: true,
    description: 'port that the application listens on',
  },
  { key: 'volumes', name: 'volume', kind: 'list', value: 'path', description: 'folder that holds data' },
  { key: 'labels', name: 'label', kind: 'map', value: 'name=value', description: 'set a label' },
  { key: 'annotations', name: 'annotation', kind: 'map', value: 'name=value', description: 'set an annotation' },
  {
    key: 'stop-signal',
    name: 'stop-signal',
    kind: 'text',
    value: 'signal',
    description: 'signal that stops the container',
  },
  {
    key: 'mirrors',
    name: 'mirror',
    kind: 'map',
    value: 'name=url',
    description: 'fetch an archive (debian, debian-security, ubuntu) from there; several are asked in turn',
    repeats: true,
  },
  {
    key: 'snapshot',
    name: 'snapshot',
    kind: 'text',
    value: 'url',
    description: 'snapshot archive for what has left the mirrors: a URL with {archive} and {timestamp}, or none',
  },
  {
    key: 'compression',
    name: 'compression',
    kind: 'text',
    value: 'name',
    description: 'gzip, zstd, none, or with a level: gzip-9',
  },
  {
    key: 'layers',
    name: 'layers',
    kind: 'text',
    value: 'automatic|single|package|source',
    description: 'how the image is divided into layers; a number means so many at most',
  },
  {
    key: 'created',
    name: 'created',
    kind: 'text',
    value: 'date',
    description: 'time of the image: a date, or seconds since 1970',
  },
  { key: 'name', name: 'name', kind: 'text', value: 'name', description: 'name of the image in the local store' },
];

/** Values by flag name, as the command line gives them. */
export type FlagValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/**
 * The layer that flags make; relative paths are those of `directory`.
 * @throws ConfigError CONFIG_INVALID that names the flags
 */
export function readFlags(
  values: FlagValues,
  directory: string,
): { layer: SpecLayer; source: ConfigSource; keys: ReadonlySet<string> } {
  const raw: { [key: string]: PlainValue } = {};
  const problems: ConfigProblem[] = [];
  for (const flag of configFlags) {
    const value = values[flag.name];
    if (value === undefined) continue;
    const read = readFlag(flag, value);
    if ('problem' in read) problems.push(flagProblem(`--${flag.name}`, read.problem));
    else raw[flag.key] = read.value;
  }
  throwProblems(problems);
  const source = flagSource();
  const checked = validateConfig(raw, source);
  throwProblems(checked.problems);
  return { layer: normalise(checked.config ?? {}, directory), source, keys: new Set(Object.keys(raw)) };
}

function readFlag(
  flag: ConfigFlag,
  value: string | readonly string[] | boolean,
): { readonly value: PlainValue } | { readonly problem: string } {
  if (typeof value === 'boolean') return { value };
  const values = typeof value === 'string' ? [value] : value;
  switch (flag.kind) {
    case 'boolean':
    case 'text':
      return { value: values.at(-1) ?? '' };
    case 'list':
      return {
        value:
          flag.commas === true ? values.flatMap((text) => text.split(',').filter((part) => part !== '')) : [...values],
      };
    case 'words':
      return splitWords(values.at(-1) ?? '');
    case 'map':
      return readMap(values, flag);
  }
}

function readMap(
  values: readonly string[],
  { repeats = false }: ConfigFlag,
): { readonly value: PlainValue } | { readonly problem: string } {
  const map = new Map<string, PlainValue>();
  for (const text of values) {
    const equals = text.indexOf('=');
    if (equals < 1) return { problem: `expected NAME=VALUE, not "${text.slice(0, 80)}"` };
    const name = text.slice(0, equals);
    const value = text.slice(equals + 1);
    const before = map.get(name);
    map.set(name, repeats && before !== undefined ? [before, value].flat() : value);
  }
  return { value: Object.fromEntries(map) };
}

function flagSource(): ConfigSource {
  return {
    problem(path: KeyPath, message: string, options: ProblemOptions = {}): ConfigProblem {
      const flag = configFlags.find(({ key }) => key === path[0]);
      const name = flag === undefined ? formatKeyPath(path) : `--${flag.name}`;
      return flagProblem(name, message, options);
    },
  };
}

function flagProblem(
  name: string,
  message: string,
  { code = 'CONFIG_INVALID', hint }: ProblemOptions = {},
): ConfigProblem {
  const place = { line: undefined, column: undefined, excerpt: undefined, path: '' };
  return { ...place, code, file: name, message: harmless(message), hint: hint && harmless(hint) };
}
