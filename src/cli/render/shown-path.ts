import { relative } from 'node:path';

/** A path as the user would write it, unless that climbs. */
export function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
