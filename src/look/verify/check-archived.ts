/** A `docker-archive:` as a place of blobs: the form names no manifest, but its members have digests for names. */
import { resolve } from 'node:path';
import { type ArchiveFileOptions, withTar } from '../../image/archive-file.ts';
import { ArchiveLayout } from '../../image/archive-layout.ts';
import { listManifests } from '../../image/choose-platform.ts';
import type { FileTar } from '../../image/file-tar.ts';
import { parseManifest } from '../../oci/parse.ts';
import { readBlob } from '../../store/read-document.ts';
import { throwIfAborted } from '../../util/abort.ts';
import { type Digest, Sha256 } from '../../util/digest.ts';
import { isDamage } from './open-subject.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckArchivedOptions extends ArchiveFileOptions {
  readonly cwd: string;
  /** Of the config that `manifest.json` names: what was looked into. */
  readonly config: Digest | undefined;
}

/** @throws SlimimageError IO, TAR_INVALID, ABORTED */
export async function checkArchived(file: string, options: CheckArchivedOptions): Promise<readonly Claim[]> {
  const { cwd, config, signal } = options;
  return withTar(resolve(cwd, file), options, async (tar, close) => {
    const blobs = await holdMembers(tar, signal);
    const claims = [
      blobs.claim({
        id: 'blobs',
        claim: 'every blob of the archive has the digest by which it is named',
        by: 'sha256 of all of its bytes',
        empty: 'its members are not named by digests',
      }),
    ];
    if (tar.member('oci-layout') !== undefined && config !== undefined) claims.push(await holdLists(tar, config));
    await close();
    return claims;
  });
}

/** `blobs/sha256/HEX` of engines since 25, `HEX.json` of those before. */
const named = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/;

async function holdMembers(tar: FileTar, signal: AbortSignal | undefined): Promise<Tally> {
  const tally = new Tally();
  for (const name of tar.names()) {
    const [, blob, config] = named.exec(name) ?? [];
    const hex = blob ?? config;
    if (hex === undefined) continue;
    const hash = new Sha256();
    try {
      for await (const chunk of tar.stream(name)) {
        throwIfAborted(signal);
        hash.update(chunk);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      tally.failed(name, error.message);
      continue;
    }
    const found = hash.digest();
    if (found === `sha256:${hex}`) tally.proven();
    else tally.failed(name, `has other bytes: their digest is ${found}`);
  }
  return tally;
}

/** Engines read either list: both have to name what was looked into. */
async function holdLists(tar: FileTar, config: Digest): Promise<Claim> {
  const tally = new Tally();
  try {
    const layout = await ArchiveLayout.open(tar);
    const configs = new Set<Digest>();
    for (const entry of layout.entries())
      for (const found of await listManifests(layout, entry)) {
        if (!(await layout.has(found.digest))) continue;
        const bytes = await readBlob(layout, found);
        configs.add(parseManifest(bytes, { name: `manifest ${found.digest}` }).config.digest);
      }
    if (configs.has(config)) tally.proven();
    else tally.failed('index.json', `it does not name the image of manifest.json, whose config is ${config}`);
  } catch (error) {
    if (!isDamage(error)) throw error;
    tally.failed('index.json', error.message);
  }
  return tally.claim({
    id: 'documents',
    claim: 'both lists of the archive name the same image',
    by: 'the config that manifest.json names, and those of the manifests that index.json names',
  });
}
