import { readInstalled } from '../../distro/debian/installed.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { SlimimageError } from '../../errors.ts';
import { parseStanzas } from '../../formats/deb822/stanza.ts';
import { readFiles } from '../../image/read-files.ts';
import type { Image } from '../../image/types.ts';
import { limits } from '../../limits.ts';
import { baseName } from '../../rootfs/path.ts';
import type { Rootfs, RootfsNode } from '../../rootfs/rootfs.ts';
import { decodeUtf8 } from '../../util/text.ts';

/** What dpkg and apt wrote down in an image. */
export interface ImageDatabase {
  readonly installed: readonly PackageRecord[];
  /** Packages that apt installed for others; undefined where apt keeps no such list. */
  readonly automatic: ReadonlySet<string> | undefined;
  /** Path (relative to the root, as the package writes it) -> packages that have it; empty unless asked for. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
}

export interface ReadDatabaseOptions {
  /** Debian architecture of the image. */
  readonly architecture: string;
  /** Read the lists of files too. */
  readonly lists: boolean;
  readonly signal: AbortSignal | undefined;
}

const folder = 'var/lib/dpkg';
const extendedStates = 'var/lib/apt/extended_states';

/**
 * Reads `status` and `info/*.list` of a full system, `status.d/*` of a distroless one, and apt's `extended_states`.
 * @throws SlimimageError DEB822_INVALID, DEPENDENCY_INVALID, LIMIT_EXCEEDED, and what reading layers throws
 */
export async function readImageDatabase(
  image: Image,
  rootfs: Rootfs,
  options: ReadDatabaseOptions,
): Promise<ImageDatabase> {
  const statusD = rootfs.list(`${folder}/status.d`) ?? [];
  const info = options.lists ? (rootfs.list(`${folder}/info`) ?? []) : [];
  const lists = info.filter(({ entry }) => entry.path.endsWith('.list'));
  const single = [`${folder}/status`, extendedStates].flatMap((path) => rootfs.resolve(path) ?? []);
  const files = await readAll(image, [...single, ...statusD, ...lists], options.signal);
  const below = statusD.flatMap(({ entry }): (readonly [string, Uint8Array])[] => {
    const bytes = files.get(entry.path);
    return bytes === undefined ? [] : [[baseName(entry.path), bytes]];
  });
  const statusPath = rootfs.resolve(`${folder}/status`)?.entry.path ?? '';
  const statesPath = rootfs.resolve(extendedStates)?.entry.path ?? '';
  const { architecture } = options;
  return {
    installed: readInstalled({ architecture, status: files.get(statusPath), statusD: below }),
    automatic: automaticPackages(files.get(statesPath)),
    owners: options.lists ? ownersOf(below, lists, files) : new Map(),
  };
}

/** Bytes that are read of an image's package database, all files together. */
const databaseBytes = 4 * limits.baseFileBytes;

async function readAll(
  image: Image,
  nodes: readonly RootfsNode[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const bytes = nodes.reduce((sum, { entry }) => sum + entry.size, 0);
  if (bytes > databaseBytes) {
    const message = `The package database of ${image.name} has ${bytes} bytes; at most ${databaseBytes} are read`;
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
  }
  const files = new Map<string, Uint8Array>();
  let chunks: Uint8Array[] = [];
  let path = '';
  for await (const event of readFiles(image, nodes, { signal })) {
    if (event.type === 'file') {
      path = event.node.entry.path;
      chunks = [];
    } else if (event.type === 'data') chunks.push(event.bytes.slice());
    else files.set(path, Buffer.concat(chunks));
  }
  return files;
}

/** apt's `extended_states`: a stanza for each package whose state it knows. */
function automaticPackages(bytes: Uint8Array | undefined): ReadonlySet<string> | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  const stanzas = parseStanzas(bytes, { what: extendedStates });
  const automatic = stanzas.filter((stanza) => stanza.get('Auto-Installed')?.trim() === '1');
  return new Set(automatic.flatMap((stanza) => stanza.get('Package') ?? []));
}

function ownersOf(
  statusD: readonly (readonly [name: string, bytes: Uint8Array])[],
  lists: readonly RootfsNode[],
  files: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  const add = (path: string, name: string) => {
    const clean = path.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
    const names = owners.get(clean);
    if (names === undefined) owners.set(clean, [name]);
    else if (!names.includes(name)) names.push(name);
  };
  const names = new Map<string, string>();
  for (const [file, bytes] of statusD) {
    if (file.endsWith('.md5sums')) continue;
    for (const stanza of parseStanzas(bytes, { what: `${folder}/status.d/${file}` })) {
      const name = stanza.get('Package') ?? file;
      names.set(file, name);
      for (const line of (stanza.get('Conffiles') ?? '').split('\n')) {
        const path = /^\s*(\/.*) [0-9a-f]{32}(?: .*)?$/.exec(line)?.[1];
        if (path !== undefined) add(path, name);
      }
    }
  }
  for (const [file, bytes] of statusD) {
    if (!file.endsWith('.md5sums')) continue;
    const stem = file.slice(0, -'.md5sums'.length);
    for (const line of decodeUtf8(bytes).split('\n')) {
      const path = /^[0-9a-f]{32} [ *](.+)$/.exec(line)?.[1];
      if (path !== undefined) add(path, names.get(stem) ?? withoutArchitecture(stem));
    }
  }
  for (const { entry } of lists) {
    const name = withoutArchitecture(baseName(entry.path).slice(0, -'.list'.length));
    for (const line of decodeUtf8(files.get(entry.path) ?? new Uint8Array()).split('\n')) {
      if (line.startsWith('/') && line !== '/.') add(line, name);
    }
  }
  return owners;
}

/** `libc6:amd64`, as dpkg names files of packages that several architectures may have. */
function withoutArchitecture(name: string): string {
  return name.replace(/:.*$/, '');
}
