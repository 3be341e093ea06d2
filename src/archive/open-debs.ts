/** Single .debs and folders of .debs as packages: what a user names with ./app.deb or ./debs/. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRecord } from '../distro/debian/record.ts';
import type { PackageOrigin, PackageRecord } from '../distro/types.ts';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { parseStanza } from '../formats/deb822/stanza.ts';
import type { LocalStore } from '../store/local-store.ts';
import { mapLimit } from '../util/concurrency.ts';
import { compareStrings } from '../util/text.ts';
import { type FileFacts, fileFacts, readControl } from './deb-file.ts';

export interface OpenDebsOptions {
  /** Debian's name of the image's architecture. .debs of others are passed over in folders, refused when named. */
  readonly architecture: string;
  readonly store: Pick<LocalStore, 'memo'>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One record for each .deb, in the order of `paths`, folders by file name. Folders are not searched below.
 *
 * @param paths absolute.
 * @throws SlimimageError SOURCE_INVALID for a path that is not there, a folder without .debs or a .deb of another
 * architecture; what reading a .deb throws (AR_INVALID, DEB_INVALID, ...); ABORTED.
 */
export async function openDebs(paths: readonly string[], options: OpenDebsOptions): Promise<readonly PackageRecord[]> {
  const files = (await Promise.all(paths.map((path) => listDebs(path)))).flat();
  const records = await mapLimit(files, (file) => openDeb(file, options), { limit: 4, signal: options.signal });
  return records.filter((record) => record !== undefined);
}

interface DebPath {
  readonly path: string;
  /** Named by the user, and not found in a folder. */
  readonly named: boolean;
}

async function listDebs(path: string): Promise<readonly DebPath[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new SlimimageError({ code: 'SOURCE_INVALID', message: `${path} does not exist`, cause });
  });
  if (!info.isDirectory()) return [{ path, named: true }];
  const names = (await readdir(path)).filter((name) => name.endsWith('.deb')).sort(compareStrings);
  if (names.length > 0) return names.map((name) => ({ path: join(path, name), named: false }));
  throw new SlimimageError({ code: 'SOURCE_INVALID', message: `The folder ${path} holds no .deb` });
}

async function openDeb({ path, named }: DebPath, options: OpenDebsOptions): Promise<PackageRecord | undefined> {
  const { architecture, store } = options;
  const facts = await fileFacts(path, store.memo);
  const origin = { archive: 'file', suite: '', component: '', path, priority: 1000 };
  const record = await readDebRecord({ path, facts, origin }, options);
  if (record.architecture === architecture || record.architecture === 'all') return record;
  if (!named) return undefined;
  throw new SlimimageError({
    code: 'SOURCE_INVALID',
    message: `${path} is for ${record.architecture}, the image is for ${architecture}`,
    hint: 'name the folder instead of the file, and the .debs of each platform are taken from it',
  });
}

export interface DebOfOrigin {
  /** Absolute. */
  readonly path: string;
  /** Verified, or taken from the file itself. */
  readonly facts: FileFacts;
  readonly origin: PackageOrigin;
}

/**
 * The record of a .deb by its own control file.
 *
 * @throws SlimimageError what reading a .deb throws (AR_INVALID, DEB_INVALID, ...).
 */
export async function readDebRecord(deb: DebOfOrigin, options: OpenDebsOptions): Promise<PackageRecord> {
  const { path, facts, origin } = deb;
  const control = await readControl(path, facts, options.store.memo);
  return packageRecord(readStanza(control, path), origin, { architecture: options.architecture, file: facts });
}

function readStanza(control: string, path: string) {
  try {
    return parseStanza(control, { what: `The control file of ${path}` });
  } catch (cause) {
    if (!isSlimimageError(cause, 'DEB822_INVALID')) throw cause;
    throw new SlimimageError({ code: 'DEB_INVALID', message: cause.message, cause });
  }
}
