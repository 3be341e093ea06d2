import type { Dependency, Relation } from '../distro/types.ts';
import type { Conflict } from './types.ts';

/**
 * The text of a refusal, for people: each conflict says what cannot be, then, indented, why. Lines end in "\n" but for
 * the last one.
 */
export function renderConflicts(conflicts: readonly Conflict[]): string {
  return conflicts.flatMap((conflict) => render(conflict, '')).join('\n');
}

export function renderDependency(dependency: Dependency): string {
  return dependency.map(renderRelation).join(' | ');
}

function renderRelation(relation: Relation): string {
  const qualifier = relation.qualifier === undefined ? '' : `:${relation.qualifier}`;
  const version = relation.operator === undefined ? '' : ` (${relation.operator} ${relation.version})`;
  return `${relation.name}${qualifier}${version}`;
}

function render(conflict: Conflict, indent: string): readonly string[] {
  return lines(conflict).map((line) => indent + line);
}

function lines(conflict: Conflict): readonly string[] {
  switch (conflict.type) {
    case 'unknown':
      return [
        `${conflict.request}: no archive has a package of that name`,
        ...(conflict.nearest.length === 0 ? [] : [`  did you mean ${orList(conflict.nearest)}?`]),
      ];
    case 'virtual':
      return [
        `${conflict.request}: ${conflict.name} is a virtual package; name one that provides it`,
        `  ${conflict.providers.join(', ')}`,
      ];
    case 'version':
      return [
        `${conflict.request}: there is no such version of ${conflict.name}`,
        `  there is ${conflict.available.length === 0 ? 'none at all' : conflict.available.join(', ')}`,
      ];
    case 'clash':
      return clashLines(conflict);
    case 'unmet':
      return unmetLines(conflict);
  }
}

function clashLines(conflict: Extract<Conflict, { type: 'clash' }>): readonly string[] {
  const { a, b, kind, relation } = conflict;
  const rule =
    kind === 'versions' ? 'only one version can be there' : `${nameOf(a)} ${kind} with ${renderRelation(relation)}`;
  return [
    `${a} and ${b} cannot be together: ${rule.replace('breaks with', 'breaks')}`,
    `  ${cameBy(a, conflict.chainA)}`,
    `  ${cameBy(b, conflict.chainB)}`,
  ];
}

function unmetLines(conflict: Extract<Conflict, { type: 'unmet' }>): readonly string[] {
  const { by, needs, chain, rejected } = conflict;
  const what = needs === undefined ? 'no choice of its dependencies works' : `it needs ${renderDependency(needs)}`;
  return [
    `${by} cannot be installed: ${what}`,
    ...(chain.length > 1 ? [`  ${cameBy(by, chain)}`] : []),
    ...rejected.flatMap(({ candidate, because, causes }) => [
      `  ${candidate}: ${because}`,
      ...causes.flatMap((cause) => render(cause, '    ')),
    ]),
  ];
}

function cameBy(thing: string, chain: readonly string[]): string {
  const name = nameOf(thing);
  if (chain.length === 0) return `${name} is installed already`;
  return chain.length > 1 ? `${name} comes by ${chain.join(' -> ')}` : `${name} is asked for by ${chain[0]}`;
}

function nameOf(labelled: string): string {
  return labelled.split(' ')[0] ?? labelled;
}

function orList(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
