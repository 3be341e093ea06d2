import type { ImageSpec } from '../../config/spec.ts';
import { compileFilters, defaultOmission, extendFilters } from '../../content/filters.ts';
import { baseName, isWithin } from '../../rootfs/path.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { MergeNote } from '../merge.ts';
import type { TreeNode } from '../tree.ts';
import { followLinks } from './follow-links.ts';
import type { WhyOrigin, WhyPath } from './types.ts';

export interface TreePathAnswer {
  readonly path: WhyPath;
  readonly notes: readonly string[];
  /** Paths that end in the same name, where this one is not there. */
  readonly nearest: readonly string[];
}

interface Assembled {
  readonly spec: ImageSpec;
  readonly assembled: Pick<AssembledPlatform, 'assembled' | 'contents' | 'imageFiles' | 'whole' | 'pruning'>;
}

/** What put a path into an assembled tree, or left it out. */
export function whyTreePath(thing: string, { spec, assembled }: Assembled): TreePathAnswer {
  const { tree } = assembled.assembled;
  const linkTarget = (path: string) => {
    const entry = tree.get(path)?.entry;
    return entry?.type === 'symlink' ? (entry.linkTarget ?? '') : undefined;
  };
  const { path, links } = followLinks(thing, linkTarget);
  const originAt = (at: string) => originOf(at, tree.get(at), { spec, assembled });
  const node = tree.get(path);
  const origin = originAt(path);
  return {
    path: {
      path: `/${path}`,
      links: links.map((link) => ({ ...link, path: `/${link.path}`, origin: originAt(link.path) })),
      type: node?.entry.type ?? (path === '' ? 'directory' : undefined),
      origin,
    },
    notes: [
      ...mergeNotes(path, assembled.assembled.notes),
      ...strippedNotes(node),
      ...(origin.type === 'below' ? [`slimimage why /${path} ${origin.image} tells more`] : []),
    ],
    nearest: origin.type === 'missing' ? sameName(path, tree.nodes()) : [],
  };
}

function originOf(path: string, node: TreeNode | undefined, { spec, assembled }: Assembled): WhyOrigin {
  if (node === undefined) return path === '' ? folderOrigin('', assembled) : absentOrigin(path, { spec, assembled });
  const { source, entry } = node;
  if (source.type === 'base') return { type: 'below', image: spec.on ?? '' };
  const sharers = entry.type === 'directory' ? folderOrigin(path, assembled) : undefined;
  if (source.type === 'package') {
    if (sharers !== undefined) return sharers;
    const packagedAs = source.origin.path === path ? undefined : `/${source.origin.path}`;
    return { type: 'package', package: source.package, packagedAs };
  }
  const { rule } = source;
  if (/^(?:files|paths):/.test(rule))
    return { type: 'configured', entry: rule, ...sourceOf(node, { spec, assembled }) };
  if (rule === 'parent folder' && sharers !== undefined) return sharers;
  const made = assembled.assembled.generated.find((entry) => entry.path === path);
  return { type: 'rule', rule, because: made?.because ?? 'something lies in it' };
}

/** What an image gave was unpacked for the time of the build: its place there says nothing. */
function sourceOf({ source }: TreeNode, { spec, assembled }: Assembled) {
  if (source.type !== 'file') return { source: undefined, image: undefined };
  for (const [at, { place }] of assembled.imageFiles) {
    const from = spec.files[at];
    if (from === undefined || (source.file !== place && !isWithin(source.file, place))) continue;
    const below = source.file.slice(place.length);
    return { source: `${from.source.replace(/\/+$/, '')}${below}`, image: from.image };
  }
  return { source: source.file, image: undefined };
}

/** Everything that has the folder or something in it. */
function folderOrigin(path: string, { contents, assembled }: Assembled['assembled']): WhyOrigin {
  const owners = new Set<string>();
  for (const [name, { content }] of contents.packages) {
    if (content.index.entries.some((entry) => entry.type === 'directory' && entry.path === path)) owners.add(name);
  }
  for (const below of assembled.tree.below(path)) {
    const source = assembled.tree.get(below)?.source;
    if (source?.type === 'package') owners.add(source.package);
  }
  return { type: 'folder', packages: [...owners].sort(compareStrings) };
}

function absentOrigin(path: string, { spec, assembled }: Assembled): WhyOrigin {
  for (const [name, { content }] of assembled.contents.packages) {
    const left = content.index.omitted.find((omitted) => omitted.path === path || isWithin(omitted.path, path));
    if (left !== undefined) return { type: 'omitted', package: name, because: filterOf(left.path, name, spec) };
  }
  for (const { package: name, grade } of assembled.pruning.cuts) {
    const entries = assembled.whole.contents.packages.get(name)?.content.index.entries ?? [];
    const because = `cut by dependencies: runtime, ${grade}; keep: [${name}] keeps it`;
    if (entries.some((entry) => entry.path === path)) return { type: 'omitted', package: name, because };
  }
  for (const note of assembled.assembled.notes) {
    if (note.path !== path) continue;
    if (note.type === 'reserved')
      return { type: 'omitted', package: note.package, because: 'the image and its runtime have their own' };
    if (note.type === 'diverted')
      return { type: 'omitted', package: note.package, because: `${note.by} diverts it to /${note.to}` };
    if (note.type === 'relocated')
      return { type: 'omitted', package: note.package, because: `it is at /${note.to}: the folder is a link` };
  }
  return { type: 'missing' };
}

/** Which filter leaves a path of a package out. */
function filterOf(path: string, name: string, spec: ImageSpec): string {
  const own = spec.exclude.find(({ package: only, glob }) => {
    if (only !== undefined && only !== name) return false;
    const nothing = { exclude: [], include: [] };
    return !compileFilters(extendFilters(nothing, { exclude: [glob], include: [] }))(path);
  });
  if (own !== undefined) return `exclude: /${own.glob}`;
  const what = defaultOmission(path) ?? 'it';
  return `${what} by default; include: /${path} keeps it`;
}

function mergeNotes(path: string, notes: readonly MergeNote[]): readonly string[] {
  return notes.flatMap((note) => {
    if (note.type === 'replaced' && note.path === path) return [`${note.loser} has it too: ${note.winner} Replaces it`];
    if (note.type === 'diverted' && note.to === path)
      return [`${note.package} has it as /${note.path}, which ${note.by} diverts`];
    if (note.type === 'directory-differs' && note.path === path)
      return [`Mode and owner are those of ${note.winner}; ${note.loser} has others`];
    if (note.type === 'link-dropped' && note.path === path)
      return [`${note.loser} has a link here; the folder of ${note.winner} stays`];
    return [];
  });
}

function strippedNotes(node: TreeNode | undefined): readonly string[] {
  if (node?.source.type !== 'package' || node.source.origin.stripped === undefined) return [];
  const { mode, capability } = node.source.origin.stripped;
  const keep = 'special-permissions: keeps such';
  const notes = [];
  if (mode !== undefined && mode !== node.entry.mode)
    notes.push(`Its mode in the package is ${mode.toString(8)}: special permissions are stripped, ${keep}`);
  if (capability !== undefined && node.entry.xattrs?.has('security.capability') !== true)
    notes.push(`Its capabilities in the package are stripped; ${keep}`);
  return notes;
}

const shownPaths = 3;

function sameName(path: string, nodes: Iterable<TreeNode>): readonly string[] {
  const name = baseName(path);
  const found: string[] = [];
  for (const { entry } of nodes) {
    if (baseName(entry.path) === name && !isWithin(entry.path, 'var/lib/dpkg')) found.push(`/${entry.path}`);
  }
  return found.sort(compareStrings).slice(0, shownPaths);
}
