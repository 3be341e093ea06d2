import { SlimimageError } from '../errors.ts';
import { readFile } from '../image/read-files.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { type TreeOptions, withTree } from './with-tree.ts';

export interface ReadImageFileOptions extends TreeOptions {
  /** Gets the content in pieces, each valid until what it returns is settled. */
  readonly write: (bytes: Uint8Array) => unknown;
}

/**
 * The content of one file of an image, symlinks followed inside it. What was written before this throws is not to be trusted.
 * @returns bytes that were written
 * @throws SlimimageError SOURCE_INVALID where there is no such file, DIGEST_MISMATCH, and as withTree
 */
export async function readImageFile(name: string, path: string, options: ReadImageFileOptions): Promise<number> {
  const { write, signal } = options;
  return withTree(name, options, async ({ image, rootfs }) => {
    const node = rootfs.resolve(path);
    if (node?.entry.type !== 'file')
      throw noFile(image.name, path, node ?? rootfs.resolve(path, { followLast: false }));
    let size = 0;
    for await (const bytes of readFile(image, rootfs, { path, signal })) {
      size += bytes.length;
      await write(bytes);
    }
    return size;
  });
}

function noFile(name: string, named: string, node: RootfsNode | undefined): SlimimageError {
  const path = named === '' ? '/' : named;
  const { type, linkTarget = '' } = node?.entry ?? {};
  const what =
    type === undefined
      ? `${name} has no file ${path}`
      : type === 'symlink'
        ? `${path} in ${name} is a link to ${JSON.stringify(linkTarget.slice(0, 200))}, which leads to no file`
        : `${path} in ${name} is a ${typeNames[type] ?? type}`;
  const hint =
    type === 'directory'
      ? `slimimage ls IMAGE ${path} lists it, slimimage extract IMAGE ${path} -o FOLDER takes all of it.`
      : 'slimimage ls IMAGE shows all that it has.';
  return new SlimimageError({ code: 'SOURCE_INVALID', message: what, hint });
}

const typeNames: Readonly<Record<string, string>> = {
  directory: 'folder',
  character: 'device',
  block: 'device',
  fifo: 'pipe',
};
