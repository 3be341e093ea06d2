import { resolve } from 'node:path';
import { formatLocation, type ImageLocation, parseLocation } from '../../oci/location.ts';

/** An image's location with its path, if it has one, made absolute. The text is valid. */
export function resolveLocation(text: string, directory: string): string {
  const location = parseLocation(text);
  return hasPath(location) ? formatLocation(absolute(location, directory)) : text;
}

type WithPath = Extract<ImageLocation, { directory: string } | { file: string }>;

function hasPath(location: ImageLocation): location is WithPath {
  return 'directory' in location || 'file' in location;
}

function absolute(location: WithPath, directory: string): ImageLocation {
  return 'directory' in location
    ? { ...location, directory: resolve(directory, location.directory) }
    : { ...location, file: resolve(directory, location.file) };
}
