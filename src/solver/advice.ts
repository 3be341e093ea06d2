import type { Dependency } from '../distro/types.ts';
import { nameOf, orList } from './labels.ts';
import { renderRelation } from './render.ts';
import type { Conflict, Rejection, RejectionReason } from './types.ts';

export interface AdviceOptions {
  /** Whether there is but one version of what a request, as written, asks for. */
  readonly isOnlyVersion?: ((request: string) => boolean) | undefined;
}

/**
 * What to change so that there is an answer, one line a conflict; undefined where only the user can know.
 * Of many conflicts the first few have advice: the same cause is behind most of them.
 */
export function renderAdvice(conflicts: readonly Conflict[], options: AdviceOptions = {}): string | undefined {
  const linesOf = new Map<string, Set<string>>();
  for (const line of conflicts.map((conflict) => advise(conflict, options))) {
    const [remedy] = line?.split(', or ') ?? [];
    if (line !== undefined && remedy !== undefined) linesOf.set(remedy, (linesOf.get(remedy) ?? new Set()).add(line));
  }
  // What helps several requests at once is told without the ways around it for each.
  const advice = [...linesOf].map(([remedy, lines]) => (lines.size === 1 ? [...lines].join('') : remedy));
  return advice.length === 0 ? undefined : advice.slice(0, mostAdvice).join(`\n${' '.repeat('hint: '.length)}`);
}

const mostAdvice = 4;

function advise(conflict: Conflict, options: AdviceOptions): string | undefined {
  switch (conflict.type) {
    case 'unknown':
      return adviseUnknown(conflict);
    case 'virtual':
      return adviseVirtual(conflict);
    case 'version':
      return adviseVersion(conflict);
    case 'broken':
      return adviseBroken(conflict);
    case 'clash':
      return adviseClash(conflict, options);
    case 'unmet':
      return adviseUnmet(conflict, options);
  }
}

function adviseUnknown(conflict: Extract<Conflict, { type: 'unknown' }>): string | undefined {
  const { name, base, foreign, nearest, elsewhere = [] } = conflict;
  if (foreign !== undefined) return `write ${name}, or make an image for ${foreign.asked}: see --platform`;
  if (elsewhere.length > 0 || nearest.length > 0) return undefined;
  if (base === true)
    return 'name an archive that has it, such as from: debian/trixie, or write base: none for an image without';
  return `check the name, or name the archive that has ${name} under archives:`;
}

function adviseVirtual(conflict: Extract<Conflict, { type: 'virtual' }>): string | undefined {
  const { request, name, providers, usual, leftOut = [] } = conflict;
  const names = providers.map(nameOf).filter((provider) => !leftOut.includes(provider));
  const example = usual ?? (names.length === 1 ? names[0] : undefined);
  if (names.length === 0) return undefined;
  if (request === `${name}-`)
    return `leave out packages by their own names${example === undefined ? '' : `: ${example}-`}`;
  return `write ${example ?? 'one of them'} in place of ${request}`;
}

function adviseVersion(conflict: Extract<Conflict, { type: 'version' }>): string | undefined {
  const { request, name, wanted, available, elsewhere = [] } = conflict;
  if (wanted.version === undefined && wanted.suite === undefined)
    return `change the pins of ${name}, or leave out ${request}`;
  const [first] = available;
  if (elsewhere.length > 0 || first === undefined) return undefined;
  const begins = available.some((text) => wanted.version !== undefined && nameOf(text).startsWith(wanted.version));
  const written = begins ? `${name}=${wanted.version}* for what begins like that` : `${name}=${nameOf(first)}`;
  return `write ${written}, or ${name} for the version that is preferred`;
}

function adviseBroken(conflict: Extract<Conflict, { type: 'broken' }>): string {
  const { request, name, archive, other, base } = conflict;
  const remedy = other === undefined ? `leave out ${request}` : `write ${name}=${other}`;
  return `${base === true ? `write ${name}- to leave it out` : remedy}, or have the archive ${archive} repaired`;
}

function adviseClash(
  { kind, chainA, chainB }: Extract<Conflict, { type: 'clash' }>,
  { isOnlyVersion }: AdviceOptions,
): string {
  const [first, second] = [chainA[0], chainB[0]];
  const own = first ?? second ?? '';
  if (first === undefined || second === undefined) return `leave ${own} out, or build on another image (on:)`;
  if (first === second && isOnlyVersion?.(own) === true) return `leave ${own} out`;
  if (first === second) return `ask for another version of ${own}, or leave it out`;
  return kind === 'versions' && chainA.length === 1 && chainB.length === 1
    ? `keep one of ${first} and ${second}`
    : `leave out ${first} or ${second}`;
}

/** The reasons that the user can do something about, the surest remedy first. */
const remedies: readonly RejectionReason[] = [
  'excluded',
  'pinned',
  'installed',
  'outranked',
  'broken',
  'version',
  'missing',
  'architecture',
];

function adviseUnmet(conflict: Extract<Conflict, { type: 'unmet' }>, options: AdviceOptions): string | undefined {
  const leaves = leavesOf(conflict);
  if (leaves.some(({ rejection }) => (rejection.found?.elsewhere ?? []).length > 0)) return undefined;
  for (const reason of remedies) {
    const leaf = leaves.find(({ rejection }) => rejection.reason === reason);
    if (leaf !== undefined) return remedy(leaf, conflict.chain[0] ?? nameOf(conflict.by), options);
  }
  const clash = causesOf(conflict).find((cause) => cause.type === 'clash');
  return clash?.type === 'clash' ? adviseClash(clash, options) : undefined;
}

/** It is in every image, so nobody can leave it out. */
const baseName = 'base-files';

interface Leaf {
  readonly rejection: Rejection;
  readonly needs: Dependency | undefined;
}

function leavesOf(conflict: Conflict): readonly Leaf[] {
  if (conflict.type !== 'unmet') return [];
  return conflict.rejected.flatMap((rejection) =>
    rejection.causes.length === 0 ? [{ rejection, needs: conflict.needs }] : rejection.causes.flatMap(leavesOf),
  );
}

function causesOf(conflict: Conflict): readonly Conflict[] {
  if (conflict.type !== 'unmet') return [conflict];
  return conflict.rejected.flatMap(({ causes }) => causes.flatMap(causesOf));
}

function remedy(
  { rejection, needs = [] }: Leaf,
  request: string,
  { isOnlyVersion }: AdviceOptions,
): string | undefined {
  const { candidate, reason } = rejection;
  const name = nameOf(candidate);
  const isOnly = isOnlyVersion?.(request) === true;
  const wanted = orList(needs.slice(0, 3).map(renderRelation));
  switch (reason) {
    case 'excluded':
      return `take ${name}- out of packages:${request === baseName ? '' : `, or leave out ${request}`}`;
    case 'pinned':
      return `change that pin, or leave out ${request}`;
    case 'outranked':
      return `ask for that version: ${candidate.replace(' ', '=')}`;
    case 'version':
      if (isOnly) return `name an archive that has ${wanted} under archives:, or leave out ${request}`;
      return `ask for another version of ${request}, or name an archive that has ${wanted} under archives:`;
    case 'missing':
      return `name the archive that has ${wanted} under archives:, or its .deb under packages:`;
    case 'installed':
      return `leave ${request} out, or build on another image (on:)`;
    case 'broken':
      return `leave out ${request}, or have the archive of ${name} repaired`;
    case 'architecture':
    case 'causes':
      return isOnly ? `leave out ${request}` : `leave out ${request}, or ask for another version of it`;
  }
}
