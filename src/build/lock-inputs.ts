import { relative } from 'node:path';
import { keySetNames, readKeyFile } from '../archive/key-sets.ts';
import type { ArchiveSetting, ImageSpec } from '../config/spec.ts';
import type { LockInput, LockInputs } from '../lock/types.ts';
import { compressionName } from '../oci/compression.ts';
import { formatLocation, parseLocation } from '../oci/location.ts';
import type { Pin } from '../solver/types.ts';
import { digestOf } from '../util/digest.ts';

/**
 * The part of a configuration that decides what its lock holds: nothing of this machine, no URL, and keys by what is in
 * them.
 * @throws SlimimageError CONFIG_INVALID where a key file can't be read
 */
export async function lockInputs(spec: ImageSpec): Promise<LockInputs> {
  return {
    from: spec.from ?? null,
    components: spec.components ?? null,
    archives: await Promise.all(spec.archives.map(archiveInput)),
    packages: spec.packages.map((entry) => (entry.startsWith('/') ? pathInFolder(entry, spec) : entry)),
    omit: spec.omit,
    dependencies: spec.dependencies,
    recommends: spec.recommends,
    essential: spec.essential,
    pins: spec.pins.map(pinInput),
    base: spec.base,
    on: spec.on === undefined ? null : locationInFolder(spec.on, spec),
    platforms: spec.platforms,
    compression: compressionName(spec.compression),
  };
}

/** A path as a configuration in `directory` would write it: `./debs/app.deb`. */
export function pathInFolder(path: string, { directory }: Pick<ImageSpec, 'directory'>): string {
  const inside = relative(directory, path);
  return inside === '..' || inside.startsWith('../') ? inside : `./${inside}`;
}

async function archiveInput({ name, suites, components, signedBy }: ArchiveSetting): Promise<LockInput> {
  const keys = await Promise.all(signedBy.map((key) => keyInput(key, name)));
  return { name, suites, components, 'signed-by': keys };
}

function pinInput({ packages, match, priority }: Pin): LockInput {
  const fields = Object.entries(match).filter((field): field is [string, string] => field[1] !== undefined);
  return { packages, match: Object.fromEntries(fields), priority };
}

/** A set that slimimage carries by its name, a file by its digest. */
async function keyInput(key: string, archive: string): Promise<string> {
  return keySetNames.includes(key) ? key : digestOf((await readKeyFile(key, archive)).bytes);
}

function locationInFolder(text: string, spec: Pick<ImageSpec, 'directory'>): string {
  const location = parseLocation(text);
  if ('directory' in location)
    return formatLocation({ ...location, directory: pathInFolder(location.directory, spec) });
  if ('file' in location) return formatLocation({ ...location, file: pathInFolder(location.file, spec) });
  return text;
}
