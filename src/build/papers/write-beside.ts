import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { besideFile } from '../../deliver/beside-file.ts';
import { writeFileAtomically } from '../../image/atomic-output.ts';
import { parseLocation } from '../../oci/location.ts';
import type { Session } from '../session.ts';
import type { WrittenOutput } from '../types.ts';
import { removeStalePapers } from './stale-papers.ts';
import type { MadePaper } from './types.ts';

/**
 * Writes the papers beside the outputs that are files: `web.spdx.json` beside `web.tar`, named by platform where there are several. Each
 * once, whatever the number of outputs that are called so. What an earlier build laid there goes: it speaks of another image.
 * @throws SlimimageError OUTPUT_INVALID, IO
 */
export async function writeBeside(
  targets: readonly string[],
  papers: readonly MadePaper[],
  { store, cwd }: Pick<Session, 'store' | 'cwd'>,
): Promise<readonly WrittenOutput[]> {
  const several = new Set(papers.flatMap(({ platform }) => platform ?? [])).size > 1;
  const written = new Map<string, WrittenOutput>();
  for (const target of targets) {
    if (!(await isFile(target, cwd))) continue;
    await removeStalePapers(target, { cwd, kept: (file) => written.has(file) });
    for (const { kind, platform, blob } of papers) {
      const file = besideFile(target, { kind, platform: several ? platform : undefined });
      if (file === undefined || written.has(resolve(cwd, file))) continue;
      const bytes = await writeFileAtomically(resolve(cwd, file), store.open(blob.digest));
      written.set(resolve(cwd, file), { target: file, bytes, note: undefined });
    }
  }
  return [...written.values()];
}

/** Beside a pipe or a device there is no place for anything. */
async function isFile(target: string, cwd: string): Promise<boolean> {
  const location = parseLocation(target);
  if (!('file' in location)) return false;
  return (await stat(resolve(cwd, location.file)).catch(() => undefined))?.isFile() === true;
}
