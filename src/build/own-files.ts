import type { ImageSpec } from '../config/spec.ts';
import { placed } from '../prune/reached.ts';
import { confinePath } from '../rootfs/path.ts';
import { sha256Hex } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import type { BaseImage } from './base-image.ts';
import { configuredPath } from './configured-paths.ts';
import type { PlatformContents } from './contents.ts';
import { copyHostFiles } from './copied-files.ts';
import type { ImageFiles } from './image-files.ts';
import type { Session } from './session.ts';
import { ImageTree, type TreeNode } from './tree.ts';

/** A file or link that `files:` or `paths:` put into the image, as pruning looks at it. */
export interface OwnFile {
  /** In the image, relative to the root. */
  readonly path: string;
  readonly type: TreeNode['entry']['type'];
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  readonly linkTarget: string | undefined;
  /** Of regular files, hexadecimal. */
  readonly sha256: string | undefined;
  /** Where the bytes are: a file of this machine, or in memory. */
  readonly content: string | Uint8Array | undefined;
}

export interface ListOwnOptions {
  readonly contents: PlatformContents;
  readonly base: BaseImage | undefined;
  /** As `copyImageFiles` gives it. */
  readonly images: ReadonlyMap<number, ImageFiles>;
  readonly session: Session;
}

/**
 * The files and links of `files:` and `paths:`, each where it will be in the image with all its packages; folders left
 * out. Sorted by path.
 * @throws SlimimageError as copyHostFiles and configuredPath
 */
export async function listOwnFiles(spec: ImageSpec, options: ListOwnOptions): Promise<readonly OwnFile[]> {
  if (spec.files.length === 0 && spec.paths.length === 0) return [];
  const { images, session } = options;
  const { pool, isOwn } = session;
  const tree = treeOf(options);
  const found = new Map<string, OwnFile>();
  const add = (node: TreeNode) => {
    tree.set(node);
    const one = ownFile(node);
    if (one !== undefined) found.set(one.path, one);
  };
  // Files go into folders and through links that the configuration makes.
  for (const setting of spec.paths) {
    if (setting.type === 'permissions') continue;
    // What it is a link to may only come with the files.
    if (setting.type === 'hardlink') found.set(...hardlink(setting.path, setting.target));
    else add(configuredPath(setting, { tree, created: 0 }).node);
  }
  for (const [at, setting] of spec.files.entries()) {
    const source = images.get(at)?.place ?? setting.source;
    const { nodes } = await copyHostFiles({ ...setting, source }, { tree, pool, created: 0, isOwn });
    for (const { node } of nodes) add(node);
  }
  return [...found.values()].sort((a, b) => compareStrings(a.path, b.path));
}

/** Where folders and links are. */
function treeOf({ contents, base }: ListOwnOptions): ImageTree {
  const tree = new ImageTree();
  for (const node of base?.nodes ?? []) tree.set(node);
  for (const { content } of contents.packages.values())
    for (const entry of content.index.entries) tree.set({ entry, source: { type: 'none', rule: 'package' } });
  return tree;
}

function ownFile({ entry, source }: TreeNode): OwnFile | undefined {
  const { path, type, mode, size, linkTarget } = entry;
  if (type === 'directory') return undefined;
  const common = { path: placed(path), type, mode, size, linkTarget };
  if (source.type === 'file') return { ...common, sha256: source.sha256, content: source.file };
  if (source.type === 'bytes') return { ...common, sha256: sha256Hex(source.bytes), content: source.bytes };
  return { ...common, sha256: undefined, content: undefined };
}

function hardlink(path: string, target: string): [string, OwnFile] {
  const common = { type: 'hardlink', mode: 0o755, size: 0, sha256: undefined, content: undefined } as const;
  const at = placed(confinePath(path, { absolute: 'strip' }));
  return [at, { ...common, path: at, linkTarget: `/${target.replace(/^\/+/, '')}` }];
}
