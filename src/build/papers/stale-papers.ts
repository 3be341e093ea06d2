import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { besideFile } from '../../deliver/beside-file.ts';
import { readPaperFile } from '../../deliver/beside-paper.ts';
import { isSlimimageError } from '../../errors.ts';
import { type PaperKind, paperTypes } from '../../oci/papers.ts';
import { diskError, isMissing } from '../../store/disk-error.ts';

/**
 * Removes what earlier builds laid beside an archive that is written anew: papers of slimimage under the names that the archive owns, of all
 * kinds and platforms, but those in `kept`. Whoever finds one beside an archive takes it for its own.
 * @param target an output that is a file
 * @throws SlimimageError IO
 */
export async function removeStalePapers(
  target: string,
  { cwd, kept }: { readonly cwd: string; readonly kept: (file: string) => boolean },
): Promise<void> {
  for (const file of await papersBeside(target, { cwd })) if (!kept(file)) await rm(file, { force: true });
}

/**
 * The papers of slimimage that lie beside an output under names that it owns; [] for outputs that are no file.
 * @throws SlimimageError IO
 */
export async function papersBeside(target: string, { cwd }: { readonly cwd: string }): Promise<readonly string[]> {
  const found: string[] = [];
  for (const kind of Object.keys(paperTypes) as PaperKind[]) {
    const plain = besideFile(target, { kind });
    if (plain === undefined) continue;
    for (const file of await ownedFiles(resolve(cwd, plain), kind)) if (await isOurs(file, kind)) found.push(file);
  }
  return found;
}

/** `web.spdx.json`, and `web.linux-amd64.spdx.json` where that is not the name of a paper of `web.linux-amd64.tar`. */
async function ownedFiles(plain: string, kind: PaperKind): Promise<readonly string[]> {
  const folder = dirname(plain);
  const { suffix } = paperTypes[kind];
  const stem = basename(plain).slice(0, -suffix.length);
  const names = await readdir(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return [];
    throw diskError(cause, `cannot read ${folder}`, 'IO');
  });
  const owned = names.filter((name) => {
    if (name === basename(plain)) return true;
    if (!name.startsWith(stem) || !name.endsWith(`.${suffix}`)) return false;
    const platform = name.slice(stem.length, -suffix.length - 1);
    return isPlatform.test(platform) && !names.some((other) => besideFile(`tar:${other}`, { kind }) === name);
  });
  return owned.map((name) => join(folder, name));
}

/** As `besideFile` writes them. */
const isPlatform = /^linux-[a-z0-9]+(?:-[a-z0-9]+)?$/;

/** A document of the user's own, or of another tool, is not ours to remove. */
async function isOurs(file: string, kind: PaperKind): Promise<boolean> {
  try {
    return tools[kind].test(Buffer.from((await readPaperFile(file)) ?? []).toString());
  } catch (error) {
    if (isSlimimageError(error, 'LIMIT_EXCEEDED')) return false;
    throw error;
  }
}

/** How the writers of sbom/ and provenance/ name their tool. */
const tools: Readonly<Record<PaperKind, RegExp>> = {
  spdx: /"Tool: slimimage-/,
  'spdx-3': /"name": ?"slimimage-/,
  cyclonedx: /"name": ?"slimimage"/,
  provenance: /"urn:slimimage:builder"/,
};
