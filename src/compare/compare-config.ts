import type { ImageConfig, RuntimeConfig } from '../oci/documents.ts';
import { canonicalJson } from '../util/json.ts';
import { compareStrings } from '../util/text.ts';
import type { ConfigChange } from './types.ts';

/** Names of the settings that are single values, in the order in which they are told. */
const singles = [
  ['User', 'user'],
  ['Entrypoint', 'entrypoint'],
  ['Cmd', 'cmd'],
  ['WorkingDir', 'workdir'],
  ['StopSignal', 'stop-signal'],
  ['Shell', 'shell'],
  ['OnBuild', 'on-build'],
  ['Healthcheck', 'healthcheck'],
] as const;

/** Those that are told by name. */
const named = ['Env', 'ExposedPorts', 'Volumes', 'Labels'];

/** Of the config's top. What changes with every build, or is told elsewhere, is not here. */
const tops = ['author', 'os.version', 'os.features'] as const;

/**
 * The settings of a runtime that differ. Empty values count as unset, as runtimes take them. Dates, the architecture and the layers
 * are told elsewhere.
 */
export function compareConfig(from: ImageConfig | undefined, to: ImageConfig | undefined): readonly ConfigChange[] {
  const before = (from?.config ?? {}) as Members;
  const after = (to?.config ?? {}) as Members;
  const known = new Set<string>([...singles.map(([member]) => member), ...named]);
  const others = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((member) => !known.has(member));
  return [
    ...single('user', before['User'], after['User']),
    ...byName('env', variables(before), variables(after)),
    ...singles.slice(1).flatMap(([member, key]) => single(key, before[member], after[member])),
    ...byName('port', namesOf(before['ExposedPorts']), namesOf(after['ExposedPorts'])),
    ...byName('volume', namesOf(before['Volumes']), namesOf(after['Volumes'])),
    ...byName('label', labels(before), labels(after)),
    ...others.sort(compareStrings).flatMap((member) => single(member, before[member], after[member])),
    ...tops.flatMap((member) => single(member, from?.[member], to?.[member])),
  ];
}

type Members = RuntimeConfig & Readonly<Record<string, unknown>>;

function single(key: string, from: unknown, to: unknown): readonly ConfigChange[] {
  const [before, after] = [textOf(from), textOf(to)];
  return before === after ? [] : [{ key, name: undefined, from: before, to: after }];
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '' || value === false) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && Object.keys(value).length === 0) return undefined;
  return canonicalJson(value);
}

type Named = ReadonlyMap<string, string>;

function byName(key: string, from: Named, to: Named): readonly ConfigChange[] {
  const names = [...new Set([...from.keys(), ...to.keys()])].sort(compareStrings);
  return names.flatMap((name) => {
    const [before, after] = [from.get(name), to.get(name)];
    return before === after ? [] : [{ key, name, from: before, to: after }];
  });
}

/** Of a variable that is there twice the last value counts, as in runc. */
function variables({ Env = [] }: Members): Named {
  return new Map(
    (Env ?? []).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? ([line, ''] as const) : ([line.slice(0, at), line.slice(at + 1)] as const);
    }),
  );
}

/** Ports and volumes are names with nothing behind them. */
function namesOf(members: unknown): Named {
  return new Map(Object.keys((members ?? {}) as object).map((name) => [name, '']));
}

function labels({ Labels }: Members): Named {
  return new Map(Object.entries(Labels ?? {}));
}
