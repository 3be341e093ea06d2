import { basename, dirname, join } from 'node:path';
import type { ImageSpec } from '../../config/spec.ts';

/** Where a configuration's lock is: beside its file, `web.lock.json` for `web.yaml`; for flags alone in their folder. */
export function lockFileOf({ file, directory }: Pick<ImageSpec, 'file' | 'directory'>): string {
  const name = file === undefined ? 'slimimage' : basename(file).replace(/\.(?:ya?ml|json)$/, '');
  return join(file === undefined ? directory : dirname(file), `${name}.lock.json`);
}
