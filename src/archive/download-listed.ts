/** A file that a Release lists, fetched and held against its hash. */
import { HttpError } from '../net/http-error.ts';
import type { ArchiveContext } from './context.ts';
import type { OpenedSuite } from './fetch-release.ts';
import { joinPath, suiteFolder, urlOf } from './location.ts';
import { politeClient } from './polite-client.ts';
import type { ReleaseFile } from './release.ts';
import { indexUrls } from './snapshot.ts';
import { tryMirrors } from './try-mirrors.ts';

export interface ListedFile {
  /** Below the suite's folder. */
  readonly path: string;
  readonly file: ReleaseFile;
}

/**
 * Fetches a listed file into a partial file of the store, which is the caller's: by hash where the archive offers it (a
 * mirror may be between two states), else by name.
 * @param options.id of the task that is told how far it is; undefined: nobody is told
 * @throws SlimimageError DIGEST_MISMATCH, DOWNLOAD_SHORT, DOWNLOAD_TOO_LARGE, and what an HttpClient throws
 */
export async function downloadListed(
  suite: OpenedSuite,
  { path, file }: ListedFile,
  options: { readonly context: ArchiveContext; readonly id?: string | undefined },
): Promise<string> {
  const { context, id } = options;
  const http = politeClient(context.http, [suite.spec]);
  const folder = suiteFolder(suite.suite);
  const parent = path.split('/').slice(0, -1).join('/');
  const byHash = joinPath(folder, parent, 'by-hash/SHA256', file.sha256);
  const byName = joinPath(folder, path);
  const key = `index-${file.sha256}`;
  const partial = await context.store.takePartial(key);
  const expected = { expectedSize: file.size, expectedDigest: `sha256:${file.sha256}`, maxSize: file.size } as const;
  const onProgress = (done: number) => {
    if (id !== undefined) context.onEvent?.({ type: 'advance', id, done });
  };
  const get = (url: string) => http.download(url, { ...expected, partial, onProgress, signal: context.signal });
  const from = async (base: string) => {
    if (!suite.release.acquireByHash) return get(urlOf(base, byName));
    return get(urlOf(base, byHash)).catch((error: unknown) => {
      if (error instanceof HttpError && (error.status === 404 || error.status === 410)) return get(urlOf(base, byName));
      throw error;
    });
  };
  try {
    await tryMirrors(indexUrls(suite.spec), from, { archive: suite.spec.name, signal: context.signal });
    return partial;
  } catch (error) {
    // What was interrupted can be resumed; what was wrong is gone already.
    await context.store.keepPartial(key, partial);
    throw error;
  }
}
