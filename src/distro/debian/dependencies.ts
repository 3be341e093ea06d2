import { SlimimageError } from '../../errors.ts';
import type { Dependency, Relation, VersionOperator } from '../types.ts';
import { architectureMatches } from './architecture.ts';

export interface RelationOptions {
  /** Architecture that lists like `[amd64 !arm64 linux-any]` are read for. */
  readonly architecture: string;
  /** What the field is, for messages: `Depends of nginx`. */
  readonly what?: string | undefined;
  /** Groups that were read before, by their text: an archive says most of what it says many times over. */
  readonly known?: Map<string, Dependency> | undefined;
}

/**
 * Reads Depends, Pre-Depends, Recommends, Suggests (Debian Policy, chapter 7.1): `a | b (>= 1), c`. Alternatives that an
 * architecture list or a build profile (none is active) rules out are left out, and so is a dependency without any left.
 * @throws SlimimageError DEPENDENCY_INVALID with the field's name and the place.
 */
export function parseDependencies(text: string, options: RelationOptions): readonly Dependency[] {
  const dependencies: Dependency[] = [];
  for (const group of text.split(',')) {
    // apt takes `a, , b` and a comma at the end without a word, and so do archives that only apt ever read.
    if (group.trim() === '') continue;
    const alternatives = readGroup(group.trim(), options);
    if (alternatives.length > 0) dependencies.push(alternatives);
  }
  return compact(dependencies);
}

/**
 * Reads Conflicts, Breaks, Replaces, Provides: no alternatives.
 * @throws SlimimageError DEPENDENCY_INVALID
 */
export function parseRelations(text: string, options: RelationOptions): readonly Relation[] {
  return compact(
    parseDependencies(text, options).flatMap((alternatives) => {
      if (alternatives.length > 1) throw invalid(text, 'has alternatives, which this field cannot have', options);
      return alternatives;
    }),
  );
}

function readGroup(group: string, options: RelationOptions): Dependency {
  const known = options.known?.get(group);
  if (known !== undefined) return known;
  const alternatives: Relation[] = [];
  for (const alternative of group.split('|')) {
    const relation = parseRelation(alternative, options);
    if (relation !== undefined) alternatives.push(relation);
  }
  const compacted = compact(alternatives);
  options.known?.set(group, compacted);
  return compacted;
}

const none: readonly never[] = [];

/** Lists that grew have room to grow further, and an archive has a million of them. */
function compact<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? none : list.slice();
}

/** name [:qualifier] [(operator version)] [[architectures]] [<profiles>]... */
const relationPattern =
  /^\s*([0-9A-Za-z][0-9A-Za-z+._-]*)(?::([0-9A-Za-z-]+))?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)?\s*([^\s()<>=|[\]]+)\s*\))?\s*(?:\[([^\][]*)\])?\s*((?:<[^<>]*>\s*)*)$/;

function parseRelation(text: string, options: RelationOptions): Relation | undefined {
  // The plain name is nine of ten, and an index has half a million of them.
  const bare = text.trim();
  if (plainName.test(bare)) return { name: bare };
  // Runs of blanks are made one: the pattern would try every way to share out a long run.
  const match = relationPattern.exec(bare.replace(/\s+/g, ' '));
  if (match === null) throw invalid(text, 'is no package relation', options);
  const [, name = '', qualifier, operator, version, architectures, profiles] = match;
  if (architectures !== undefined && !listApplies(architectures, { text, ...options })) return undefined;
  if (profiles !== undefined && profiles !== '' && !profilesApply(profiles)) return undefined;
  return {
    name,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(version === undefined ? {} : { operator: modern(operator), version }),
  };
}

const plainName = /^[0-9A-Za-z][0-9A-Za-z+._-]*$/;

/** `<` and `>` once meant what `<=` and `>=` mean, and dpkg still reads them so; a bare version means `=`. */
function modern(operator: string | undefined): VersionOperator {
  if (operator === '<') return '<=';
  if (operator === '>') return '>=';
  return (operator ?? '=') as VersionOperator;
}

/** Either all entries are negated or none is (Debian Policy, chapter 7.1). */
function listApplies(list: string, options: RelationOptions & { readonly text: string }): boolean {
  const entries = list.split(/\s+/).filter((entry) => entry !== '');
  const negated = entries.filter((entry) => entry.startsWith('!'));
  if (entries.length === 0 || (negated.length > 0 && negated.length < entries.length)) {
    throw invalid(options.text, 'has an architecture list that is empty or negated in part', options);
  }
  const matches = entries.some((entry) => architectureMatches(options.architecture, entry.replace(/^!/, '')));
  return negated.length > 0 ? !matches : matches;
}

/** `<a !b> <c>`: any list of which every term holds, with no profile active (Debian's BuildProfileSpec). */
function profilesApply(formula: string): boolean {
  return formula
    .split('>')
    .map((list) => list.replace('<', '').trim())
    .filter((list) => list !== '')
    .some((list) => list.split(/\s+/).every((term) => term.startsWith('!')));
}

function invalid(text: string, problem: string, options: RelationOptions): SlimimageError {
  const shown = text.trim();
  return new SlimimageError({
    code: 'DEPENDENCY_INVALID',
    message: `${options.what ?? 'A dependency field'}: "${shown.length > 80 ? `${shown.slice(0, 80)}...` : shown}" ${problem}`,
  });
}
