import { stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import type { FileSetting, ImageSpec } from '../../config/spec.ts';
import type { ProvenanceFiles } from '../../provenance/types.ts';
import type { SbomSource } from '../../sbom/types.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { destinationOf } from '../copied-files.ts';
import type { Session } from '../session.ts';
import type { ImageTree, TreeNode } from '../tree.ts';
import { paperImage, paperPath } from './configured-places.ts';
import { filesDigest } from './files-digest.ts';
import { type CheckedOut, type GitState, gitState } from './git-state.ts';

/** Where the files of `files:` came from. */
export interface FileSources {
  /** In the order of the configuration. */
  readonly list: readonly SbomSource[];
  /** Index into `list` of the entry that a file of the image came with. */
  indexOf(node: TreeNode): number | undefined;
  /** What was copied that neither a commit nor the digest of an image names. */
  readonly others: readonly ProvenanceFiles[];
}

/** The entries of `files:`, with what git knows of their folders and the digests of images that they name. */
export async function fileSources(
  spec: Pick<ImageSpec, 'files' | 'directory'>,
  platform: Pick<AssembledPlatform, 'assembled' | 'imageFiles'>,
  session: Pick<Session, 'env' | 'signal'>,
): Promise<FileSources> {
  const { imageFiles, assembled } = platform;
  const roots = spec.files.map(({ source }, at) => imageFiles.get(at)?.place ?? source);
  const indexOf = ({ source }: TreeNode) => {
    if (source.type !== 'file') return undefined;
    const { file, rule } = source;
    const at = spec.files.findLastIndex(
      ({ path }, index) => rule === ruleOf(path) && isBelow(file, roots[index] as string),
    );
    return at < 0 ? undefined : at;
  };
  const byEntry = entriesOf(assembled.tree, indexOf, spec.files.length);
  const list = await Promise.all(
    spec.files.map(async (setting, at): Promise<SbomSource> => {
      const { image, path } = setting;
      const git =
        image === undefined
          ? await stateOf(setting, { nodes: byEntry[at] ?? [], tree: assembled.tree, session })
          : undefined;
      const name = image === undefined ? paperPath(setting.source, spec) : setting.source;
      return { name, path, git, image: imageFiles.get(at)?.digest };
    }),
  );
  const others = spec.files.flatMap((setting, at): readonly ProvenanceFiles[] => {
    const { name, git, image } = list[at] as SbomSource;
    const nodes = byEntry[at] ?? [];
    if (git !== undefined || image !== undefined || nodes.length === 0) return [];
    const root = roots[at] as string;
    const isFile = nodes.some(({ source }) => source.type === 'file' && source.file === root);
    const links = isFile ? new Map() : linksOf({ ...setting, source: root }, assembled.tree);
    const digest = filesDigest({ root, nodes, links });
    const from = setting.image === undefined ? name : `${paperImage(setting.image, spec)} ${name}`;
    return digest === undefined ? [] : [{ type: 'files', name: from, ...digest }];
  });
  return { list, indexOf, others };
}

/** As copied-files.ts calls what it places. */
function ruleOf(path: string): string {
  return `files: ${path}`;
}

function isBelow(file: string, root: string): boolean {
  return file === root || file.startsWith(root.endsWith('/') ? root : `${root}/`);
}

function entriesOf(tree: ImageTree, indexOf: FileSources['indexOf'], count: number): readonly (readonly TreeNode[])[] {
  const entries = Array.from({ length: count }, (): TreeNode[] => []);
  if (count === 0) return entries;
  for (const node of tree.nodes()) {
    const at = indexOf(node);
    if (at !== undefined) entries[at]?.push(node);
  }
  return entries;
}

interface StateContext {
  /** Files that the entry has in the image. */
  readonly nodes: readonly TreeNode[];
  readonly tree: ImageTree;
  readonly session: Pick<Session, 'env' | 'signal'>;
}

async function stateOf(setting: FileSetting, { nodes, tree, session }: StateContext): Promise<GitState | undefined> {
  const source = resolve(setting.source);
  const info = await stat(source).catch(() => undefined);
  const files = nodes.flatMap(({ source: { ...from } }) => (from.type === 'file' ? [from.file] : []));
  if (info === undefined || files.length === 0) return undefined;
  const checkedOut: CheckedOut = info.isDirectory()
    ? { folder: source, paths: [...files.map((file) => relative(source, file)), ...linksOf(setting, tree).keys()] }
    : { folder: dirname(source), only: basename(source), paths: [basename(source)] };
  return gitState(checkedOut, session);
}

/** Symbolic links know no file that they came from: what lies in the entry's place by its rule. */
function linksOf(setting: FileSetting, tree: ImageTree): ReadonlyMap<string, string> {
  const rule = ruleOf(setting.path);
  const destination = destinationOf(setting, { type: 'directory', name: basename(setting.source) }, tree);
  const links = new Map<string, string>();
  for (const { entry, source } of tree.nodes())
    if (entry.type === 'symlink' && source.type === 'none' && source.rule === rule)
      links.set(relative(`/${destination}`, `/${entry.path}`), entry.linkTarget ?? '');
  return links;
}
