import { compileModules } from '../bytecode/compile-modules.ts';
import type { ImageSpec } from '../config/spec.ts';
import type { Content } from '../content/types.ts';
import type { CompiledFile } from '../effects/types.ts';
import { bytecodePath, pythonModules } from './python-modules.ts';
import type { Session } from './session.ts';
import type { ImageTree } from './tree.ts';
import type { BytecodeReport } from './types.ts';

/** The byte code of an image. */
export interface Bytecode {
  readonly files: readonly CompiledFile[];
  readonly report: BytecodeReport;
}

/**
 * Compiles the packaged Python modules of a tree (`bytecode: true`).
 * @returns undefined where there are none
 * @throws SlimimageError as compileModules
 */
export async function compileTree(
  tree: ImageTree,
  {
    spec,
    contents,
    session,
  }: {
    readonly spec: Pick<ImageSpec, 'directory'>;
    readonly contents: ReadonlyMap<string, Content>;
    readonly session: Pick<Session, 'store' | 'onEvent' | 'signal'>;
  },
): Promise<Bytecode | undefined> {
  const { store, onEvent, signal } = session;
  const { python, sets, others } = pythonModules(tree, contents);
  if (python === undefined) {
    onEvent({ type: 'warning', message: 'bytecode: no package of the image is a Python, so nothing is compiled' });
    return undefined;
  }
  for (const other of others)
    onEvent({
      type: 'warning',
      message: `bytecode: modules of Python ${other} are not compiled, only ${python.minor}'s`,
    });
  const { compiler, modules, failed } = await compileModules(sets, {
    python,
    folder: spec.directory,
    store,
    onEvent,
    signal,
  });
  const files = modules.map(({ path, code }) => ({ path: bytecodePath(path, python.minor), module: path, code }));
  const report = { compiler, python: python.minor, modules: modules.length, failed: failed.map((path) => `/${path}`) };
  return { files, report };
}
