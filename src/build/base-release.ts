import { type OsRelease, parseOsRelease } from '../distro/os-release.ts';
import { readFile } from '../image/read-files.ts';
import type { Image } from '../image/types.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { Memo } from '../store/memo.ts';
import { concatBytes } from '../util/bytes.ts';
import type { Digest } from '../util/digest.ts';

export interface BaseReleaseOptions {
  readonly rootfs: Rootfs;
  /** Of the image: what it says is remembered, because a layer is read to its end for one file. */
  readonly digest: Digest;
  readonly memo: Memo;
  readonly signal: AbortSignal | undefined;
}

/** Bytes; os-release files have 300. */
const maxSize = 65_536;

/** The distribution that an image is of, by its os-release. */
export async function readRelease(image: Image, options: BaseReleaseOptions): Promise<OsRelease> {
  const { rootfs, digest, memo, signal } = options;
  const known = (await memo.get('os-release', digest)) as Partial<OsRelease> | undefined;
  if (known !== undefined) return { id: known.id, codename: known.codename };
  const path = ['etc/os-release', 'usr/lib/os-release'].find((one) => {
    const entry = rootfs.resolve(one)?.entry;
    return entry?.type === 'file' && entry.size <= maxSize;
  });
  const chunks: Uint8Array[] = [];
  if (path !== undefined)
    for await (const bytes of readFile(image, rootfs, { path, signal })) chunks.push(bytes.slice());
  const release = parseOsRelease(concatBytes(chunks));
  await memo.set('os-release', digest, release);
  return release;
}
