/** Made-up images for the check, as pictures: what the loader, the kernel and an engine would see of each file. */

import { checkTree } from '../../src/check/check-tree.ts';
import type { CheckFile, CheckSettings, CheckTree } from '../../src/check/types.ts';
import { type ElfRecipe, makeElf } from '../../src/formats/elf/elf-maker.ts';
import { elfSource, readElf } from '../../src/formats/elf/read-elf.ts';
import { encodeUtf8 } from '../../src/util/text.ts';

/** A picture of an image: an ELF recipe, `-> TARGET`, `#!...`, a folder (trailing slash), any text or bytes; `NAME 0600` says a mode. */
export type Picture = Readonly<Record<string, string | ElfRecipe | Uint8Array>>;

export const ldso = '/lib64/ld-linux-x86-64.so.2';
export const libs = 'usr/lib/x86_64-linux-gnu';
export const program = (needed: readonly string[], more: ElfRecipe = {}): ElfRecipe => ({
  type: 2,
  interpreter: ldso,
  needed: [...needed, 'libc.so.6'],
  ...more,
});
export const library = (soname: string, needed: readonly string[] = [], more: ElfRecipe = {}): ElfRecipe => ({
  soname,
  needed: [...needed, 'libc.so.6'],
  ...more,
});

export const system: Picture = {
  lib: '-> usr/lib',
  lib64: '-> usr/lib64',
  'usr/lib64/': '',
  'usr/lib64/ld-linux-x86-64.so.2': { soname: 'ld-linux-x86-64.so.2' },
  [`${libs}/libc.so.6`]: { soname: 'libc.so.6', versionsDefined: ['GLIBC_2.2.5', 'GLIBC_2.34'] },
  [`${libs}/libz.so.1`]: '-> libz.so.1.3',
  [`${libs}/libz.so.1.3`]: library('libz.so.1'),
  'usr/bin/sh': program([]),
  'usr/bin/app': program(['libz.so.1']),
};

export function treeOf(picture: Picture): CheckTree {
  const files = new Map<string, CheckFile>();
  const texts = new Map<string, Uint8Array>();
  const common = { uid: 0, gid: 0, linkTarget: undefined };
  const folder = (path: string) => ({ ...common, path, type: 'directory', mode: 0o755 }) as const;
  files.set('', folder(''));
  for (const [key, what] of Object.entries(picture)) {
    const [name = '', octal] = key.split(' ');
    const path = name.replace(/\/$/, '');
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      if (!files.has(path.slice(0, at))) files.set(path.slice(0, at), folder(path.slice(0, at)));
    const mode = octal === undefined ? 0o755 : Number.parseInt(octal, 8);
    if (what instanceof Uint8Array) {
      files.set(path, { ...common, path, type: 'file', mode });
      texts.set(path, what);
    } else if (typeof what !== 'string') {
      const elf = readElf(elfSource(makeElf(what)));
      files.set(path, { ...common, path, type: 'file', mode, elf });
    } else if (name.endsWith('/')) files.set(path, { ...folder(path), mode });
    else if (what.startsWith('-> '))
      files.set(path, { ...common, path, type: 'symlink', mode: 0o777, linkTarget: what.slice(3) });
    else {
      const shebang = what.startsWith('#!') ? what.slice(2) : undefined;
      files.set(path, { ...common, path, type: 'file', mode, shebang });
      texts.set(path, encodeUtf8(what));
    }
  }
  return {
    get: (path) => files.get(path),
    entries: () => files.values(),
    packageOf: (path) => (path.includes('lib') ? 'libs' : undefined),
    read: (path) => texts.get(path),
  };
}

export const settings: CheckSettings = {
  machine: 'x86_64',
  command: ['app'],
  env: ['PATH=/usr/bin:/bin'],
  workdir: '/',
  userName: '65532',
  user: { uid: 65532, gids: [65532] },
  requested: undefined,
  isComplete: () => true,
};

/** Findings as `error library libz.so.1 of /usr/bin/app`. */
export function faults(change: Picture, more: Partial<CheckSettings> = {}): readonly string[] {
  const whole = Object.entries({ ...system, ...change }).filter(([, what]) => what !== 'gone');
  const { findings } = checkTree(treeOf(Object.fromEntries(whole)), { ...settings, ...more });
  return findings.map(({ severity, type, missing, path }) => `${severity} ${type} ${missing} of ${path}`);
}
