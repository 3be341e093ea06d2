import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, mkdir, open, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FileSetting, ImageSpec } from '../config/spec.ts';
import { SlimimageError } from '../errors.ts';
import { openImage } from '../image/open-image.ts';
import { readFiles } from '../image/read-files.ts';
import { readRootfs } from '../image/read-rootfs.ts';
import type { Image } from '../image/types.ts';
import type { Platform } from '../oci/platform.ts';
import type { Rootfs, RootfsNode } from '../rootfs/rootfs.ts';
import type { Digest } from '../util/digest.ts';
import { imageDigest } from './image-digest.ts';
import { reading, type Session } from './session.ts';

/** What an entry of `files:` took from an image. */
export interface ImageFiles {
  /** Where it was unpacked to. */
  readonly place: string;
  /** As `imageDigest` gives it; undefined for a bare file tree. */
  readonly digest: Digest | undefined;
}

/**
 * Unpacks what `files: { image: }` names into folders of the local store, from where it is copied like any other
 * source. Returns each such entry by its position in the list.
 */
export async function copyImageFiles(
  spec: ImageSpec,
  platform: Platform,
  session: Session,
): Promise<ReadonlyMap<number, ImageFiles>> {
  const copied = new Map<number, ImageFiles>();
  for (const [at, setting] of spec.files.entries()) {
    if (setting.image === undefined) continue;
    const image = await openImage(setting.image, { ...reading(session), platform, cwd: spec.directory });
    try {
      copied.set(at, { place: await unpack(image, setting, session), digest: imageDigest(image) });
    } finally {
      await image.close();
    }
  }
  return copied;
}

async function unpack(image: Image, setting: FileSetting, { store, signal }: Session): Promise<string> {
  const rootfs = await readRootfs(image, { memo: store.memo, signal });
  const top = rootfs.resolve(setting.source);
  if (top === undefined) throw notThere(setting, rootfs);
  const folder = await store.temporaryFolder('image-files');
  const place = join(folder, basename(setting.source) || 'root');
  const nodes =
    top.entry.type === 'directory' ? [...rootfs.walk(top.entry.path)].filter((node) => node !== top) : [top];
  const target = ({ entry }: RootfsNode) =>
    entry.path === top.entry.path ? place : join(place, entry.path.slice(top.entry.path.length));
  if (top.entry.type === 'directory') await mkdir(place);
  await makeFolders(nodes, target);
  await writeFiles(image, { nodes, target, signal });
  return place;
}

type PlaceOf = (node: RootfsNode) => string;

/** Folders come before what is in them; links are made last, so that nothing is ever written through one. */
async function makeFolders(nodes: readonly RootfsNode[], target: PlaceOf): Promise<void> {
  for (const node of nodes) if (node.entry.type === 'directory') await mkdir(target(node), { recursive: true });
}

interface WriteOptions {
  readonly nodes: readonly RootfsNode[];
  readonly target: PlaceOf;
  readonly signal: AbortSignal | undefined;
}

async function writeFiles(image: Image, { nodes, target, signal }: WriteOptions): Promise<void> {
  // Of the names of one file the first comes with the bytes; the others become copies.
  const names = new Map<string, RootfsNode[]>();
  for (const node of nodes) if (node.entry.type === 'file') namesOf(node, names).push(node);
  let file: FileHandle | undefined;
  let current: readonly RootfsNode[] = [];
  try {
    for await (const event of readFiles(image, nodes, { signal })) {
      if (event.type === 'file') {
        current = namesOf(event.node, names);
        file = await open(target(current[0] as RootfsNode), 'wx');
      } else if (event.type === 'data') {
        await file?.writeFile(event.bytes);
      } else {
        await file?.close();
        file = undefined;
        await finishNames(current, target);
      }
    }
  } finally {
    await file?.close();
  }
  for (const node of nodes) {
    if (node.entry.type === 'symlink') await symlink(node.entry.linkTarget ?? '', target(node));
  }
}

function namesOf({ origin }: RootfsNode, names: Map<string, RootfsNode[]>): RootfsNode[] {
  const inode = `${origin.layer}:${origin.index}`;
  const found = names.get(inode) ?? [];
  names.set(inode, found);
  return found;
}

async function finishNames(names: readonly RootfsNode[], target: PlaceOf): Promise<void> {
  const [first, ...others] = names;
  if (first === undefined) return;
  for (const node of others) await copyFile(target(first), target(node), constants.COPYFILE_EXCL);
  for (const node of names) await chmod(target(node), (node.entry.mode & 0o111) === 0 ? 0o644 : 0o755);
}

function notThere(setting: FileSetting, rootfs: Rootfs): SlimimageError {
  const parent = rootfs.resolve(setting.source.replace(/\/[^/]*$/, '') || '/');
  const near = parent === undefined ? [] : (rootfs.list(parent.entry.path) ?? []).map(({ entry }) => `/${entry.path}`);
  return new SlimimageError({
    code: 'SOURCE_INVALID',
    message: `${setting.image} has no ${setting.source}`,
    hint: near.length === 0 ? undefined : `In that folder there are: ${near.slice(0, 20).join(', ')}.`,
  });
}
