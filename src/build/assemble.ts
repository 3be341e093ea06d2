import picomatch from 'picomatch';
import type { ImageSpec } from '../config/spec.ts';
import type { WorkerPool } from '../content/pool.ts';
import type { Content, UsrLayout } from '../content/types.ts';
import { placePath } from '../content/usr-merge.ts';
import { satisfiesVersion } from '../distro/debian/version.ts';
import type { PackageRecord, Relation } from '../distro/types.ts';
import { baseLayout } from '../effects/base-layout.ts';
import { type Diversion, diversionsOf } from '../effects/diversions.ts';
import { generateEntries } from '../effects/generate-entries.ts';
import type {
  CertificateFile,
  EffectEntry,
  EffectInput,
  EffectPackage,
  EffectResult,
  GeneratedEntry,
} from '../effects/types.ts';
import { SlimimageError } from '../errors.ts';
import type { Memo } from '../store/memo.ts';
import type { Bytecode } from './bytecode.ts';
import { configuredPath } from './configured-paths.ts';
import { type ConfiguredNode, copyHostFiles } from './copied-files.ts';
import type { ListOptions } from './host-files.ts';
import { type MergeNote, mergePackages } from './merge.ts';
import { applyScriptedPermissions, changePermissions, settleOwners } from './owners.ts';
import { rememberMediaTypes } from './remember-media-types.ts';
import { dropReservedPaths } from './reserved-paths.ts';
import { sharedNames } from './shared-names.ts';
import { completeFolders, type ImageTree, parentOf, type TreeNode } from './tree.ts';
import { donorTree, treeView } from './tree-view.ts';
import type { BytecodeReport } from './types.ts';

/** Everything that decides about an image's file tree. */
export interface AssembleInput {
  readonly spec: ImageSpec;
  /** Debian architecture. */
  readonly architecture: string;
  readonly layout: UsrLayout;
  /** Installed packages, by name. */
  readonly packages: ReadonlyMap<string, { readonly record: PackageRecord; readonly content: Content }>;
  /** Package names in dependency order. */
  readonly order: readonly string[];
  /** Packages that are read and not installed, by name. */
  readonly donors: ReadonlyMap<string, { readonly content: Content }>;
  readonly certificates: readonly CertificateFile[];
  readonly pool: WorkerPool;
  /** The configuration's or SOURCE_DATE_EPOCH; undefined: the newest file time among the packages, the image below's own time. */
  readonly created: number | undefined;
  /** The image of `on:`, as far as the tree is concerned. */
  readonly base: AssembleBase | undefined;
  /** Files of `files: { image: }`, by their place in the list. */
  readonly imageFiles: ReadonlyMap<number, string>;
  /** What on the host is the build's own, and goes into no image; undefined: nothing. */
  readonly isOwn?: ListOptions['isOwn'];
  /** Compiles the Python modules of the tree; undefined: nobody asks for it. */
  readonly compile?: ((tree: ImageTree) => Promise<Bytecode | undefined>) | undefined;
  /** Where dear effects are remembered; undefined: they are made anew. */
  readonly memo?: Memo | undefined;
  /** Account name -> number, of a lock. */
  readonly lockedIds?: ReadonlyMap<string, number> | undefined;
}

export interface AssembleBase {
  readonly nodes: readonly TreeNode[];
  /** Contents of the few files that effects read. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Seconds since the epoch, where its config says. */
  readonly created: number | undefined;
}

export interface AssembledTree {
  readonly tree: ImageTree;
  readonly created: number;
  /** Whether the configuration or SOURCE_DATE_EPOCH says it; else the packages' newest file, or the image below. */
  readonly createdIsGiven: boolean;
  readonly effects: EffectResult;
  /** Every entry that a rule made, with its reason; what is in the tree by now may be the configuration's instead. */
  readonly generated: readonly GeneratedEntry[];
  readonly notes: readonly MergeNote[];
  /** Undefined: no Python module was compiled. */
  readonly bytecode?: BytecodeReport | undefined;
  /** As in CopiedFiles. */
  readonly leftOut: readonly string[];
}

/**
 * From contents and configuration to the image's tree: packages are merged, files and paths of the configuration take
 * their places, effects add what maintainer scripts would have left, owners and permissions are settled last.
 */
export async function assembleTree(input: AssembleInput): Promise<AssembledTree> {
  const { spec, base } = input;
  const { tree, notes } = mergePackages(mergeInputs(input), {
    order: input.order,
    diversions: diversions(input),
    satisfies: satisfiesRelation,
    base: base?.nodes ?? [],
  });
  const reserved = dropReservedPaths(tree);
  const created = input.created ?? Math.max(base?.created ?? 0, newestFileTime(tree));
  keepSpecialPermissions(tree, spec.specialPermissions);
  // The layout comes first: what is configured goes through its links and into its folders.
  const layout = baseLayout(effectInput(tree, input, created));
  placeGenerated(tree, layout, base);
  const { configured, leftOut } = await placeConfigured(tree, { ...input, created });
  const bytecode = await input.compile?.(tree);
  const given = effectInput(tree, input, created);
  const mediaTypes = input.memo === undefined ? undefined : await rememberMediaTypes(given, input.memo);
  const effects = generateEntries({ ...given, bytecode: bytecode?.files, mediaTypes });
  placeGenerated(tree, effects.entries, base);
  completeFolders(tree, created);
  settleOwners(tree, { configured, effects });
  applyScriptedPermissions(tree, effects);
  for (const setting of spec.paths) if (setting.type === 'permissions') changePermissions(tree, setting, effects);
  limitTimes(tree, created);
  return {
    tree,
    created,
    createdIsGiven: input.created !== undefined,
    effects,
    generated: [...layout, ...effects.entries],
    notes: [...notes, ...reserved],
    bytecode: bytecode?.report,
    leftOut,
  };
}

function placeGenerated(tree: ImageTree, entries: readonly GeneratedEntry[], base: AssembleBase | undefined): void {
  for (const { content, rule, because: _, ...entry } of entries) {
    if (isBelow(tree.get(entry.path), { entry, content, base })) continue;
    const source =
      content === undefined ? ({ type: 'none', rule } as const) : ({ type: 'bytes', bytes: content, rule } as const);
    place(tree, { entry, source });
  }
}

function mergeInputs({ packages }: AssembleInput) {
  return [...packages].map(([name, { record, content }]) => ({
    name,
    version: record.version,
    replaces: record.replaces,
    content,
  }));
}

function contentsOf({ packages }: AssembleInput): ReadonlyMap<string, Content> {
  return new Map([...packages].map(([name, { content }]) => [name, content]));
}

/** In merged layouts, diversions that only guard files against /usr merging have nothing left to guard. */
function diversions({ packages, layout }: AssembleInput): readonly Diversion[] {
  const scripts = [...packages.values()].map(({ content: { index } }) => ({
    name: index.name,
    scripts: index.scripts,
  }));
  return diversionsOf(scripts)
    .filter(({ to }) => !to.endsWith('.usr-is-merged'))
    .map((diversion) => ({
      ...diversion,
      from: placePath(diversion.from, layout),
      to: placePath(diversion.to, layout),
    }))
    .filter(({ from, to }) => from !== to);
}

function satisfiesRelation(version: string, { operator, version: bound }: Relation): boolean {
  return operator === undefined || bound === undefined || satisfiesVersion(version, { operator, version: bound });
}

function newestFileTime(tree: ImageTree): number {
  let newest = 0;
  for (const { entry, source } of tree.nodes()) {
    if (source.type === 'package' && entry.type === 'file' && entry.mtime > newest) newest = entry.mtime;
  }
  return newest;
}

/** Gives back what conversion stripped, for the paths that the configuration names. */
function keepSpecialPermissions(tree: ImageTree, globs: readonly string[]): void {
  if (globs.length === 0) return;
  const kept = picomatch(
    globs.map((glob) => glob.replace(/^\/+/, '')),
    { dot: true },
  );
  const namesOf = sharedNames(tree);
  for (const { entry, source } of [...tree.nodes()]) {
    if (source.type !== 'package' || source.origin.stripped === undefined) continue;
    if (!namesOf(entry.path).some((name) => kept(name))) continue;
    const { mode = entry.mode, capability } = source.origin.stripped;
    const xattrs =
      capability === undefined
        ? entry.xattrs
        : new Map([
            ...(entry.xattrs ?? []),
            ['security.capability', new Uint8Array(Buffer.from(capability, 'hex'))] as const,
          ]);
    tree.set({ entry: { ...entry, mode, xattrs }, source: { ...source, intact: false } });
  }
}

async function placeConfigured(
  tree: ImageTree,
  input: AssembleInput & { readonly created: number },
): Promise<{ readonly configured: readonly ConfiguredNode[]; readonly leftOut: readonly string[] }> {
  const { spec, pool, created, isOwn } = input;
  const placed: ConfiguredNode[] = [];
  const leftOut: string[] = [];
  const add = (nodes: readonly ConfiguredNode[]) => {
    for (const one of nodes) {
      place(tree, one.node);
      placed.push(one);
    }
  };
  const addPaths = (chosen: (afterFiles: number | undefined) => boolean) => {
    for (const setting of spec.paths) {
      if (setting.type !== 'permissions' && chosen(setting.afterFiles))
        add([configuredPath(setting, { tree, created })]);
    }
  };
  for (const [at, setting] of spec.files.entries()) {
    addPaths((afterFiles) => afterFiles === at);
    const source = input.imageFiles.get(at) ?? setting.source;
    const copied = await copyHostFiles({ ...setting, source }, { tree, pool, created, isOwn });
    add(copied.nodes);
    leftOut.push(...copied.leftOut);
  }
  addPaths((afterFiles) => afterFiles === undefined || afterFiles >= spec.files.length);
  return { configured: placed, leftOut };
}

/** The configuration and the effects may replace a file, never a folder that has something in it. */
function place(tree: ImageTree, node: TreeNode): void {
  const { path, type } = node.entry;
  const existing = tree.get(path)?.entry.type;
  if (existing === 'directory' && type !== 'directory' && tree.childrenOf(path).length > 0) {
    throw new SlimimageError({
      code: 'FILE_CONFLICT',
      message: `/${path} is a folder with files in it; a ${type} can't take its place`,
      hint: 'Choose another path, or exclude what is in the folder.',
    });
  }
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    const above = tree.get(parent)?.entry.type;
    if (above === undefined || above === 'directory') continue;
    throw new SlimimageError({ code: 'FILE_CONFLICT', message: `/${path} can't be added: /${parent} is a ${above}` });
  }
  tree.set(node);
}

function effectInput(tree: ImageTree, input: AssembleInput, created: number): EffectInput {
  return {
    packages: effectPackages(tree, input),
    tree: treeView(tree, { contents: contentsOf(input), baseFiles: input.base?.files ?? new Map() }),
    donors: new Map([...input.donors].map(([name, { content }]) => [name, donorTree(content)])),
    settings: effectSettings(input, created),
  };
}

function effectPackages(tree: ImageTree, { packages }: AssembleInput): readonly EffectPackage[] {
  const files = new Map<string, { path: string; md5: string }[]>([...packages.keys()].map((name) => [name, []]));
  for (const { entry, source } of tree.nodes()) {
    if (source.type !== 'package') continue;
    const md5sums = packages.get(source.package)?.content.index.md5sums ?? {};
    const md5 = Object.hasOwn(md5sums, source.origin.path) ? md5sums[source.origin.path] : undefined;
    if (md5 !== undefined) files.get(source.package)?.push({ path: entry.path, md5 });
  }
  return [...packages].map(([name, { content }]) => {
    const { version, architecture, control, scripts, conffiles } = content.index;
    return {
      name,
      version,
      architecture,
      control,
      scripts,
      conffiles: conffiles.map((path) => `/${path}`),
      files: files.get(name) ?? [],
    };
  });
}

function effectSettings(input: AssembleInput, created: number) {
  const { spec, architecture, layout, certificates, base } = input;
  const existing = (name: string) => Buffer.from(base?.files.get(name) ?? []).toString('utf8');
  const owners = [...spec.files, ...spec.paths].flatMap(({ owner }) => (owner === undefined ? [] : [owner]));
  return {
    base: spec.base,
    layout,
    architecture,
    locales: spec.locales,
    created,
    users: spec.accounts.users,
    groups: spec.accounts.groups,
    owners,
    user: spec.config.user,
    certificates,
    lockedIds: input.lockedIds,
    existing: base === undefined ? undefined : { passwd: existing('etc/passwd'), group: existing('etc/group') },
  };
}

interface GeneratedFile {
  readonly entry: EffectEntry;
  readonly content: Uint8Array | undefined;
  readonly base: AssembleBase | undefined;
}

/** The image below has this very file: a new layer need not repeat it, only for its time. */
function isBelow(existing: TreeNode | undefined, { entry, content, base }: GeneratedFile): boolean {
  const below = base?.files.get(entry.path);
  if (existing?.source.type !== 'base' || content === undefined || below === undefined) return false;
  const { type, mode, uid, gid } = existing.entry;
  const isSame = type === entry.type && mode === entry.mode && uid === entry.uid && gid === entry.gid;
  return isSame && Buffer.compare(below, content) === 0;
}

/** No file is newer than the image (contract.md, "Bytes"). */
function limitTimes(tree: ImageTree, created: number): void {
  for (const { entry, source } of [...tree.nodes()]) {
    if (source.type === 'base' || entry.mtime <= created) continue;
    tree.set({
      entry: { ...entry, mtime: created },
      source: source.type === 'package' ? { ...source, intact: false } : source,
    });
  }
}
