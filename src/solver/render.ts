import type { Dependency, Relation } from '../distro/types.ts';
import { capLines, capList, drawChain, mostItems, nameOf } from './labels.ts';
import { brokenLines, placeLines, unknownLines, versionLines, virtualLines } from './render-requests.ts';
import type { Clash, Conflict, Rejection } from './types.ts';

/**
 * The text of a refusal, for people: each conflict says what cannot be, then, indented, why. Lines end in "\n" but for
 * the last one. What to do about it is `renderAdvice`'s.
 */
export function renderConflicts(conflicts: readonly Conflict[]): string {
  const more = conflicts.length - mostConflicts;
  const rest = more > 0 ? [`and ${more} more requests that cannot be met`] : [];
  return [...conflicts.slice(0, mostConflicts).flatMap(render), ...rest].join('\n');
}

export function renderDependency(dependency: Dependency): string {
  return dependency.map(renderRelation).join(' | ');
}

export function renderRelation(relation: Relation): string {
  const qualifier = relation.qualifier === undefined ? '' : `:${relation.qualifier}`;
  const version = relation.operator === undefined ? '' : ` (${relation.operator} ${relation.version})`;
  return `${relation.name}${qualifier}${version}`;
}

type Unmet = Extract<Conflict, { type: 'unmet' }>;
type ClashConflict = Extract<Conflict, { type: 'clash' }>;

const mostConflicts = 8;
/** A deeper tree is not understood. */
const deepest = 3;

function render(conflict: Conflict): readonly string[] {
  switch (conflict.type) {
    case 'unknown':
      return unknownLines(conflict);
    case 'virtual':
      return virtualLines(conflict);
    case 'version':
      return versionLines(conflict);
    case 'broken':
      return brokenLines(conflict);
    case 'clash':
      return clashLines(conflict);
    case 'unmet':
      return unmetLines(conflict);
  }
}

function clashLines(conflict: ClashConflict): readonly string[] {
  const { a, b, also = [] } = conflict;
  const rules = [conflict, ...also]
    .filter(({ kind }) => kind !== 'versions')
    .map((clash) => `  ${ruleOf(clash, conflict)}`);
  const isTwice = nameOf(a) === nameOf(b);
  return [
    `${a} and ${b} cannot be in one image${isTwice ? ': they are two versions of one package' : ''}`,
    ...capLines([...new Set(rules)], '  '),
    ...[originOf(a, conflict.chainA, conflict.needsA), originOf(b, conflict.chainB, conflict.needsB)].flatMap((line) =>
      line === undefined ? [] : [`  ${line}`],
    ),
  ];
}

/** `tool breaks base (<< 2)`; a package that the headline does not name says by which one it comes. */
function ruleOf(clash: Clash, headline: Clash): string {
  const { a, b, chainA, chainB } = clash;
  const told = [headline.a, headline.b];
  const [before, after] = [told.includes(a) ? undefined : wayTo(chainA), told.includes(b) ? undefined : wayTo(chainB)];
  const subject = before === undefined ? nameOf(a) : `${nameOf(a)}, which comes in through ${before},`;
  return `${subject} ${sentence(clash)}${after === undefined ? '' : ` (${nameOf(b)} comes in through ${after})`}`;
}

function wayTo(chain: readonly string[]): string | undefined {
  return chain.length > 1 ? drawChain(chain.slice(0, -1)) : undefined;
}

function sentence({ kind, relation, b }: Pick<Clash, 'kind' | 'relation' | 'b'>): string {
  const verb = kind === 'breaks' ? 'breaks' : 'conflicts with';
  const provided = relation.name === nameOf(b) ? '' : `, which ${nameOf(b)} provides`;
  return `${verb} ${renderRelation(relation)}${provided}`;
}

/** Undefined for what a request names as it is called: the headline says enough. */
function originOf(labelled: string, chain: readonly string[], needs: Dependency | undefined): string | undefined {
  const name = nameOf(labelled);
  const [request] = chain;
  if (request === undefined) return `${labelled} is in the image below already`;
  if (chain.length === 1) return request === name ? undefined : `${labelled} is asked for by ${request}`;
  return needs === undefined
    ? `${name} comes in through ${drawChain(chain)}`
    : `${labelled} comes in through ${drawChain([...chain.slice(0, -1), renderDependency(needs)])}`;
}

function unmetLines(conflict: Unmet): readonly string[] {
  const { by, chain, rejected } = conflict;
  return [
    `${by} cannot be installed: ${needOf(conflict)}`,
    ...(chain.length > 1 ? [`  ${nameOf(by)} comes in through ${drawChain(chain)}`] : []),
    ...rejectedLines(rejected, { depth: 1, known: chain }),
  ];
}

function needOf({ needs }: Unmet): string {
  return needs === undefined ? 'no choice of its dependencies works' : `it needs ${shortened(needs)}`;
}

function shortened(dependency: Dependency): string {
  const more = dependency.length - mostItems;
  return more > 0 ? `${renderDependency(dependency.slice(0, mostItems))} | ${more} more` : renderDependency(dependency);
}

interface Below {
  readonly depth: number;
  /** The chain that the lines above have told. */
  readonly known: readonly string[];
}

function rejectedLines(rejected: readonly Rejection[], below: Below): readonly string[] {
  const indent = '  '.repeat(below.depth);
  const groups = groupByCause(rejected);
  const more = groups.slice(mostItems).flat().length;
  return [
    ...groups
      .slice(0, mostItems)
      .flatMap(([first, ...others]) => [
        ...(first === undefined ? [] : rejectionLines(first, below)),
        ...(others.length === 0
          ? []
          : [`${indent}likewise ${capList(others.map(({ candidate }) => candidate)).join(', ')}`]),
      ]),
    ...(more > 0 ? [`${indent}and ${more} more`] : []),
  ];
}

/** Candidates that fail because of one and the same thing deeper down are told together. */
function groupByCause(rejected: readonly Rejection[]): readonly (readonly Rejection[])[] {
  const groups = new Map<string, Rejection[]>();
  for (const one of rejected) {
    const key = causeOf(one) ?? `${one.candidate} ${one.because}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** Undefined where the candidate has a part in it itself. */
function causeOf({ candidate, causes }: Rejection): string | undefined {
  const [cause] = causes;
  if (cause?.type === 'unmet' && cause.by !== candidate) return `${cause.by} ${renderDependency(cause.needs ?? [])}`;
  return cause?.type === 'clash' && cause.a !== candidate && cause.b !== candidate
    ? `${cause.a} ${cause.b}`
    : undefined;
}

function rejectionLines(rejection: Rejection, below: Below): readonly string[] {
  const { candidate, suite, because, causes, found } = rejection;
  const indent = '  '.repeat(below.depth);
  const title = `${indent}${candidate}${suite === undefined ? '' : ` (${suite})`}`;
  const [cause] = causes;
  if (cause === undefined || below.depth > deepest) {
    return [`${title}: ${because}`, ...placeLines(found ?? {}, `${indent}  `)];
  }
  const deeper = { depth: below.depth + 1, known: [...below.known, nameOf(candidate)] };
  if (cause.type === 'unmet') return unmetBelow(cause, { title, candidate, deeper });
  if (cause.type === 'clash') return clashBelow(cause, { title, candidate, deeper });
  return [`${title}: ${because}`];
}

interface Context {
  readonly title: string;
  readonly candidate: string;
  readonly deeper: Below;
}

function unmetBelow(cause: Unmet, { title, candidate, deeper }: Context): readonly string[] {
  const isOwn = cause.by === candidate;
  const head = isOwn ? needOf(cause) : `${nameOf(cause.by)} cannot be installed: ${needOf(cause)}`;
  const chain = newPart(cause.chain, deeper.known);
  const origin =
    isOwn || chain.length < 2
      ? []
      : [`${'  '.repeat(deeper.depth)}${nameOf(cause.by)} comes in through ${drawChain(chain)}`];
  return [`${title}: ${head}`, ...origin, ...rejectedLines(cause.rejected, { ...deeper, known: cause.chain })];
}

function clashBelow(cause: ClashConflict, { title, candidate, deeper }: Context): readonly string[] {
  const { a, b, kind } = cause;
  const subject = a === candidate ? 'it' : a;
  const head = kind === 'versions' ? `only one version of ${nameOf(a)} can be there` : `${subject} ${sentence(cause)}`;
  const sides = [
    { labelled: a, chain: newPart(cause.chainA, deeper.known), needs: cause.needsA },
    { labelled: b, chain: newPart(cause.chainB, deeper.known), needs: cause.needsB },
  ];
  const origins = sides
    .filter(({ labelled }) => labelled !== candidate)
    .map(({ labelled, chain, needs }) => originOf(labelled, chain, needs))
    .filter((line) => line !== undefined);
  return [`${title}: ${head}`, ...origins.map((line) => `${'  '.repeat(deeper.depth)}${line}`)];
}

/** What of a chain the lines above have not told yet, from the last name that they have; a way of its own is told whole. */
function newPart(chain: readonly string[], known: readonly string[]): readonly string[] {
  return known.every((name, at) => chain[at] === name) ? chain.slice(Math.max(0, known.length - 1)) : chain;
}
