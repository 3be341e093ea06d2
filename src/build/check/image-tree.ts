import type { CheckFile, CheckTree } from '../../check/types.ts';
import { type OsRelease, parseOsRelease } from '../../distro/os-release.ts';
import type { OnEvent } from '../../events.ts';
import { openView } from '../../image/open-view.ts';
import type { Image } from '../../image/types.ts';
import type { RootfsNode } from '../../rootfs/rootfs.ts';
import type { LocalStore } from '../../store/local-store.ts';
import type { ImageView } from '../../view/types.ts';
import { type ImageDatabase, imageDatabase } from '../why/image-database.ts';

export interface ImageTreeOptions {
  readonly store: LocalStore;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedImageTree {
  readonly tree: CheckTree;
  /** The distribution that it is of, as far as it says. */
  readonly release: OsRelease;
  readonly database: ImageDatabase;
}

/** What the layers of an image make, as the check sees it. */
export async function openImageTree(image: Image, options: ImageTreeOptions): Promise<OpenedImageTree> {
  const view = await openView(image, options);
  const database = imageDatabase(view);
  const text = releaseFiles.map((path) => view.text(path)).find((bytes) => bytes !== undefined);
  const release = parseOsRelease(text ?? new Uint8Array());
  return { release, tree: imageTree(view, (path) => database.ownersOf(path)[0]?.name), database };
}

/** os-release(5) */
const releaseFiles = ['etc/os-release', 'usr/lib/os-release'] as const;

/** Hard links share one content: each name is a file of its own here. */
function imageTree(view: ImageView, packageOf: (path: string) => string | undefined): CheckTree {
  const { rootfs } = view;
  const files = new Map<string, CheckFile>();
  const fileOf = (node: RootfsNode): CheckFile => {
    const { path, type, mode, uid, gid, linkTarget } = node.entry;
    const known = files.get(path);
    if (known !== undefined) return known;
    const facts = type === 'file' ? view.program(node) : undefined;
    const file = { path, type, mode, uid, gid, linkTarget, ...facts };
    files.set(path, file);
    return file;
  };
  return {
    get: (path) => {
      const node = rootfs.get(path);
      return node === undefined ? undefined : fileOf(node);
    },
    *entries() {
      for (const node of rootfs.walk()) yield fileOf(node);
    },
    packageOf,
    read: (path) => view.text(path),
  };
}
