import { posix } from 'node:path';

/** A path that a user names, as paths of layers are written: relative to the root, without `.` and `..`. */
export function namedPath(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '');
}
