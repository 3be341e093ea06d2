import * as v from 'valibot';
import { type ConfigProblem, formatKeyPath } from './problem.ts';
import { configSchema, type RawConfig } from './schema.ts';
import type { ConfigSource, KeyPath, PlainValue } from './yaml-source.ts';

/** Rounds in which unknown keys are looked for: who has more has made one mistake many times. */
const maxRounds = 20;
/** Problems that are worth finding the place of. */
const maxProblems = 100;

/** Checks plain data against the schema. Where there are problems, `config` is undefined. */
export function validateConfig(
  value: PlainValue,
  source: ConfigSource,
): { readonly config: RawConfig | undefined; readonly problems: readonly ConfigProblem[] } {
  const found = new Map<string, ConfigProblem>();
  // The library stops at the first unknown key of a map, so it is taken out and the rest is looked at again.
  const remaining = structuredClone(value ?? {});
  const parents = new Set<string>();
  for (let round = 1; ; round++) {
    const result = v.safeParse(configSchema, remaining);
    if (result.success && found.size === 0) return { config: result.output, problems: [] };
    const mistakes = result.success ? [] : result.issues.flatMap((issue) => flatten(issue, []));
    const unknown = mistakes.filter((mistake) => mistake.type === 'unknown');
    for (const mistake of unknown.length > 0 ? unknown : mistakes) {
      const parent = formatKeyPath(mistake.path.slice(0, -1));
      if (mistake.type === 'unknown') parents.add(parent);
      // What is missing beside an unknown key, or does not fit together there, was most probably meant by it.
      if (mistake.type === 'missing' && parents.has(parent)) continue;
      const key = formatKeyPath(mistake.path);
      if (mistake.type === 'value' && parents.has(key)) continue;
      if (found.size < maxProblems && !found.has(key)) found.set(key, toProblem(mistake, source));
    }
    if (unknown.length === 0 || round === maxRounds) return { config: undefined, problems: [...found.values()] };
    for (const { path } of unknown) removeMember(remaining, path);
  }
}

interface Mistake {
  readonly path: KeyPath;
  readonly message: string;
  readonly type: 'unknown' | 'missing' | 'key' | 'value';
}

/** Of a union, the mistakes inside the alternative that was meant: the one in which something deeper is wrong. */
function flatten(issue: v.BaseIssue<unknown>, above: KeyPath): readonly Mistake[] {
  const path = [...above, ...keysOf(issue)];
  // The library takes a list for a map with the keys 0, 1, ...
  const list = (issue.path ?? []).findIndex(({ type, input }) => type === 'object' && Array.isArray(input));
  if (list >= 0) {
    return [{ path: path.slice(0, above.length + list), message: 'expected a map, not a list', type: 'value' }];
  }
  if (issue.type === 'union' && issue.issues !== undefined) {
    const deeper = issue.issues.filter((inner) => (inner.path?.length ?? 0) > 0);
    const actions = issue.issues.filter((inner) => inner.kind === 'validation' && inner.type !== 'regex');
    const inner = deeper.length > 0 ? deeper : actions.length > 0 ? actions : [];
    if (inner.length > 0) return inner.flatMap((one) => flatten(one, path));
  }
  return [{ path, message: issue.message, type: typeOf(issue) }];
}

function typeOf(issue: v.BaseIssue<unknown>): Mistake['type'] {
  const isKey = issue.path?.at(-1)?.origin === 'key';
  if (issue.type !== 'strict_object' || issue.expected === 'Object') return isKey ? 'key' : 'value';
  return issue.expected === 'never' ? 'unknown' : 'missing';
}

function keysOf(issue: v.BaseIssue<unknown>): KeyPath {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

function toProblem(mistake: Mistake, source: ConfigSource): ConfigProblem {
  const [message = '', hint] = mistake.message.split('\n');
  const at = mistake.type === 'unknown' || mistake.type === 'key' ? 'key' : 'value';
  const problem = source.problem(mistake.path, message, { at, hint });
  const names = mistake.type === 'unknown' || mistake.type === 'missing';
  return names ? { ...problem, path: formatKeyPath(mistake.path.slice(0, -1)) } : problem;
}

function removeMember(value: PlainValue, path: KeyPath): void {
  let holder: unknown = value;
  for (const part of path.slice(0, -1)) holder = member(holder, part);
  const last = path.at(-1);
  if (typeof holder === 'object' && holder !== null && last !== undefined) Reflect.deleteProperty(holder, last);
}

function member(holder: unknown, key: string | number): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined;
}
