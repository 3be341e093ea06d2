import { readInstalled } from '../../distro/debian/installed.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { parseStanzas } from '../../formats/deb822/stanza.ts';
import { baseName } from '../../rootfs/path.ts';
import type { RootfsNode } from '../../rootfs/rootfs.ts';
import { decodeUtf8 } from '../../util/text.ts';
import type { ImageView } from '../../view/types.ts';

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
}

const folder = 'var/lib/dpkg';
const extendedStates = 'var/lib/apt/extended_states';

/**
 * Reads `status` and `info/*.list` of a full system, `status.d/*` of a distroless one, and apt's `extended_states`.
 * @throws SlimimageError DEB822_INVALID, DEPENDENCY_INVALID
 */
export function readImageDatabase(
  view: Pick<ImageView, 'rootfs' | 'textOf'>,
  { architecture, lists }: ReadDatabaseOptions,
): ImageDatabase {
  const { rootfs } = view;
  const textAt = (path: string) => {
    const node = rootfs.resolve(path);
    return node === undefined ? undefined : view.textOf(node);
  };
  const textsOf = (nodes: readonly RootfsNode[]): Texts =>
    nodes.flatMap((node) => {
      const bytes = view.textOf(node);
      return bytes === undefined ? [] : [[baseName(node.entry.path), bytes] as const];
    });
  const statusD = textsOf(rootfs.list(`${folder}/status.d`) ?? []);
  const info = lists ? (rootfs.list(`${folder}/info`) ?? []) : [];
  return {
    installed: readInstalled({ architecture, status: textAt(`${folder}/status`), statusD }),
    automatic: automaticPackages(textAt(extendedStates)),
    owners: lists ? ownersOf(statusD, textsOf(info.filter(({ entry }) => entry.path.endsWith('.list')))) : new Map(),
  };
}

/** Name of the file, without its folder, and content. */
type Texts = readonly (readonly [name: string, bytes: Uint8Array])[];

/** apt's `extended_states`: a stanza for each package whose state it knows. */
function automaticPackages(bytes: Uint8Array | undefined): ReadonlySet<string> | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  const stanzas = parseStanzas(bytes, { what: extendedStates });
  const automatic = stanzas.filter((stanza) => stanza.get('Auto-Installed')?.trim() === '1');
  return new Set(automatic.flatMap((stanza) => stanza.get('Package') ?? []));
}

function ownersOf(statusD: Texts, lists: Texts): ReadonlyMap<string, readonly string[]> {
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
  for (const [file, bytes] of lists) {
    const name = withoutArchitecture(file.slice(0, -'.list'.length));
    for (const line of decodeUtf8(bytes).split('\n')) {
      if (line.startsWith('/') && line !== '/.') add(line, name);
    }
  }
  return owners;
}

/** `libc6:amd64`, as dpkg names files of packages that several architectures may have. */
function withoutArchitecture(name: string): string {
  return name.replace(/:.*$/, '');
}
