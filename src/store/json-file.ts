import { readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { canonicalJson } from '../util/json.ts';
import { diskError, isMissing } from './disk-error.ts';
import type { Workspace } from './workspace.ts';

/** Writes a small JSON file in one step: readers see the old one or the new one. @throws SlimimageError STORE */
export function writeJsonFile(workspace: Workspace, file: string, value: unknown): Promise<void> {
  return writeWholeFile(workspace, file, canonicalJson(value));
}

/** The same with any content. @throws SlimimageError STORE */
export async function writeWholeFile(workspace: Workspace, file: string, content: string | Uint8Array): Promise<void> {
  const temporary = await workspace.file('json');
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, file);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw diskError(cause, `cannot write ${file}`);
  }
}

/**
 * The file's value; undefined where it is missing or is not JSON (a disk that filled up, a hand that edited it).
 * @throws SlimimageError STORE
 */
export async function readJsonFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw diskError(cause, `cannot read ${file}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
