import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TarReader } from '../../../src/formats/tar/reader.ts';
import type { TarHeader } from '../../../src/formats/tar/types.ts';
import type { ListedPath } from './types.ts';

/** Every path of a tree as a tar, sorted, owners by the names of its own accounts. */
export async function listTar(tar: string): Promise<readonly ListedPath[]> {
  const accounts = await readContents(tar, (path) => path === 'etc/passwd' || path === 'etc/group');
  const users = namesById(accounts.get('etc/passwd'));
  const groups = namesById(accounts.get('etc/group'));
  const paths = new Map<string, ListedPath>();
  let hash: Hash | undefined;
  let current: TarHeader | undefined;
  await readEntries(tar, {
    entry(header) {
      current = header;
      hash = header.type === 'file' ? createHash('sha256') : undefined;
    },
    data: (bytes) => hash?.update(bytes),
    entryEnd() {
      if (current === undefined) return;
      const { uid, gid } = current;
      const owner = { user: users.get(uid) ?? String(uid), group: groups.get(gid) ?? String(gid) };
      const listed = listedPath(current, { owner, sha256: hash?.digest('hex'), paths });
      if (listed.path !== '') paths.set(listed.path, listed);
    },
  });
  return [...paths.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The bytes of some regular files; a hard link's stand at its first name. */
export async function readContents(
  tar: string,
  wanted: (path: string) => boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  let chunks: Uint8Array[] | undefined;
  let path = '';
  await readEntries(tar, {
    entry(header) {
      path = plainPath(header.path);
      chunks = header.type === 'file' && wanted(path) ? [] : undefined;
    },
    data: (bytes) => chunks?.push(bytes.slice()),
    entryEnd: () => chunks && contents.set(path, Buffer.concat(chunks)),
  });
  return contents;
}

async function readEntries(tar: string, handler: ConstructorParameters<typeof TarReader>[0]): Promise<void> {
  const reader = new TarReader(handler, { what: tar });
  for await (const chunk of createReadStream(tar, { highWaterMark: 1024 * 1024 })) reader.push(chunk as Uint8Array);
  reader.end();
}

interface ListedFacts {
  readonly owner: Pick<ListedPath, 'user' | 'group'>;
  readonly sha256: string | undefined;
  /** Those listed so far. */
  readonly paths: ReadonlyMap<string, ListedPath>;
}

function listedPath(header: TarHeader, { owner, sha256, paths }: ListedFacts): ListedPath {
  const { type, mode, size, linkTarget = '', xattrs } = header;
  const path = plainPath(header.path);
  if (type === 'hardlink') {
    const first = paths.get(plainPath(linkTarget));
    if (first === undefined) throw new Error(`${path} is a hard link to nothing`);
    return { ...first, path };
  }
  const capability = xattrs?.get('security.capability');
  const more = capability === undefined ? {} : { capability: Buffer.from(capability).toString('hex') };
  if (type === 'symlink') return { path, type, mode: 0o777, ...owner, target: linkTarget };
  if (sha256 !== undefined) return { path, type, mode, ...owner, sha256, size, ...more };
  return { path, type, mode, ...owner };
}

/** The first name of an id counts. */
function namesById(table: Uint8Array | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of new TextDecoder().decode(table).split('\n')) {
    const [name, , id] = line.split(':');
    if (name && id && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}

function plainPath(name: string): string {
  return name
    .replace(/^\.?\/+/, '')
    .replace(/\/$/, '')
    .replace(/^\.$/, '');
}
