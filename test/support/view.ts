import type { ElfFacts } from '../../src/formats/elf/facts.ts';
import type { ImageConfig, RuntimeConfig } from '../../src/oci/documents.ts';
import type { LayerEntry } from '../../src/rootfs/entry.ts';
import { digestOf } from '../../src/util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/util/text.ts';
import type { ImagePackages } from '../../src/view/packages.ts';
import { readPackages } from '../../src/view/read-packages.ts';
import type { ImageView, SecretHit } from '../../src/view/types.ts';
import { type KnownEntry, knownView } from './known-view.ts';

/** One path of a layer that is more than a text. */
export interface PathPicture {
  /** Permission bits: 0o644 for files, 0o755 for folders and programs, unless told. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly text?: string | Uint8Array;
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
  /** An ELF file, hardened as Debian's are where nothing is said. */
  readonly elf?: Partial<Omit<ElfFacts, 'hardening'>> & { readonly hardening?: Partial<ElfFacts['hardening']> };
  readonly secrets?: readonly SecretHit[];
  readonly device?: readonly ['character' | 'block', major: number, minor: number];
}

/**
 * A layer as a picture, in the order of its tar: the text of a file, `->usr/bin` for a symlink, `=usr/bin/perl` for a hard link,
 * a picture for the rest. A path that ends in a slash is a folder; `-etc/passwd` takes the path away.
 */
export type LayerPicture = Readonly<Record<string, string | PathPicture>>;

export interface ViewPicture {
  readonly name?: string;
  /** Of the image config; undefined: a config that says nothing of the runtime. */
  readonly runtime?: RuntimeConfig;
  /** Commands of the history, those of layers and those in between. */
  readonly history?: ImageConfig['history'];
  /** No config at all, as a bare file tree has it. */
  readonly bare?: true;
}

/** The view of an image of these layers, lowest first. Contents are known of every file. */
export function viewOf(pictures: readonly LayerPicture[], options: ViewPicture = {}): ImageView {
  const layers = pictures.map((picture) => Object.entries(picture).map(([path, what]) => drawn(path, what)));
  const { layers: viewed } = knownView(layers, {});
  const history: NonNullable<ImageConfig['history']> = options.history ?? layers.map(() => ({ created_by: 'a test' }));
  const made = history.filter(({ empty_layer: empty }) => empty !== true);
  const config: ImageConfig = {
    architecture: 'amd64',
    os: 'linux',
    config: options.runtime,
    rootfs: { type: 'layers', diff_ids: viewed.map(({ diffId }) => diffId) },
    history,
  };
  return knownView(layers, {
    name: options.name ?? 'store:picture',
    layers: viewed.map((layer, index) => ({ ...layer, size: 0, history: made[index] })),
    ...(options.bare === true ? { platform: undefined } : { config }),
  });
}

/** What dpkg would have written of these packages: `{ dash: ['usr/bin/dash'] }`, with more fields behind the name: `dash Depends: libc6`. */
export function dpkgPicture(packages: Readonly<Record<string, readonly string[]>>): LayerPicture {
  const picture: Record<string, string> = {};
  const stanzas = Object.entries(packages).map(([title, files]) => {
    const [name = '', ...fields] = title.split(/ (?=[A-Z])/);
    picture[`var/lib/dpkg/info/${name}.list`] = ['/.', ...files.map((file) => `/${file}`)].join('\n');
    return [`Package: ${name}`, 'Status: install ok installed', 'Architecture: amd64', 'Version: 1.0', ...fields].join(
      '\n',
    );
  });
  return { ...picture, 'var/lib/dpkg/status': `${stanzas.join('\n\n')}\n` };
}

export function packagesOf(view: ImageView): ImagePackages {
  return readPackages(view);
}

function drawn(title: string, what: string | PathPicture): KnownEntry {
  const base = { uid: 0, gid: 0, mtime: 0, size: 0 };
  if (title.startsWith('-')) {
    const path = title.slice(1).replace(/([^/]*)$/, '.wh.$1');
    return { entry: { ...base, path, type: 'file', mode: 0o644 } };
  }
  const path = title.replace(/\/$/, '');
  if (typeof what === 'string' && what.startsWith('->'))
    return { entry: { ...base, path, type: 'symlink', mode: 0o777, linkTarget: what.slice(2) } };
  if (typeof what === 'string' && what.startsWith('='))
    return { entry: { ...base, path, type: 'hardlink', mode: 0o644, linkTarget: what.slice(1) } };
  const { text, elf, secrets, xattrs, device, ...metadata } = typeof what === 'string' ? { text: what } : what;
  const bytes = typeof text === 'string' ? encodeUtf8(text) : (text ?? new Uint8Array());
  const shebang = /^#!\s*([^\n]+)/.exec(decodeUtf8(bytes))?.[1];
  const isFolder = title.endsWith('/');
  const mode = isFolder || elf !== undefined || shebang !== undefined ? 0o755 : 0o644;
  const entry: LayerEntry = {
    ...base,
    path,
    type: isFolder ? 'directory' : (device?.[0] ?? 'file'),
    mode,
    ...(device === undefined ? {} : { deviceMajor: device[1], deviceMinor: device[2] }),
    ...(xattrs === undefined ? {} : { xattrs: new Map(Object.entries(xattrs)) }),
    ...metadata,
    size: bytes.length,
    sha256: digestOf(bytes).slice('sha256:'.length),
  };
  const program = elf !== undefined ? { elf: elfOf(elf) } : shebang !== undefined ? { shebang } : undefined;
  return { entry, text: bytes, program, secrets };
}

function elfOf({ hardening, ...facts }: NonNullable<PathPicture['elf']>): ElfFacts {
  return {
    machine: 'x86_64',
    bits: 64,
    type: 'executable',
    needed: ['libc.so.6'],
    versionsNeeded: {},
    versionsDefined: [],
    ...facts,
    hardening: { pie: true, relro: 'full', nx: true, canary: true, ...hardening },
  };
}
