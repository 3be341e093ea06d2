import { gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeTarEntry, endOfTar, type TarEntryInput, tarPadding } from '../../src/formats/tar/writer.ts';

/** One path of a package: a string is a file's text, an object says more. */
export type DebFile =
  | string
  | (Partial<Omit<TarEntryInput, 'path' | 'size'>> & { readonly content?: string | Uint8Array });

export interface DebOptions {
  readonly name?: string;
  readonly version?: string;
  readonly architecture?: string;
  /** More lines of the control file, such as `Depends: libc6`. */
  readonly control?: readonly string[];
  /** Other members of control.tar, by name. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** In this order, below `./`; a name that ends in a slash is a folder. Names are written as they are where they start with `!`. */
  readonly files?: Readonly<Record<string, DebFile>> | readonly (readonly [name: string, file: DebFile])[];
  readonly compression?: 'none' | 'gzip' | 'zstd';
}

/** A .deb made in memory from a literal. */
export function makeDeb(options: DebOptions = {}): Buffer {
  const { name = 'sample', version = '1', architecture = 'all', compression = 'none' } = options;
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: A <a@example.org>',
    'Description: sample',
    ...(options.control ?? []),
    '',
  ];
  const members: (readonly [string, DebFile])[] = [
    ['control', control.join('\n')],
    ...Object.entries(options.scripts ?? {}),
  ];
  const files = options.files ?? {};
  const data = Array.isArray(files)
    ? (files as readonly (readonly [string, DebFile])[])
    : Object.entries(files as Record<string, DebFile>);
  const suffix = { none: '', gzip: '.gz', zstd: '.zst' }[compression];
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    [`control.tar${suffix}`, compress(makeTar(members), compression)],
    [`data.tar${suffix}`, compress(makeTar(data), compression)],
  ]);
}

/** A tar from names and files; directories by a trailing slash. */
export function makeTar(files: readonly (readonly [name: string, file: DebFile])[]): Buffer {
  const parts = files.flatMap(([name, file]) => {
    const { content = '', ...given } = typeof file === 'string' ? { content: file } : file;
    const bytes = Buffer.from(content);
    const directory = name.endsWith('/');
    const path = name.startsWith('!') ? name.slice(1) : `./${name.replace(/\/$/, '')}`;
    const type = given.type ?? (directory ? 'directory' : 'file');
    const size = type === 'file' ? bytes.length : 0;
    const entry = { mode: directory ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, ...given, path, type, size };
    return [encodeTarEntry(entry), ...(size > 0 ? [bytes, tarPadding(size)] : [])];
  });
  return Buffer.concat([...parts, endOfTar()]);
}

/** An ar file of members by name. */
export function makeAr(members: readonly (readonly [name: string, bytes: Uint8Array])[]): Buffer {
  const parts = members.flatMap(([name, bytes]) => {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`;
    return [Buffer.from(header), bytes, Buffer.from(bytes.length % 2 === 1 ? '\n' : '')];
  });
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

function compress(bytes: Buffer, compression: 'none' | 'gzip' | 'zstd'): Buffer {
  if (compression === 'gzip') return gzipSync(bytes);
  return compression === 'zstd' ? zstdCompressSync(bytes) : bytes;
}
