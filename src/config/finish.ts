import { basename } from 'node:path';
import type { Pin } from '../solver/types.ts';
import { nearest } from '../util/nearest.ts';
import type { SpecLayer } from './layer.ts';
import { presetAliases, presetArchives } from './preset-names.ts';
import { type ConfigProblem, throwProblems } from './problem.ts';
import type { ArchiveSetting, ImageSpec } from './spec.ts';
import { parseFrom } from './values/from.ts';
import { parsePackageName } from './values/package.ts';
import { makePin } from './values/pin.ts';
import type { ConfigSource, KeyPath, ProblemOptions } from './yaml-source.ts';

/** A layer and where it was written, to point at what does not fit together. */
export interface WrittenLayer {
  readonly layer: SpecLayer;
  readonly source: ConfigSource;
  /** Top-level keys that it has. */
  readonly keys: ReadonlySet<string>;
}

export interface FinishOptions {
  readonly directory: string;
  readonly file: string | undefined;
  /** Platform where none is given. */
  readonly platform: string;
  /** Presets that `from:` may name. */
  readonly presets: readonly string[];
}

/**
 * Fills in the defaults and checks what only the merged whole can tell.
 * @throws ConfigError CONFIG_INVALID
 */
export function finishSpec(layer: SpecLayer, written: readonly WrittenLayer[], options: FinishOptions): ImageSpec {
  throwProblems([...problemsOf(layer, written, options.presets)]);
  const hasArchive = layer.from !== undefined || (layer.archives ?? []).length > 0;
  return {
    from: layer.from,
    components: layer.components,
    suites: layer.suites ?? [],
    directory: options.directory,
    file: options.file,
    name: layer.name ?? nameOf(options.directory),
    ...(layer.name === undefined ? { isNamed: false } : {}),
    archives: layer.archives ?? [],
    mirrors: layer.mirrors ?? {},
    snapshot: layer.snapshot,
    packages: layer.packages ?? [],
    omit: layer.omit ?? [],
    dependencies: layer.dependencies ?? 'runtime',
    keep: layer.keep ?? [],
    recommends: layer.recommends ?? false,
    essential: layer.essential ?? false,
    pins: [...(layer.pins ?? []), ...(layer.archives ?? []).flatMap(archivePin)],
    // Without an archive there is nothing to take base-files from.
    base: layer.base ?? (hasArchive ? 'debian' : 'none'),
    on: layer.on,
    platforms: layer.platforms ?? [options.platform],
    include: layer.include ?? [],
    exclude: layer.exclude ?? [],
    specialPermissions: layer.specialPermissions ?? [],
    files: layer.files ?? [],
    paths: layer.paths ?? [],
    accounts: { users: layer.users ?? [], groups: layer.groups ?? [] },
    certificates: layer.certificates ?? [],
    locales: layer.locales ?? [],
    bytecode: layer.bytecode ?? false,
    accept: layer.accept ?? [],
    allow: layer.allow ?? [],
    config: {
      env: layer.env ?? {},
      entrypoint: layer.entrypoint,
      cmd: layer.cmd,
      workdir: layer.workdir,
      user: layer.user ?? 'nonroot',
      ports: layer.ports ?? [],
      volumes: layer.volumes ?? [],
      labels: layer.labels ?? {},
      stopSignal: layer.stopSignal,
      healthcheck: layer.healthcheck,
    },
    annotations: layer.annotations ?? {},
    compression: layer.compression ?? { algorithm: 'gzip', level: 6 },
    layers: layer.layers ?? { type: 'automatic' },
    created: layer.created,
  };
}

function* problemsOf(
  layer: SpecLayer,
  written: readonly WrittenLayer[],
  presets: readonly string[],
): Iterable<ConfigProblem> {
  const at = (path: KeyPath, message: string, options?: ProblemOptions) => {
    const last = written.findLast(({ keys }) => keys.has(String(path[0]))) ?? written.at(-1);
    return last === undefined ? [] : [last.source.problem(path, message, options)];
  };
  const { preset: from, timestamp } = layer.from === undefined ? noPreset : parseFrom(layer.from);
  const hasArchive = from !== undefined || (layer.archives ?? []).length > 0;
  if (timestamp !== undefined && layer.snapshot === 'none') {
    yield* at(['from'], 'the past state of an archive needs a snapshot archive', {
      hint: 'leave out "snapshot: none", or name one',
    });
  }
  if (from !== undefined && !presets.includes(from) && !Object.hasOwn(presetAliases, from)) {
    yield* at(['from'], `"${from}" is not a known distribution and suite`, { hint: meant(from, presets) });
  }
  if (layer.components !== undefined && from === undefined) {
    const hint = 'entries of archives have components of their own';
    yield* at(['components'], 'components are those of "from", and there is none', { at: 'key', hint });
  }
  if (layer.suites !== undefined && from === undefined) {
    const hint = 'entries of archives have suites of their own';
    yield* at(['suites'], 'suites are further ones of "from", and there is none', { at: 'key', hint });
  }
  const named = layer.packages?.find((entry) => parsePackageName(entry).type === 'name' && !/.-$/.test(entry));
  if (named !== undefined && !hasArchive) {
    const hint = 'add "from: debian/trixie", or archives';
    yield* at(['packages'], `"${named}" needs an archive to come from`, { at: 'key', hint });
  }
  if (layer.base === 'debian' && !hasArchive) {
    yield* at(['base'], 'base-files needs an archive to come from', {
      hint: 'add "from: debian/trixie", or "base: none"',
    });
  }
  const names = (layer.archives ?? []).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) yield* at(['archives'], `two archives are called "${twice}"`, { hint: 'give them a name' });
  const distribution = from?.split('/')[0];
  const taken = names.find((name) => presetArchives.some((own) => own === name && own.split('-')[0] === distribution));
  if (taken !== undefined) {
    yield* at(['archives'], `"${taken}" is an archive of ${from} already`, { hint: 'give yours another name' });
  }
  if (names.includes('file')) {
    yield* at(['archives'], '"file" stands for .debs of your own, not for an archive', {
      hint: 'give it another name',
    });
  }
  const known = [...presetArchives, ...names];
  for (const name of Object.keys(layer.mirrors ?? {})) {
    if (known.includes(name)) continue;
    yield* at(['mirrors', name], `there is no archive "${name}"`, { at: 'key', hint: meant(name, known) });
  }
  for (const { layer: one, source } of written) {
    for (const [index, { match }] of (one.pins ?? []).entries()) {
      const name = match.type === 'release' ? match.archive : undefined;
      if (name !== undefined && !known.includes(name)) {
        yield source.problem(['pins', index, 'archive'], `there is no archive "${name}"`, { hint: meant(name, known) });
      }
    }
  }
  const isEmpty = [layer.packages, layer.files, layer.paths].every((items) => (items ?? []).length === 0);
  if (isEmpty && !hasArchive && layer.on === undefined) {
    const hint = 'add from and packages, or files';
    yield* at([], 'the configuration names nothing to put into an image', { hint });
  }
}

function meant(name: string, known: readonly string[]): string {
  const found = nearest(name, known);
  return found === undefined ? `known: ${known.join(', ')}` : `did you mean "${found}"?`;
}

/** The priority of a whole archive, behind every pin that is written. */
function archivePin({ name, priority }: ArchiveSetting): readonly Pin[] {
  return priority === undefined ? [] : [makePin({ archive: name, priority })];
}

const noPreset = { preset: undefined, timestamp: undefined };

/** A folder's name as a name in the store. */
function nameOf(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name === '' ? 'image' : name.slice(0, 100);
}
