/** The Debian changelog that a .deb carries: Policy 12.7, "Changelog files and release notes". */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { decompress, decompressAll } from '../codecs/decompress.ts';
import { SlimimageError } from '../errors.ts';
import { type ChangelogEntry, parseChangelog } from '../formats/changelog/parse.ts';
import { type DebPart, locateDebParts } from '../formats/deb/locate.ts';
import { TarReader } from '../formats/tar/reader.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import { limits } from '../limits.ts';
import { concatBytes } from '../util/bytes.ts';
import { decodeUtf8 } from '../util/text.ts';
import { readRange } from './file-source.ts';

export type Changelog =
  /** Newest first; a binNMU's own entry before those of its source. */
  | { readonly type: 'entries'; readonly entries: readonly ChangelogEntry[] }
  /** Another package of the same source has it, or says which one: the folder or the file is a link into that one's. */
  | { readonly type: 'elsewhere'; readonly package: string }
  | { readonly type: 'missing' };

export interface ReadChangelogOptions {
  /** Of the package: messages name it too, for the file is the store's. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads as much of a .deb as it takes to find its changelog.
 *
 * @param file path of a .deb whose digest was checked.
 * @throws SlimimageError AR_INVALID, DEB_INVALID, TAR_INVALID, COMPRESSION_INVALID, LIMIT_EXCEEDED, IO, ABORTED
 */
export async function readChangelog(file: string, options: ReadChangelogOptions): Promise<Changelog> {
  const { name } = options;
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new SlimimageError({ code: 'IO', message: `${file} cannot be read`, cause });
  });
  const source = { what: name, size, read: (offset: number, length: number) => readRange(file, offset, length) };
  const found = new Finder(name);
  await search(file, locateDebParts(source).data, { ...options, found });
  const texts = await Promise.all(found.best().map(({ path, bytes }) => unpack(path, bytes, `${path} of ${name}`)));
  if (texts.length > 0) return { type: 'entries', entries: texts.flatMap((text) => parseChangelog(text)) };
  return found.elsewhere === undefined ? { type: 'missing' } : { type: 'elsewhere', package: found.elsewhere };
}

async function search(
  file: string,
  part: DebPart,
  options: ReadChangelogOptions & { readonly found: Finder },
): Promise<void> {
  const { found, name, signal } = options;
  const what = `data tar of ${name}`;
  let chunks: Uint8Array[] | undefined;
  let path = '';
  const reader = new TarReader(
    {
      entry: (header) => {
        path = header.path.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');
        chunks = found.wants(path, header) ? [] : undefined;
      },
      data: (bytes) => {
        chunks?.push(bytes.slice());
      },
      entryEnd: () => {
        if (chunks !== undefined) found.take(path, concatBytes(chunks));
      },
    },
    { what },
  );
  const packed = createReadStream(file, { start: part.offset, end: part.offset + part.size - 1 });
  const plain = decompress(packed, { format: part.compression, maxOutput: limits.dataTarBytes, what, signal });
  for await (const chunk of plain) {
    reader.push(chunk);
    if (found.done) return;
  }
  reader.end();
}

interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const docFolder = 'usr/share/doc';

/** What of a package's paths is its changelog, and whether the rest is worth reading. */
class Finder {
  readonly #folder: string;
  readonly #name: string;
  readonly #files: FoundFile[] = [];
  #entered = false;
  elsewhere: string | undefined;
  /** Paths of one folder lie together, so behind it there is nothing more to find. */
  done = false;

  constructor(name: string) {
    this.#name = name;
    this.#folder = `${docFolder}/${name}`;
  }

  /** @throws SlimimageError LIMIT_EXCEEDED */
  wants(path: string, header: TarHeader): boolean {
    if (this.done) return false;
    const isInside = path === this.#folder || path.startsWith(`${this.#folder}/`);
    if (!isInside) {
      this.done = this.#entered && (this.#files.length > 0 || this.elsewhere !== undefined);
      return false;
    }
    this.#entered = true;
    const isChangelog = path !== this.#folder && kindOf(path.slice(this.#folder.length + 1)) !== undefined;
    if (header.type === 'symlink' && (isChangelog || path === this.#folder))
      this.#follow(path, header.linkTarget ?? '');
    if (header.type !== 'file' || !isChangelog) return false;
    if (header.size <= limits.changelogPackedBytes) return true;
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${path} has ${header.size} bytes` });
  }

  take(path: string, bytes: Uint8Array): void {
    this.#files.push({ path, bytes });
  }

  /** The binNMU's, then the source's. Beside a `changelog.Debian.gz`, here or elsewhere, `changelog.gz` is the upstream's. */
  best(): readonly FoundFile[] {
    const of = (kind: ChangelogKind) =>
      this.#files.filter(({ path }) => kindOf(path.slice(this.#folder.length + 1)) === kind).slice(0, 1);
    const debian = of('debian');
    if (debian.length === 0 && this.elsewhere !== undefined) return [];
    return [...of('rebuild'), ...(debian.length > 0 ? debian : of('native'))];
  }

  #follow(path: string, target: string): void {
    const [, name] = /^usr\/share\/doc\/([a-z0-9][a-z0-9.+-]+)(?:\/|$)/.exec(resolveLink(path, target)) ?? [];
    if (name !== undefined && name !== this.#name) this.elsewhere ??= name;
  }
}

type ChangelogKind = 'debian' | 'rebuild' | 'native';

/** @param name below the package's folder. */
function kindOf(name: string): ChangelogKind | undefined {
  const plain = name.replace(/\.gz$/, '');
  if (plain === 'changelog.Debian') return 'debian';
  if (plain === 'changelog') return 'native';
  return /^changelog\.Debian\.[a-z0-9-]+$/.test(plain) ? 'rebuild' : undefined;
}

function resolveLink(path: string, target: string): string {
  return posix.normalize(target.startsWith('/') ? target : posix.join('/', posix.dirname(path), target)).slice(1);
}

async function unpack(path: string, bytes: Uint8Array, what: string): Promise<string> {
  const format = path.endsWith('.gz') ? 'gzip' : 'none';
  return decodeUtf8(await decompressAll(bytes, { format, maxOutput: limits.changelogBytes, what }));
}
