import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../store/disk-error.ts';
import type { LocalStore } from '../store/local-store.ts';
import { sha256Hex } from '../util/digest.ts';
import type { CompiledModule } from './types.ts';

/** What became of a package's modules. */
export interface StoredModules {
  readonly modules: readonly CompiledModule[];
  readonly failed: readonly string[];
}

interface Index {
  /** Of the file with the code, hexadecimal. */
  readonly sha256: string;
  /** Paths and bytes of code, in the order of the file. */
  readonly modules: readonly (readonly [path: string, size: number])[];
  readonly failed: readonly string[];
}

const files = { index: 'index.json', code: 'code' };
const kind = 'bytecode';

/** What was kept, if all of it is there and whole. */
export async function storedModules(key: string, store: LocalStore): Promise<StoredModules | undefined> {
  const folder = await store.folder(kind, key);
  if (folder === undefined) return undefined;
  try {
    const { sha256, modules, failed } = JSON.parse(await readFile(join(folder, files.index), 'utf8')) as Index;
    const code = await readFile(join(folder, files.code));
    if (sha256Hex(code) === sha256) return { modules: cut(code, modules), failed };
  } catch {
    // Damaged: it is made again.
  }
  await store.removeFolder(kind, key);
  return undefined;
}

function cut(code: Uint8Array, modules: Index['modules']): readonly CompiledModule[] {
  let at = 0;
  return modules.map(([path, size]) => {
    at += size;
    return { path, code: code.subarray(at - size, at) };
  });
}

/** @throws SlimimageError STORE */
export async function keepModules(
  key: string,
  { modules: made, store }: { readonly modules: StoredModules; readonly store: LocalStore },
): Promise<StoredModules> {
  const { modules, failed } = made;
  const code = Buffer.concat(modules.map((one) => one.code));
  const index: Index = {
    sha256: sha256Hex(code),
    modules: modules.map((one) => [one.path, one.code.length] as const),
    failed,
  };
  const folder = await store.temporaryFolder(kind);
  try {
    await writeFile(join(folder, files.code), code);
    await writeFile(join(folder, files.index), JSON.stringify(index));
  } catch (cause) {
    throw diskError(cause, `cannot write ${folder}`);
  }
  await store.commitFolder(kind, key, folder);
  return made;
}
