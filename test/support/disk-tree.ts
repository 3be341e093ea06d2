import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { EffectEntry, EffectTree } from '../../src/effects/types.ts';
import type { ElfFacts } from '../../src/formats/elf/facts.ts';
import { readElf } from '../../src/formats/elf/read-elf.ts';

/** A folder of this machine as effects see a tree, with facts of ELF files where `elf` names a folder of them. */
export function diskTree(root: string): EffectTree {
  const entries = new Map<string, EffectEntry>();
  const children = new Map<string, string[]>();
  for (const folder of folders(root, '')) {
    const names = readdirSync(join(root, folder));
    const paths = names.map((name) => (folder === '' ? name : `${folder}/${name}`));
    children.set(folder, paths);
    for (const path of paths) entries.set(path, entryOf(root, path));
  }
  return {
    get: (path) => entries.get(path),
    read: (path) => (entries.get(path)?.type === 'file' ? readFileSync(join(root, path)) : undefined),
    below: (folder) => [...entries.keys()].filter((path) => folder === '' || path.startsWith(`${folder}/`)),
    childrenOf: (folder) => children.get(folder) ?? [],
  };
}

function* folders(root: string, folder: string): Generator<string> {
  yield folder;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.isDirectory()) yield* folders(root, folder === '' ? entry.name : `${folder}/${entry.name}`);
  }
}

function entryOf(root: string, path: string): EffectEntry {
  const facts = lstatSync(join(root, path));
  const common = { path, mode: facts.mode & 0o7777, uid: facts.uid, gid: facts.gid, mtime: 0 };
  if (facts.isDirectory()) return { ...common, type: 'directory', size: 0 };
  if (facts.isSymbolicLink())
    return { ...common, type: 'symlink', size: 0, linkTarget: readlinkSync(join(root, path)) };
  return { ...common, type: 'file', size: facts.size, elf: /\.so/.test(path) ? elfOf(join(root, path)) : undefined };
}

function elfOf(file: string): ElfFacts | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const read = (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    return readElf({ size: fstatSync(descriptor).size, read });
  } finally {
    closeSync(descriptor);
  }
}
