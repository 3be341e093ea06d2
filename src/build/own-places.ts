import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { OnEvent } from '../events.ts';
import { parseLocation } from '../oci/location.ts';
import { papersBeside } from './papers/stale-papers.ts';

export interface OwnPlacesOptions {
  /** Folder of the local store. */
  readonly store: string;
  readonly outputs?: readonly string[] | undefined;
  readonly metadataFile?: string | undefined;
  readonly cwd: string;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Knows by its real path what a build writes: the local store, its outputs with the papers beside, its metadata file. None of it is an input.
 * A store in the folder of `files:` would put every image into the next one, and what an earlier build wrote would make each
 * image another one. Says once of each place that it is left out.
 * @returns whether a path, without links on the way to it, is such a place
 */
export async function ownPlaces(options: OwnPlacesOptions): Promise<(path: string) => boolean> {
  const places = new Map<string, string>();
  const told = new Set<string>();
  const add = async (file: string, what: string) => {
    for (const path of await namesOf(resolve(options.cwd, file))) places.set(path, what);
  };
  const { outputs = [], metadataFile, cwd } = options;
  await add(resolve(options.store), 'the local store');
  for (const output of outputs) {
    const location = parseLocation(output);
    if ('directory' in location) await add(location.directory, `the output ${output}`);
    if (!('file' in location)) continue;
    await add(location.file, `the output ${output}`);
    for (const file of await papersBeside(output, { cwd })) await add(file, `a paper of the output ${output}`);
  }
  if (metadataFile !== undefined) await add(metadataFile, 'the metadata file');
  return (path) => {
    const what = places.get(path);
    if (what !== undefined && !told.has(path)) {
      told.add(path);
      options.onEvent?.({ type: 'info', message: `files: leaves out ${path}, because it is ${what}` });
    }
    return what !== undefined;
  };
}

/** Where it is, and where it leads to if it is a link: there may be nothing yet. */
async function namesOf(file: string): Promise<readonly string[]> {
  const folder = await realpath(dirname(file)).catch(() => dirname(file));
  const path = join(folder, basename(file));
  return [path, await realpath(path).catch(() => path)];
}
