import { SlimimageError } from '../errors.ts';
import { openImage } from '../image/open-image.ts';
import { readRootfs } from '../image/read-rootfs.ts';
import { parsePlatform } from '../oci/platform.ts';
import { openRegistries, type RegistriesOptions } from '../registry/open.ts';
import type { TreeEntry } from '../rootfs/entry.ts';
import { LocalStore } from '../store/local-store.ts';
import { storeFolder } from './store-folder.ts';
import type { StoreOptions } from './store-operations.ts';

export interface ListImageOptions extends StoreOptions, Omit<RegistriesOptions, 'env' | 'signal'> {
  /** Folder of the image to list, or one file of it, which is then all there is; undefined: everything. Symlinks are followed. */
  readonly path?: string | undefined;
  /** Of an image for several platforms, this one; undefined: the machine's, or the only one there is. */
  readonly platform?: string | undefined;
  /** Folder that a relative IMAGE means. */
  readonly cwd: string;
}

/**
 * The paths that the layers of an image make, sorted, the root itself not among them. `image` is a location as in
 * product.md. Nothing is unpacked.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, SOURCE_INVALID where the image has no such path
 */
export async function listImageTree(image: string, options: ListImageOptions): Promise<readonly TreeEntry[]> {
  const { cwd, env, onEvent, signal } = options;
  const registries = openRegistries(options);
  const store = await LocalStore.open(options.store ?? storeFolder(options.env));
  try {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const opened = await openImage(image, { store, registries, platform, cwd, env, onEvent, signal });
    try {
      const rootfs = await readRootfs(opened, { memo: store.memo, signal });
      const start = rootfs.resolve(options.path ?? '/');
      if (start === undefined) {
        throw new SlimimageError({
          code: 'SOURCE_INVALID',
          message: `${image} has no path ${options.path}`,
          hint: 'slimimage ls IMAGE shows all that it has.',
        });
      }
      if (start.entry.type !== 'directory') return [start.entry];
      return [...rootfs.walk(start.entry.path)].map(({ entry }) => entry);
    } finally {
      await opened.close();
    }
  } finally {
    await registries.close();
    await store.close();
  }
}
