/** Which packages have a file, from an archive's Contents indexes: fetched only when somebody asks, never kept. */
import { createReadStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { decompress } from '../codecs/decompress.ts';
import { isSlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { compareStrings } from '../util/text.ts';
import type { ArchiveContext } from './context.ts';
import { downloadListed } from './download-listed.ts';
import { fetchRelease, type OpenedSuite } from './fetch-release.ts';
import { loadKeys } from './key-sets.ts';
import { isFlat } from './location.ts';
import type { ReleaseFile } from './release.ts';
import type { ArchiveSpec } from './types.ts';

/** A line of a Contents index for one package. */
export interface PackagedFile {
  /** Without leading slash, as the package has it: before /usr merging it may be `lib/...`. */
  readonly path: string;
  readonly package: string;
  /** `libs`, `contrib/net` */
  readonly section: string;
}

export interface FindFilesOptions extends ArchiveContext {
  /** Debian's name. */
  readonly architecture: string;
}

/**
 * Every package file whose last component is one of `names`, by that name. Suites without Contents, and what can't be had
 * (offline, a mirror that fails), give nothing: what is not found has to be no error.
 * @throws SlimimageError ABORTED
 */
export async function findFiles(
  names: readonly string[],
  specs: readonly ArchiveSpec[],
  options: FindFilesOptions,
): Promise<ReadonlyMap<string, readonly PackagedFile[]>> {
  const found = new Map<string, readonly PackagedFile[]>(names.map((name) => [name, []]));
  if (options.offline === true || names.length === 0) return found;
  const quiet = { ...options, onEvent: undefined };
  for (const spec of specs) {
    for (const suite of spec.suites) {
      const some = await inSuite(names, { spec, suite, options: quiet }).catch((error: unknown) => {
        if (isSlimimageError(error) && error.code !== 'ABORTED') return [];
        throw error;
      });
      for (const [name, files] of some) found.set(name, [...(found.get(name) ?? []), ...files]);
    }
  }
  return found;
}

interface Asked {
  readonly spec: ArchiveSpec;
  readonly suite: string;
  readonly options: FindFilesOptions;
}

async function inSuite(names: readonly string[], { spec, suite, options }: Asked) {
  if (isFlat(suite)) return [];
  const opened = await fetchRelease(spec, suite, { keys: await loadKeys(spec.signedBy, spec.name), context: options });
  const { architecture } = options;
  const own = spec.components.flatMap((component) => listed(opened, component, architecture));
  const found = await inIndexes(names, own, { opened, options });
  // Files of packages for every architecture are a list three times as long, and hold no library.
  const rest = [...found].filter(([name, files]) => files.length === 0 && !/\.so(?:\.|$)/.test(name));
  if (rest.length === 0) return found;
  const all = spec.components.flatMap((component) => listed(opened, component, 'all'));
  const others = await inIndexes(
    rest.map(([name]) => name),
    all,
    { opened, options },
  );
  return new Map([...found, ...others]);
}

interface ListedContents {
  readonly path: string;
  readonly file: ReleaseFile;
}

/** Debian has one a component, Ubuntu one a suite. */
function listed({ release }: OpenedSuite, component: string, architecture: string): readonly ListedContents[] {
  for (const path of [`${component}/Contents-${architecture}.gz`, `Contents-${architecture}.gz`]) {
    const file = release.files.get(path);
    if (file !== undefined && file.size <= limits.contentsIndexBytes) return [{ path, file }];
  }
  return [];
}

interface Source {
  readonly opened: OpenedSuite;
  readonly options: FindFilesOptions;
}

async function inIndexes(names: readonly string[], indexes: readonly ListedContents[], source: Source) {
  const found = new Map<string, PackagedFile[]>(names.map((name) => [name, []]));
  for (const index of new Map(indexes.map((one) => [one.path, one])).values())
    for (const [name, files] of await inIndex(names, index, source)) found.get(name)?.push(...files);
  return found;
}

const namespace = 'contents-answers-1';

/** What an index answered once is remembered by its digest. */
async function inIndex(names: readonly string[], index: ListedContents, source: Source) {
  const { memo } = source.options.store;
  const answers = new Map<string, readonly PackagedFile[]>();
  for (const name of names) {
    const known = decode(await memo.get(namespace, `${index.file.sha256} ${name}`));
    if (known !== undefined) answers.set(name, known);
  }
  const unknown = names.filter((name) => !answers.has(name));
  if (unknown.length === 0) return answers;
  for (const [name, files] of await scan(unknown, index, source)) {
    answers.set(name, files);
    await memo.set(namespace, `${index.file.sha256} ${name}`, files);
  }
  return answers;
}

async function scan(names: readonly string[], { path, file }: ListedContents, { opened, options }: Source) {
  const partial = await downloadListed(opened, { path, file }, { context: options });
  try {
    const packed = createReadStream(partial, { highWaterMark: 256 * 1024 });
    const what = `${opened.spec.name} ${opened.suite} ${path}`;
    const lines = new ContentsScanner(names);
    const { signal } = options;
    for await (const bytes of decompress(packed, { format: 'gzip', maxOutput: limits.contentsBytes, what, signal }))
      lines.push(bytes);
    return lines.end();
  } finally {
    await unlink(partial).catch(() => undefined);
  }
}

/**
 * Finds lines `PATH   SECTION/PACKAGE,...` (Debian wiki, "RepositoryFormat", "Contents indices") by the end of their path,
 * in chunks of any size: hundreds of megabytes are looked through for a few names.
 */
export class ContentsScanner {
  readonly #names: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly #found: Map<string, PackagedFile[]>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => ({ name, bytes: Buffer.from(`/${name}`) }));
    this.#found = new Map(names.map((name) => [name, []]));
  }

  push(chunk: Uint8Array): void {
    const given = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#rest.length === 0 ? given : Buffer.concat([this.#rest, given]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end > 0) this.#scan(bytes.subarray(0, end));
    // Real lines have below a kilobyte; one without an end is none.
    this.#rest = bytes.length - end > maxLine ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end));
  }

  end(): ReadonlyMap<string, readonly PackagedFile[]> {
    this.#scan(Buffer.concat([this.#rest, Buffer.from('\n')]));
    for (const files of this.#found.values())
      files.sort((a, b) => compareStrings(a.path, b.path) || compareStrings(a.package, b.package));
    return this.#found;
  }

  #scan(bytes: Buffer): void {
    for (const { name, bytes: wanted } of this.#names) {
      for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
        const after = bytes[at + wanted.length];
        if (after !== 0x20 && after !== 0x09) continue;
        const start = bytes.lastIndexOf(0x0a, at) + 1;
        const end = bytes.indexOf(0x0a, at);
        this.#line(name, bytes.subarray(start, end < 0 ? bytes.length : end).toString('utf8'));
      }
    }
  }

  #line(name: string, line: string): void {
    const text = line.trimEnd();
    const gap = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
    const path = gap < 0 ? undefined : text.slice(0, gap).trimEnd();
    const owners = text.slice(gap + 1);
    const files = this.#found.get(name);
    if (path === undefined || files === undefined || files.length >= maxFiles) return;
    for (const owner of owners.split(',').slice(0, maxFiles)) {
      const slash = owner.lastIndexOf('/');
      const title = owner.slice(slash + 1);
      if (packageName.test(title))
        files.push({ path: path.replace(/^\.?\/+/, ''), package: title, section: owner.slice(0, Math.max(0, slash)) });
    }
  }
}

const maxLine = 64 * 1024;
const maxFiles = 200;
const packageName = /^[a-z0-9][a-z0-9+.-]+$/;

function decode(value: unknown): readonly PackagedFile[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const isFile = (one: unknown): one is PackagedFile =>
    typeof one === 'object' && one !== null && 'path' in one && 'package' in one && 'section' in one;
  return value.every(isFile) ? value : undefined;
}
