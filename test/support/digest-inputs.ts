import { chmod, link, lutimes, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The images of a digest table: a configuration each, and what the configurations name beside the application. */
export interface TableImages {
  /** Name -> text of its slimimage.yaml; `app/` lies beside it. */
  readonly configs: Readonly<Record<string, string>>;
  /** More files beside the configurations: path -> text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What about the files of the host may differ without any effect on the image. */
export interface InputVariant {
  /** Made in the opposite order, which some file systems list them in. */
  readonly reversed?: boolean;
  /** Seconds since the epoch; undefined: now. */
  readonly mtime?: number;
  /** Permissions of programs, of other files and of folders. */
  readonly modes?: readonly [program: number, file: number, folder: number];
  /** Equal files are one file with two names. */
  readonly linked?: boolean;
}

/** The lines of a configuration that put the application in, in both ways that `files:` has. */
export const applicationLines = `files:
  - ./app:/srv/app
  - { source: ./app, path: /opt/app, owner: nonroot, mode: "0640", ignore: ["*.log", "!keep.log"] }
paths:
  - /data/
  - { path: /etc/app.conf, content: "listen = 8080\\n", owner: nonroot, mode: "0400" }
  - { path: /usr/bin/serve, link: /srv/app/bin/serve }
env: { PORT: "8080", ALPHA: "1" }
labels: { org.example.z: last, org.example.a: first }
entrypoint: [/usr/bin/serve]
allow: [{ missing: /usr/bin/python3, because: nobody runs it }]
user: nonroot
`;

/** Writes `NAME.yaml` of every image, the other files, and an application with odd names, modes and links. */
export async function writeInputs(folder: string, images: TableImages, variant: InputVariant = {}): Promise<void> {
  const texts = { ...images.files, ...mapKeys(images.configs, (name) => `${name}.yaml`) };
  for (const [path, text] of Object.entries(texts)) await writeFile(join(folder, path), text);
  const entries = variant.reversed ? [...application()].reverse() : application();
  for (const entry of entries) await writeEntry(join(folder, 'app'), entry, variant);
  // Folders last: what is made in them changes their times, and what they allow may be little.
  for (const entry of entries) await finishFolders(join(folder, 'app'), entry, variant);
}

type Entry =
  | { readonly path: string; readonly content: string | Uint8Array; readonly program?: boolean; readonly twin?: string }
  | { readonly path: string; readonly target: string }
  | { readonly path: string };

function application(): readonly Entry[] {
  const script = '#!/usr/bin/python3\nprint("served")\n';
  return [
    { path: 'bin/serve', content: script, program: true },
    { path: 'bin/-dash first', content: script, program: true, twin: 'bin/serve' },
    { path: 'lib/data.bin', content: pseudoRandom(1_100_000) },
    { path: 'lib/empty', content: '' },
    { path: 'lib/Upper', content: 'upper\n' },
    { path: 'lib/upper', content: 'lower\n' },
    { path: 'lib/ı-İ-ß', content: 'letters that locales fold\n' },
    // The same letter, composed and decomposed.
    { path: 'lib/\u00e9', content: 'composed\n' },
    { path: 'lib/e\u0301', content: 'decomposed\n' },
    { path: 'lib/z', content: 'z\n' },
    { path: 'lib/\u{1f680}', content: 'beyond the basic plane\n' },
    { path: 'lib/\uff5e', content: 'before it in UTF-16, after it in UTF-8\n' },
    { path: 'odd/with space', content: 'space\n' },
    { path: 'odd/a\nb', content: 'line feed\n' },
    { path: 'odd/back\\slash', content: 'backslash\n' },
    { path: 'odd/star*?[x]', content: 'glob\n' },
    { path: `odd/${'long'.repeat(40)}`, content: 'long name\n' },
    { path: `${'deep/'.repeat(30)}${'long'.repeat(30)}`, content: 'long path\n' },
    { path: 'log/drop.log', content: 'ignored in one of the copies\n' },
    { path: 'log/keep.log', content: 'kept\n' },
    { path: 'links/inside', target: '../lib/upper' },
    { path: 'links/outside', target: '/usr/bin/python3' },
    { path: 'links/nowhere', target: 'missing' },
    { path: 'empty folder' },
    { path: '.hidden/file', content: 'hidden\n' },
    { path: '.dockerignore', content: 'drop-me\n' },
    { path: 'drop-me', content: 'never in an image\n' },
  ];
}

async function writeEntry(root: string, entry: Entry, variant: InputVariant): Promise<void> {
  const path = join(root, entry.path);
  await mkdir(dirname(path), { recursive: true });
  if ('target' in entry) await symlink(entry.target, path);
  else if (!('content' in entry)) await mkdir(path);
  else if (variant.linked && entry.twin !== undefined) await link(join(root, entry.twin), path);
  else {
    const [program, file] = variant.modes ?? usualModes;
    await writeFile(path, entry.content);
    await chmod(path, entry.program ? program : file);
  }
  if (variant.mtime !== undefined) await lutimes(path, variant.mtime, variant.mtime);
}

async function finishFolders(root: string, entry: Entry, variant: InputVariant): Promise<void> {
  const [, , folder] = variant.modes ?? usualModes;
  const own = 'target' in entry || 'content' in entry ? dirname(entry.path) : entry.path;
  for (let path = own; ; path = dirname(path)) {
    await chmod(join(root, path), folder);
    if (variant.mtime !== undefined) await lutimes(join(root, path), variant.mtime, variant.mtime);
    if (path === '.') return;
  }
}

const usualModes = [0o755, 0o644, 0o755] as const;

/** Text, noise and repetition in turn, the same everywhere. */
export function pseudoRandom(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    // Blocks of 4 KiB in turn: few letters, many bytes, what was there before.
    const kind = (at >> 12) % 3;
    bytes[at] =
      kind === 0 ? 97 + ((state >>> 16) % 13) : kind === 1 ? state >>> 24 : (bytes[Math.max(0, at - 20_000)] ?? 0);
  }
  return bytes;
}

function mapKeys<T>(record: Readonly<Record<string, T>>, rename: (key: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]));
}
