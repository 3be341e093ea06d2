import { basename } from 'node:path';
import { keySetNames } from '../../archive/key-sets.ts';
import type { ImageSpec } from '../../config/spec.ts';
import { formatLocation, parseLocation } from '../../oci/location.ts';
import { pathInFolder } from '../lock/inputs.ts';

type Folder = Pick<ImageSpec, 'directory'>;

/** A path as papers have it: `./app`; of what lies outside of the configuration's folder the name alone. */
export function paperPath(path: string, spec: Folder): string {
  const inside = pathInFolder(path, spec);
  if (inside === './') return '.';
  return inside.startsWith('./') ? inside : basename(path);
}

/** An image as papers have it: a place on this machine as its paths are, any other as written. */
export function paperImage(text: string, spec: Folder): string {
  const location = parseLocation(text);
  if ('directory' in location) return formatLocation({ ...location, directory: paperPath(location.directory, spec) });
  if ('file' in location) return formatLocation({ ...location, file: paperPath(location.file, spec) });
  return text;
}

/** A set of keys that slimimage carries by its name, a key file as other paths are. */
export function paperKey(key: string, spec: Folder): string {
  return keySetNames.includes(key) ? key : paperPath(key, spec);
}
