import { isWithin } from '../rootfs/path.ts';
import { readAlternativeCall } from './alternative-calls.ts';
import { type AlternativeGroup, formatAlternative, playAlternatives } from './alternative-groups.ts';
import { type EntryOptions, generatedFile, generatedLink } from './entries.ts';
import { postgresqlManuals } from './postgresql-manuals.ts';
import { isFileTaken } from './reserved-places.ts';
import { type ScriptCall, sourceOf } from './script-calls.ts';
import { entryAt, followPath } from './tree-paths.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

/**
 * What update-alternatives(1) leaves: LINK -> /etc/alternatives/NAME -> the choice, the same for its slaves, and the
 * file that remembers the choices, which is the real one byte for byte where every choice is in the image. A choice
 * that is not in the image does not count; a slave whose file is not (a manual page that was left out) gets no link.
 */
export function alternatives(input: EffectInput, calls: readonly ScriptCall[]): readonly GeneratedEntry[] {
  const { tree, settings } = input;
  const exists = (path: string) => entryAt(tree, path) !== undefined;
  const sourced = calls.flatMap((one) => {
    const call = readAlternativeCall(alternativeWords(one.words)) ?? postgresqlManuals(one.words, tree);
    return call === undefined ? [] : [{ call, source: sourceOf(one), isDoubtful: one.certainty === 'may-run' }];
  });
  const entries = new Map<string, GeneratedEntry>();
  const add = (entry: GeneratedEntry) => {
    if (isReservedLink(entry.path)) return;
    if (tree.get(entry.path) === undefined && !entries.has(entry.path)) entries.set(entry.path, entry);
  };
  for (const group of playAlternatives(sourced, exists)) {
    const { name, current } = group;
    const because = `${current.path} is the best choice for ${name}: ${current.source} calls update-alternatives`;
    const common = { rule: 'alternatives', because, created: settings.created } as const;
    for (const link of linksOf(group, exists)) for (const entry of linkEntries(link, { tree, common })) add(entry);
    add(generatedFile(`var/lib/dpkg/alternatives/${name}`, formatAlternative(group), common));
  }
  return [...entries.values()];
}

/** Accounts, what engines mount and what root logs in with are no alternatives of a package, whatever it asks for. */
function isReservedLink(path: string): boolean {
  return isFileTaken(path) || ['dev', 'proc', 'run', 'sys', 'root', 'home'].some((folder) => isWithin(path, folder));
}

/** mysql-common's configure-symlinks does nothing but call update-alternatives. */
function alternativeWords([command, ...words]: readonly string[]): readonly string[] {
  if (command === 'update-alternatives') return words;
  if (command !== 'configure-symlinks' || words[0] !== 'install' || words[2] === undefined) return [];
  return ['--install', '/etc/mysql/my.cnf', 'my.cnf', words[2], '200'];
}

interface AlternativeLink {
  readonly name: string;
  readonly link: string;
  readonly path: string;
}

function linksOf({ name, link, slaves, current }: AlternativeGroup, exists: (path: string) => boolean) {
  const links: AlternativeLink[] = [{ name, link, path: current.path }];
  for (const [slave, place] of slaves) {
    const path = current.slaves.get(slave);
    if (path !== undefined && exists(path)) links.push({ name: slave, link: place, path });
  }
  return links;
}

/** A file that a package has at the link's place stays, as update-alternatives leaves it. */
function linkEntries(
  { name, link, path }: AlternativeLink,
  { tree, common }: { readonly tree: EffectInput['tree']; readonly common: EntryOptions },
): readonly GeneratedEntry[] {
  const choice = generatedLink(`etc/alternatives/${name}`, path, common);
  const place = followPath(tree, link, { last: false });
  return place === undefined ? [choice] : [choice, generatedLink(place, `/${choice.path}`, common)];
}
