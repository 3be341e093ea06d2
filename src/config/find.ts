import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { isCatalogReference } from './catalog.ts';

export const configNames = ['slimimage.yaml', 'slimimage.yml'] as const;

/**
 * The configuration file that is meant: `path` itself, or the one in the folder `path` (undefined: `cwd`).
 * An image of the catalogue (`catalog/nginx`) stays as it is written. Undefined where a folder has none.
 * @throws SlimimageError CONFIG_INVALID where a folder has both slimimage.yaml and slimimage.yml
 */
export async function findConfig(cwd: string, path?: string): Promise<string | undefined> {
  if (path !== undefined && isCatalogReference(path)) return path;
  const start = resolve(cwd, path ?? '.');
  if (path !== undefined && !(await isFolder(start))) return start;
  const found: string[] = [];
  for (const name of configNames) {
    if (await exists(join(start, name))) found.push(join(start, name));
  }
  if (found.length < 2) return found[0];
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${start} has both ${configNames.join(' and ')}`,
    hint: 'Remove one of them, or name the one that is meant: slimimage build FILE.',
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
