import { open } from 'node:fs/promises';
import type { Content, ContentEntry } from '../../content/types.ts';
import { isSlimimageError, SlimimageError } from '../../errors.ts';
import { copyrightReaderVersion, readCopyright } from '../../formats/copyright/read-copyright.ts';
import { limits } from '../../limits.ts';
import type { SbomLicence } from '../../sbom/types.ts';
import { mapLimit } from '../../util/concurrency.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { Session } from '../session.ts';

/**
 * What the copyright file of each package in the image says, by package. A file is read once, ever: the answer is remembered by the
 * file's digest, which the packages of one source share.
 */
export async function readLicences(
  platform: Pick<AssembledPlatform, 'assembled' | 'contents'>,
  { store, signal }: Pick<Session, 'store' | 'signal'>,
): Promise<ReadonlyMap<string, SbomLicence>> {
  const known = new Map<string, Promise<SbomLicence>>();
  const names = [...platform.contents.packages.keys()];
  const licences = await mapLimit(
    names,
    async (name) => {
      const place = copyrightPlace(name, platform);
      if (typeof place === 'string') return unread(place);
      const { sha256 = '' } = place.entry;
      const found = known.get(sha256) ?? rememberedLicence(place, store.memo);
      known.set(sha256, found);
      return found;
    },
    { limit: 8, signal },
  );
  return new Map(names.map((name, at) => [name, licences[at] as SbomLicence]));
}

interface CopyrightPlace {
  readonly content: Content;
  readonly entry: ContentEntry;
}

/** Where the bytes of a package's copyright file are; else, in a sentence, why there are none. Policy 12.3 and 12.5. */
function copyrightPlace(
  name: string,
  { assembled, contents }: Pick<AssembledPlatform, 'assembled' | 'contents'>,
): CopyrightPlace | string {
  const { tree } = assembled;
  const path = `usr/share/doc/${name}/copyright`;
  const resolved = resolveIn(tree, path);
  const node = resolved === undefined ? undefined : tree.get(resolved);
  if (node === undefined) return 'The image has no copyright file of the package.';
  if (node.source.type === 'base') return 'The copyright file is in the image below, whose files are not read.';
  if (node.source.type !== 'package') return "The copyright file in the image is not the package's own.";
  const owner = contents.packages.get(node.source.package)?.content;
  const { origin } = node.source;
  const entry =
    origin.type === 'hardlink' ? owner?.index.entries.find((one) => one.path === origin.linkTarget) : origin;
  if (owner === undefined || entry?.type !== 'file' || entry.offset < 0)
    return 'The copyright file is no regular file.';
  if (entry.size > limits.copyrightBytes)
    return `The copyright file has ${entry.size} bytes, which is more than are read.`;
  return { content: owner, entry };
}

function resolveIn(tree: AssembledPlatform['assembled']['tree'], path: string): string | undefined {
  try {
    return tree.resolve(path, { last: true });
  } catch (error) {
    if (isSlimimageError(error, 'PATH_UNSAFE')) return undefined;
    throw error;
  }
}

async function rememberedLicence(place: CopyrightPlace, memo: Session['store']['memo']): Promise<SbomLicence> {
  const key = `${copyrightReaderVersion} ${place.entry.sha256}`;
  const remembered = await memo.get('licence', key);
  if (isLicence(remembered)) return remembered;
  const licence = readCopyright(await readBytes(place));
  await memo.set('licence', key, licence);
  return licence;
}

/** JSON has left out what is undefined. */
function isLicence(value: unknown): value is SbomLicence {
  if (typeof value !== 'object' || value === null) return false;
  return 'references' in value && 'copyrights' in value && Array.isArray(value.copyrights);
}

async function readBytes({ content, entry }: CopyrightPlace): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.size);
  const file = await open(content.fragmentPath, 'r').catch((cause: unknown) => {
    throw lost(content.fragmentPath, cause);
  });
  try {
    const { bytesRead } = await file.read(bytes, 0, entry.size, entry.offset);
    if (bytesRead < entry.size) throw lost(content.fragmentPath, undefined);
    return bytes;
  } finally {
    await file.close();
  }
}

function lost(file: string, cause: unknown): SlimimageError {
  return new SlimimageError({
    code: 'STORE',
    message: `${file} can't be read to its end`,
    hint: 'Run `slimimage cache verify`.',
    cause,
  });
}

function unread(problem: string): SbomLicence {
  return { expression: undefined, references: {}, problem, copyrights: [] };
}
