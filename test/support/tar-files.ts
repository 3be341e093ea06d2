import { readFile } from 'node:fs/promises';
import { unpackTar } from 'modern-tar';

/** Regular files of a tar with their content, by path. */
export async function filesOfTar(file: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { header, data = new Uint8Array() } of await unpackTar(await readFile(file)))
    if ((header.type ?? 'file') === 'file') files.set(header.name, data);
  return files;
}
