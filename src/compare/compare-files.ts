import { type ChangedAspect, compareEntries } from '../rootfs/compare-entries.ts';
import { diffRootfs } from '../rootfs/diff.ts';
import type { LayerEntry } from '../rootfs/entry.ts';
import { compareStrings } from '../util/text.ts';
import type { ImagePackage, ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';
import { compareHardLinks, type HardLinkChange } from './compare-hard-links.ts';
import { explainAlternatives } from './explain-alternatives.ts';
import { explainFolders } from './explain-folders.ts';
import { explainByDatabase } from './package-database.ts';
import { pairMoves } from './pair-moves.ts';
import type { FileAspect, FileChange, FileState, FilesDifference } from './types.ts';

export interface FileSide {
  readonly view: Pick<ImageView, 'rootfs'>;
  readonly packages: ImagePackages;
}

export interface CompareFilesOptions {
  /** Names of the packages that changed: they explain what became of their files. */
  readonly changedPackages: ReadonlySet<string>;
  /** Files that differ in time alone are changes too. */
  readonly times?: boolean | undefined;
}

/** What became of every path of a tree: added, removed, changed, moved; whose it is, and what package's change explains it. */
export function compareFiles(from: FileSide, to: FileSide, options: CompareFilesOptions): FilesDifference {
  const { changedPackages, times = false } = options;
  const { added, removed, changed } = diffRootfs(from.view.rootfs, to.view.rootfs);
  const moves = pairMoves(removed, added);
  const links = compareHardLinks(from.view.rootfs, to.view.rootfs);
  const changedSources = sourcesOf([from, to], changedPackages);
  const changes: FileChange[] = [];
  let timesOnly = 0;

  function note(
    change: FileChange['change'],
    entries: { readonly before?: LayerEntry | undefined; readonly after?: LayerEntry | undefined },
    aspects: readonly FileAspect[] = [],
  ): void {
    const { before, after } = entries;
    const path = (after ?? before)?.path ?? '';
    const packages = ownerNames(from, to, { before: before?.path, after: after?.path });
    const link = links.get(path);
    changes.push({
      change,
      path: `/${path}`,
      movedFrom: change === 'moved' ? `/${before?.path ?? ''}` : undefined,
      aspects,
      from: withLink(stateOf(before), aspects, link?.from),
      to: withLink(stateOf(after), aspects, link?.to),
      packages,
      explainedBy:
        packages.find((name) => changedPackages.has(name)) ??
        explainByDatabase(path, changedPackages) ??
        (packages.length === 0 ? explainByTarget(before, after) : undefined),
    });
  }

  /**
   * Lists of checksums name no links: they belong to whom the file belongs that they lead to. `libz.so`, for those who compile, is of
   * another package of the same source.
   */
  function explainByTarget(before: LayerEntry | undefined, after: LayerEntry | undefined): string | undefined {
    const owners = [...targetOwners(from, before), ...targetOwners(to, after)];
    const [named] = owners.filter(({ name }) => changedPackages.has(name));
    const isForCompilers = (before === undefined || after === undefined) && (after ?? before)?.path.endsWith('.so');
    if (named !== undefined || isForCompilers !== true) return named?.name;
    return owners.map(({ source }) => changedSources.get(source.name)).find((name) => name !== undefined);
  }

  const differing = new Set<string>();
  for (const { before, after, aspects } of changed) {
    const told = [...aspectsToTell(aspects, times), ...linkAspect(links.get(before.path))];
    if (aspects.length === 1 && aspects[0] === 'time') timesOnly++;
    if (told.length > 0) note('changed', { before, after }, told);
    differing.add(before.path);
  }
  for (const path of links.keys()) {
    const [before, after] = [from, to].map(({ view }) => view.rootfs.get(path)?.entry);
    if (!differing.has(path)) note('changed', { before, after }, ['hard-link']);
  }
  for (const [before, after] of moves.pairs) {
    const aspects = compareEntries(before, after);
    note('moved', { before, after }, aspectsToTell(aspects, times));
  }
  for (const before of removed) if (!moves.gone.has(before)) note('removed', { before });
  for (const after of added) if (!moves.come.has(after)) note('added', { after });
  return { changes: explainFolders(explainAlternatives(sortByPath(changes))), timesOnly };
}

/** Source -> one of its packages that changed. */
function sourcesOf(sides: readonly FileSide[], changedPackages: ReadonlySet<string>): ReadonlyMap<string, string> {
  const all = sides.flatMap(({ packages }) => packages.packages);
  return new Map(all.flatMap(({ name, source }) => (changedPackages.has(name) ? [[source.name, name] as const] : [])));
}

/** Another content says that the size may be another; times are noise beside what else changed. */
function aspectsToTell(aspects: readonly ChangedAspect[], times: boolean): readonly ChangedAspect[] {
  const hasContent = aspects.includes('content');
  return aspects.filter((aspect) => (aspect !== 'time' || times) && (aspect !== 'size' || !hasContent));
}

function linkAspect(link: HardLinkChange | undefined): readonly FileAspect[] {
  return link === undefined ? [] : ['hard-link'];
}

function withLink(
  state: FileState | undefined,
  aspects: readonly FileAspect[],
  link: string | undefined,
): FileState | undefined {
  if (state === undefined || link === undefined || !aspects.includes('hard-link')) return state;
  return { ...state, hardLink: `/${link}` };
}

function ownerNames(
  from: FileSide,
  to: FileSide,
  paths: { readonly before: string | undefined; readonly after: string | undefined },
): readonly string[] {
  const before = paths.before === undefined ? [] : from.packages.ownersOf(paths.before);
  const after = paths.after === undefined ? [] : to.packages.ownersOf(paths.after);
  if (before.length === 0 && after.length === 0) return none;
  return [...new Set([...before, ...after].map(({ name }) => name))].sort(compareStrings);
}

const none: readonly string[] = [];

function targetOwners({ view, packages }: FileSide, entry: LayerEntry | undefined): readonly ImagePackage[] {
  if (entry?.type !== 'symlink') return [];
  const target = view.rootfs.resolve(entry.path);
  if (target === undefined) return [];
  const { path, type } = target.entry;
  const owners = packages.ownersOf(path);
  if (owners.length > 0 || type !== 'directory') return owners;
  // Nor folders: they belong to whom their files belong.
  return view.rootfs
    .walk(path)
    .take(askedFiles)
    .toArray()
    .flatMap((node) => packages.ownersOf(node.entry.path));
}

/** Files of a folder that are asked whose it is. */
const askedFiles = 50;

/** A file's or folder's metadata as the difference tells it. */
export function stateOf(entry: LayerEntry | undefined): FileState | undefined {
  if (entry === undefined) return undefined;
  const { type, mode, uid, gid, size, mtime, sha256, linkTarget, xattrs } = entry;
  const isDevice = type === 'character' || type === 'block';
  return {
    type,
    mode,
    uid,
    gid,
    size,
    mtime,
    sha256,
    link: linkTarget,
    device: isDevice ? `${entry.deviceMajor ?? 0}:${entry.deviceMinor ?? 0}` : undefined,
    attributes:
      xattrs === undefined || xattrs.size === 0
        ? undefined
        : Object.fromEntries([...xattrs].map(([name, value]) => [name, hexadecimal(value)])),
  };
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As a walk gives paths: folders before what they hold, names in code-unit order. */
function sortByPath(changes: FileChange[]): readonly FileChange[] {
  // A slash sorts before whatever else a name may hold.
  const keyed = changes.map((change) => [change.path.replaceAll('/', '\0'), change] as const);
  return keyed.sort(([a], [b]) => compareStrings(a, b)).map(([, change]) => change);
}
