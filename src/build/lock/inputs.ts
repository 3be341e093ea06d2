import { basename, relative } from 'node:path';
import { keySetNames } from '../../archive/key-sets.ts';
import type { ArchiveSetting, ImageSpec } from '../../config/spec.ts';
import type { LockInput, LockInputs } from '../../lock/types.ts';
import { compressionName } from '../../oci/compression.ts';
import { formatLocation, parseLocation } from '../../oci/location.ts';
import type { Pin } from '../../solver/types.ts';
import { compareStrings } from '../../util/text.ts';

/**
 * The part of a configuration that decides what its lock holds: nothing of this machine, no URL, and of
 * keys only what they are called: archives add and renew keys, and a locked build verifies nothing with them.
 */
export function lockInputs(spec: ImageSpec): LockInputs {
  return {
    from: spec.from ?? null,
    components: spec.components ?? null,
    suites: spec.suites,
    archives: spec.archives.map((archive) => archiveInput(archive, spec)),
    packages: spec.packages.map((entry) => (entry.startsWith('/') ? pathInFolder(entry, spec) : entry)),
    omit: spec.omit,
    dependencies: spec.dependencies,
    keep: spec.keep,
    recommends: spec.recommends,
    essential: spec.essential,
    pins: spec.pins.map(pinInput),
    base: spec.base,
    locales: spec.locales,
    // The lock names what compiles them; one without is as it was before there were any.
    ...(spec.bytecode ? { bytecode: true } : {}),
    on: spec.on === undefined ? null : locationInFolder(spec.on, spec),
    files: copiedImages(spec).map((image) => ({ image })),
    platforms: spec.platforms,
    compression: compressionName(spec.compression),
  };
}

/**
 * The images that `files:` copies from and that have a digest to lock, as a lock writes them: each once, sorted. A bare file tree (`dir:`,
 * `tar:`) is the user's own, as a folder is.
 */
export function copiedImages(spec: ImageSpec): readonly string[] {
  const images = spec.files.flatMap(({ image }) => {
    if (image === undefined || ['dir', 'tar'].includes(parseLocation(image).type)) return [];
    return [locationInFolder(image, spec)];
  });
  return [...new Set(images)].sort(compareStrings);
}

/** A path as a configuration in `directory` would write it: `./debs/app.deb`. */
export function pathInFolder(path: string, { directory }: Pick<ImageSpec, 'directory'>): string {
  const inside = relative(directory, path);
  return inside === '..' || inside.startsWith('../') ? inside : `./${inside}`;
}

function archiveInput({ name, suites, components, signedBy }: ArchiveSetting, spec: ImageSpec): LockInput {
  return { name, suites, components, 'signed-by': signedBy.map((key) => keyInput(key, spec)) };
}

function pinInput({ packages, match, priority }: Pin): LockInput {
  const fields = Object.entries(match).filter((field): field is [string, string] => field[1] !== undefined);
  return { packages, match: Object.fromEntries(fields), priority };
}

/** A set that slimimage carries by its name; a file by its path in the configuration's folder, else by its own name. */
function keyInput(key: string, spec: ImageSpec): string {
  if (keySetNames.includes(key)) return key;
  const path = pathInFolder(key, spec);
  return path.startsWith('./') ? path : basename(key);
}

/** A reference as a configuration in `directory` would write it. */
export function locationInFolder(text: string, spec: Pick<ImageSpec, 'directory'>): string {
  const location = parseLocation(text);
  if ('directory' in location)
    return formatLocation({ ...location, directory: pathInFolder(location.directory, spec) });
  if ('file' in location) return formatLocation({ ...location, file: pathInFolder(location.file, spec) });
  return text;
}
