import { compareStrings } from '../util/text.ts';
import type { AlternativeCall } from './alternative-calls.ts';

/** An alternative as update-alternatives(1) keeps it in /var/lib/dpkg/alternatives/NAME. */
export interface AlternativeGroup {
  readonly name: string;
  readonly link: string;
  readonly mode: 'auto' | 'manual';
  /** Slave name -> link, sorted by name; only those that a choice has. */
  readonly slaves: ReadonlyMap<string, string>;
  /** Sorted by path. */
  readonly choices: readonly AlternativeChoice[];
  readonly current: AlternativeChoice;
}

export interface AlternativeChoice {
  readonly path: string;
  readonly priority: number;
  /** Slave name -> path. */
  readonly slaves: ReadonlyMap<string, string>;
  /** Who asked for it, in words. */
  readonly source: string;
}

export interface SourcedCall {
  readonly call: AlternativeCall;
  readonly source: string;
  /** It hangs on a condition that nobody knows: it adds what is not there, and changes nothing else. */
  readonly isDoubtful: boolean;
}

interface Draft {
  link: string;
  mode: 'auto' | 'manual';
  current: string;
  readonly slaves: Map<string, string>;
  choices: AlternativeChoice[];
}

/**
 * Plays calls in their order, as update-alternatives does: the highest priority wins; of equals the one that is chosen
 * already, else the first by path. `exists` says which paths are there: a choice without its file is refused, as
 * update-alternatives does, so the next best is taken.
 */
export function playAlternatives(
  calls: readonly SourcedCall[],
  exists: (path: string) => boolean,
): readonly AlternativeGroup[] {
  const drafts = new Map<string, Draft>();
  for (const { call, source, isDoubtful } of calls) {
    const known = drafts.get(call.name)?.choices.some(({ path }) => 'path' in call && path === call.path) === true;
    if (!isDoubtful || (call.action === 'install' && !known)) play(drafts, call, { source, exists });
  }
  return [...drafts]
    .sort(([a], [b]) => compareStrings(a, b))
    .flatMap(([name, draft]) => {
      const choices = draft.choices.toSorted(byPath);
      const current = choices.find(({ path }) => path === draft.current);
      if (current === undefined) return [];
      const used = [...draft.slaves].filter(([slave]) => choices.some(({ slaves }) => slaves.has(slave)));
      used.sort(([a], [b]) => compareStrings(a, b));
      return [{ name, link: draft.link, mode: draft.mode, slaves: new Map(used), choices, current }];
    });
}

/** The file that update-alternatives keeps about a group (alternative_save in its source). */
export function formatAlternative({ mode, link, slaves, choices }: AlternativeGroup): string {
  const head = [mode, link, ...[...slaves].flat(), ''];
  const body = choices.flatMap((choice) => [
    choice.path,
    String(choice.priority),
    ...[...slaves.keys()].map((slave) => choice.slaves.get(slave) ?? ''),
  ]);
  return [...head, ...body, '', ''].join('\n');
}

function play(
  drafts: Map<string, Draft>,
  call: AlternativeCall,
  { source, exists }: { readonly source: string; readonly exists: (path: string) => boolean },
): void {
  const draft = drafts.get(call.name);
  switch (call.action) {
    case 'install':
      if (exists(call.path)) install(drafts, call, source);
      return;
    case 'remove-all':
      drafts.delete(call.name);
      return;
    case 'auto':
      if (draft !== undefined) choose(draft);
      return;
    case 'set':
      if (draft?.choices.some(({ path }) => path === call.path) !== true) return;
      draft.mode = 'manual';
      draft.current = call.path;
      return;
    case 'remove':
      if (draft === undefined) return;
      draft.choices = draft.choices.filter(({ path }) => path !== call.path);
      if (draft.choices.length === 0) drafts.delete(call.name);
      else if (draft.current === call.path || draft.mode === 'auto') choose(draft);
  }
}

function install(drafts: Map<string, Draft>, call: AlternativeCall & { action: 'install' }, source: string): void {
  const draft = drafts.get(call.name) ?? {
    link: call.link,
    mode: 'auto' as const,
    current: '',
    slaves: new Map<string, string>(),
    choices: [],
  };
  drafts.set(call.name, draft);
  draft.link = call.link;
  for (const { name, link } of call.slaves) draft.slaves.set(name, link);
  const slaves = new Map(call.slaves.map(({ name, path }) => [name, path]));
  const choice = { path: call.path, priority: call.priority, slaves, source };
  draft.choices = [...draft.choices.filter(({ path }) => path !== call.path), choice];
  if (draft.mode === 'auto') choose(draft);
}

function choose(draft: Draft): void {
  draft.mode = 'auto';
  const known = draft.choices.toSorted(byPath);
  const first = known.find(({ path }) => path === draft.current) ?? known[0];
  if (first === undefined) return;
  draft.current = known.reduce((best, choice) => (choice.priority > best.priority ? choice : best), first).path;
}

function byPath(a: AlternativeChoice, b: AlternativeChoice): number {
  return compareStrings(a.path, b.path);
}
