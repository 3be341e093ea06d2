import type { OnEvent } from '../events.ts';
import { limits } from '../limits.ts';
import type { LocalStore } from '../store/local-store.ts';
import { sha256Hex } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { compareStrings } from '../util/text.ts';
import { CompilerThread } from './compiler-thread.ts';
import { findCompiler } from './find-compiler.ts';
import { keepModules, type StoredModules, storedModules } from './stored-modules.ts';
import type { CompiledModules, ImagePython, ModuleSet } from './types.ts';

export interface CompileOptions {
  readonly python: ImagePython;
  /** Of the configuration, absolute: pyodide may be installed there. */
  readonly folder: string;
  readonly store: LocalStore;
  readonly onEvent: OnEvent;
  readonly signal?: AbortSignal | undefined;
}

/** Raised whenever the same modules and compiler would give other bytes. */
const formatVersion = 1;

/**
 * Compiles modules as py3compile(1) does, with unchecked hashes in place of times (PEP 552): what is no Python of that
 * version is left out. A package that was compiled before costs nothing, and does not start the compiler.
 * @throws SlimimageError as findCompiler and CompilerThread; LIMIT_EXCEEDED for too many modules; STORE
 */
export async function compileModules(sets: readonly ModuleSet[], options: CompileOptions): Promise<CompiledModules> {
  const { python, store, onEvent, signal } = options;
  const compiler = await findCompiler(python, options.folder);
  const name = `pyodide ${compiler.version}`;
  const onBroken = (path: string) =>
    onEvent({ type: 'warning', message: `bytecode: /${path} can't be compiled: the compiler breaks at it` });
  const thread = new CompilerThread({ compiler, python, signal, onBroken });
  const found: StoredModules[] = [];
  try {
    for (const set of sets) {
      const key = keyOf(set, { compiler: name, python });
      const stored = await storedModules(key, store);
      found.push(stored ?? (await keepModules(key, { modules: await compileSet(set, { thread, onEvent }), store })));
    }
  } finally {
    await thread.close();
  }
  return {
    compiler: name,
    modules: found.flatMap(({ modules }) => modules),
    failed: found.flatMap(({ failed }) => failed).sort(compareStrings),
  };
}

function keyOf(set: ModuleSet, { compiler, python }: { readonly compiler: string; readonly python: ImagePython }) {
  const modules = set.modules.map(({ path, sha256 }) => [path, sha256]);
  return sha256Hex(canonicalJson({ format: formatVersion, compiler, minor: python.minor, modules }));
}

async function compileSet(
  set: ModuleSet,
  { thread, onEvent }: { readonly thread: CompilerThread; readonly onEvent: OnEvent },
): Promise<StoredModules> {
  const id = `bytecode:${set.package}`;
  const total = set.modules.reduce((sum, { size }) => sum + size, 0);
  onEvent({ type: 'task', id, phase: 'assemble', label: `byte code of ${set.package}`, total });
  const modules = [];
  const failed = [];
  let done = 0;
  try {
    for (const { path, size, read } of set.modules) {
      const code = size > limits.pythonModuleBytes ? undefined : await thread.compile(path, read());
      if (code === undefined) failed.push(path);
      else modules.push({ path, code });
      done += size;
      onEvent({ type: 'advance', id, done });
    }
  } catch (error) {
    onEvent({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
  onEvent({ type: 'done', id, outcome: 'ok' });
  return { modules, failed };
}
