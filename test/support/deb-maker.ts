import { execFileSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compress as lzmaCompress } from '@napi-rs/lzma/lzma';
import { compress as xzCompress } from '@napi-rs/lzma/xz';
import type { TarHeader } from '../../src/formats/tar/types.ts';
import { encodeTarEntry, endOfTar, tarPadding } from '../../src/formats/tar/writer.ts';
import { concatBytes } from '../../src/util/bytes.ts';
import { encodeUtf8 } from '../../src/util/text.ts';

/** bzip2 takes the command of that name. */
export type Packing = 'none' | 'gzip' | 'zstd' | 'xz' | 'lzma' | 'bzip2';

/** A package as a literal. Paths begin with a slash; one that ends in a slash is a directory, `-> target` a symlink. */
export interface DebRecipe {
  readonly name: string;
  /** Default `1.0-1`. */
  readonly version?: string;
  /** Default `amd64`. */
  readonly architecture?: string;
  /** More control fields: `{ Depends: 'libc6' }`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** path -> text, bytes, or `-> target`; with mode, owner and type where they matter. */
  readonly files?: Readonly<Record<string, string | Uint8Array | FileRecipe>>;
  /** Control members: `{ postinst: '#!/bin/sh\n' }`. */
  readonly control?: Readonly<Record<string, string>>;
  /** Of the data tar, and of the control tar where dpkg has that form for it (deb(5)). Default xz. */
  readonly packing?: Packing;
  /** The whole file, where it is to be something else than an archive says of it. */
  readonly bytes?: Uint8Array;
}

export interface FileRecipe {
  readonly content?: string | Uint8Array;
  readonly type?: TarHeader['type'];
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly linkTarget?: string;
}

/** 2024-01-01, so that packages made here are the same on every day. */
const madeAt = 1_704_067_200;

/** The bytes of a .deb (deb(5)). */
export async function makeDeb(recipe: DebRecipe): Promise<Uint8Array> {
  if (recipe.bytes !== undefined) return recipe.bytes;
  const packing = recipe.packing ?? 'xz';
  const controlPacking = packing === 'lzma' || packing === 'bzip2' ? 'gzip' : packing;
  const control = { control: controlText(recipe), ...recipe.control };
  const controlTar = makeTar(
    Object.entries(control).map(([name, content]) => [
      `./${name}`,
      { content, mode: name === 'control' ? 0o644 : 0o755 },
    ]),
  );
  const dataTar = makeTar(withParents(recipe.files ?? {}));
  return ar([
    ['debian-binary', encodeUtf8('2.0\n')],
    [`control.tar${suffix[controlPacking]}`, await pack(controlTar, controlPacking)],
    [`data.tar${suffix[packing]}`, await pack(dataTar, packing)],
  ]);
}

/** The control file's text. */
export function controlText(recipe: DebRecipe): string {
  const fields = {
    Package: recipe.name,
    Version: recipe.version ?? '1.0-1',
    Architecture: recipe.architecture ?? 'amd64',
    Maintainer: 'Test <test@example.org>',
    Description: `test package ${recipe.name}`,
    ...recipe.fields,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

export const suffix: Readonly<Record<Packing, string>> = {
  none: '',
  gzip: '.gz',
  zstd: '.zst',
  xz: '.xz',
  lzma: '.lzma',
  bzip2: '.bz2',
};

export async function pack(bytes: Uint8Array, packing: Packing): Promise<Uint8Array> {
  switch (packing) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'zstd':
      return zstdCompressSync(bytes);
    case 'xz':
      return xzCompress(bytes);
    case 'lzma':
      return lzmaCompress(bytes);
    case 'bzip2':
      return execFileSync('bzip2', ['-c'], { input: bytes });
  }
}

type Entry = readonly [path: string, recipe: FileRecipe];

function withParents(files: NonNullable<DebRecipe['files']>): readonly Entry[] {
  const entries = new Map<string, FileRecipe>([['./', { type: 'directory' }]]);
  for (const [path, value] of Object.entries(files)) {
    const parts = path.split('/').slice(1, -1);
    parts.forEach((_, at) => {
      const parent = `./${parts.slice(0, at + 1).join('/')}/`;
      if (!entries.has(parent)) entries.set(parent, { type: 'directory' });
    });
    entries.set(`.${path}`, asRecipe(path, value));
  }
  return [...entries];
}

function asRecipe(path: string, value: string | Uint8Array | FileRecipe): FileRecipe {
  if (typeof value === 'string' && value.startsWith('-> ')) return { type: 'symlink', linkTarget: value.slice(3) };
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return path.endsWith('/') ? { type: 'directory' } : { content: value };
  }
  return value;
}

function makeTar(entries: readonly Entry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [path, recipe] of entries) {
    const content =
      typeof recipe.content === 'string' ? encodeUtf8(recipe.content) : (recipe.content ?? new Uint8Array());
    const type = recipe.type ?? 'file';
    const { linkTarget } = recipe;
    const header = {
      path: path.replace(/\/$/, ''),
      type,
      mode: recipe.mode ?? (type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
      uid: recipe.uid ?? 0,
      gid: recipe.gid ?? 0,
      size: content.length,
      mtime: recipe.mtime ?? madeAt,
      userName: 'root',
      groupName: 'root',
    };
    parts.push(
      encodeTarEntry(linkTarget === undefined ? header : { ...header, linkTarget }),
      content,
      tarPadding(content.length),
    );
  }
  parts.push(endOfTar());
  return concatBytes(parts);
}

function ar(members: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [encodeUtf8('!<arch>\n')];
  for (const [name, bytes] of members) {
    const header = `${name.padEnd(16)}${String(madeAt).padEnd(12)}0     0     100644  ${String(bytes.length).padEnd(10)}\`\n`;
    parts.push(encodeUtf8(header), bytes, encodeUtf8(bytes.length % 2 === 1 ? '\n' : ''));
  }
  return concatBytes(parts);
}
