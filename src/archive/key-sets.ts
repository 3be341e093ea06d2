/** The keys that archives are verified against: sets that slimimage carries in keys/, and the user's own files. */
import { readFile } from 'node:fs/promises';
import type { KeyFile } from '../codecs/openpgp.ts';
import { SlimimageError } from '../errors.ts';
import { sha256Hex } from '../util/digest.ts';
import { nearest } from '../util/nearest.ts';
import { compareStrings } from '../util/text.ts';

/** Names that `signed-by:` takes beside paths. keys/README.md says where each file comes from. */
const keySets: Readonly<Record<string, readonly string[]>> = {
  debian: ['bookworm', 'trixie'].flatMap((codename) =>
    ['automatic', 'security-automatic', 'stable'].map((role) => `debian/debian-archive-${codename}-${role}.asc`),
  ),
  ubuntu: ['ubuntu/ubuntu-archive-2018.asc'],
};

export const keySetNames: readonly string[] = Object.keys(keySets);

/** keys/ lies beside src/ and beside dist/. */
const folder = new URL('../../keys/', import.meta.url);

export interface TrustedKeys {
  readonly files: readonly KeyFile[];
  /** The same for the same keys, whatever their files are called: what a remembered verdict is good for. */
  readonly id: string;
}

const carried = new Map<string, Promise<KeyFile>>();

/**
 * @param signedBy names of key sets, or paths of armored or binary key files.
 * @throws SlimimageError CONFIG_INVALID where a file cannot be read, or nothing is named.
 */
export async function loadKeys(signedBy: readonly string[], archive: string): Promise<TrustedKeys> {
  if (signedBy.length === 0) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `The archive ${archive} has no key: nothing could vouch for it`,
      hint: `name its key file: signed-by: [${archive}.asc], or a set: ${keySetNames.join(', ')}`,
    });
  }
  const files = (await Promise.all(signedBy.map((entry) => loadEntry(entry, archive)))).flat();
  const sums = files.map((file) => sha256Hex(file.bytes)).sort(compareStrings);
  return { files, id: sha256Hex(sums.join('\n')) };
}

async function loadEntry(entry: string, archive: string): Promise<readonly KeyFile[]> {
  const names = Object.hasOwn(keySets, entry) ? keySets[entry] : undefined;
  if (names === undefined) return [await readKeyFile(entry, archive)];
  return Promise.all(
    names.map((name) => {
      const known = carried.get(name) ?? readFile(new URL(name, folder)).then((bytes) => ({ name, bytes }));
      carried.set(name, known);
      return known;
    }),
  );
}

/** @throws SlimimageError CONFIG_INVALID */
export async function readKeyFile(path: string, archive: string): Promise<KeyFile> {
  try {
    return { name: path, bytes: await readFile(path) };
  } catch (cause) {
    const meant = path.includes('/') ? undefined : nearest(path, keySetNames);
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `The key file ${path} of the archive ${archive} cannot be read`,
      hint: meant
        ? `did you mean the key set ${meant}?`
        : `give the path of an .asc or .gpg file, or one of: ${keySetNames.join(', ')}`,
      cause,
    });
  }
}
