import type { ElfFacts } from '../formats/elf/facts.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type {
  DonorTree,
  EffectEntry,
  EffectInput,
  EffectPackage,
  EffectSettings,
  EffectTree,
  GeneratedEntry,
} from './types.ts';

/** A tree as a literal: text is a file's content, an object what differs from a file of root. */
export type TreeLiteral = Readonly<Record<string, string | (Partial<EffectEntry> & { readonly content?: string })>>;

/** For tests: an effect's input made of literals. */
export function effectInput(options: {
  readonly tree?: TreeLiteral;
  readonly packages?: readonly (Partial<EffectPackage> & { readonly name: string })[];
  readonly donors?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly settings?: Partial<EffectSettings>;
}): EffectInput {
  const { tree = {}, packages = [], donors = {}, settings = {} } = options;
  return {
    packages: packages.map((item) => ({ ...emptyPackage, control: `Package: ${item.name}\n`, ...item })),
    tree: literalTree(tree),
    donors: new Map(Object.entries(donors).map(([name, files]) => [name, literalDonor(files)])),
    settings: { ...defaults, ...settings },
  };
}

/** For tests: `path -> 'file 0644 0:0 content'`. */
export function picture(entries: readonly GeneratedEntry[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map((entry) => [entry.path, describe(entry)]));
}

export function elfNeeding(...needed: readonly string[]): ElfFacts {
  return {
    machine: 'x86_64',
    bits: 64,
    type: 'shared',
    needed,
    versionsNeeded: {},
    versionsDefined: [],
    hardening: { pie: false, relro: 'none', nx: true, canary: false },
  };
}

const emptyPackage = { version: '1', architecture: 'amd64', scripts: {}, conffiles: [], files: [] };

const defaults: EffectSettings = {
  base: 'debian',
  layout: 'merged',
  architecture: 'amd64',
  created: 1_700_000_000,
  users: [],
  groups: [],
  owners: [],
  user: 'nonroot',
  certificates: [],
  locales: [],
};

function literalTree(literal: TreeLiteral): EffectTree {
  const entries = new Map<string, EffectEntry>();
  const contents = new Map<string, Uint8Array>();
  for (const [path, value] of Object.entries(literal)) {
    const { content = '', ...differs } = typeof value === 'string' ? { content: value } : value;
    const bytes = encodeUtf8(content);
    entries.set(path, { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length, ...differs });
    if ((differs as Partial<EffectEntry>).type === undefined) contents.set(path, bytes);
  }
  return {
    get: (path) => entries.get(path),
    read: (path) => contents.get(path),
    below: (folder) => [...entries.keys()].filter((path) => folder === '' || path.startsWith(`${folder}/`)),
  };
}

/** For tests: a donor with links. */
export function literalDonorTree(literal: TreeLiteral): DonorTree {
  const tree = literalTree(literal);
  const childrenOf = (folder: string) => [
    ...new Set(
      [...tree.below(folder)].map((path) =>
        path
          .split('/')
          .slice(0, folder.split('/').length + 1)
          .join('/'),
      ),
    ),
  ];
  return { ...tree, childrenOf };
}

function literalDonor(files: Readonly<Record<string, string>>): DonorTree {
  return {
    read: (path) => {
      const text = files[path];
      return text === undefined ? undefined : encodeUtf8(text);
    },
  };
}

function describe(entry: GeneratedEntry): string {
  const owner = entry.uid === 0 && entry.gid === 0 ? '' : ` ${entry.uid}:${entry.gid}`;
  if (entry.type === 'symlink') return `-> ${entry.linkTarget}`;
  const head = `${entry.type} 0${entry.mode.toString(8)}${owner}`;
  return entry.content === undefined ? head : `${head} ${decodeUtf8(entry.content)}`;
}
