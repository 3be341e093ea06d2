import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is started with. */
export interface CompilerData {
  /** Folder of pyodide. */
  readonly folder: string;
}

export interface CompileRequest {
  readonly path: string;
  readonly source: Uint8Array;
}

export type CompileAnswer =
  | { readonly type: 'ready'; readonly magic: number }
  /** `code` undefined: no Python of this version. */
  | { readonly type: 'compiled'; readonly code: Uint8Array | undefined }
  /** The interpreter broke, and compiles nothing any more. */
  | { readonly type: 'broken'; readonly message: string };

/** As much of pyodide as is used. */
interface Pyodide {
  runPython(code: string): unknown;
  readonly globals: { get(name: string): unknown };
}

interface PythonBytes {
  toJs(): Uint8Array;
  destroy(): void;
}

type CompileFunction = (source: Uint8Array, path: string) => PythonBytes | undefined;

/** PEP 552: the hash of the source, which nobody checks. `dont_inherit`: no __future__ of this text. */
const program = `
import importlib.util, importlib._bootstrap_external, warnings
warnings.simplefilter('ignore')
def compile_module(source, path):
    source = source.to_bytes()
    try:
        code = compile(source, path, 'exec', dont_inherit=True, optimize=0)
    except Exception:
        return None
    return importlib._bootstrap_external._code_to_hash_pyc(code, importlib.util.source_hash(source), False)
`;

const post = (answer: CompileAnswer) => parentPort?.postMessage(answer);

const { folder } = workerData as CompilerData;
const compile = await start();

parentPort?.on('message', ({ path, source }: CompileRequest) => {
  try {
    const found = compile(source, `/${path}`);
    const code = found?.toJs();
    found?.destroy();
    post({ type: 'compiled', code });
  } catch (error) {
    post({ type: 'broken', message: String(error) });
  }
});

async function start(): Promise<CompileFunction> {
  const module = (await import(pathToFileURL(join(folder, 'pyodide.mjs')).href)) as {
    loadPyodide(options: object): Promise<Pyodide>;
  };
  const silent = () => undefined;
  const pyodide = await module.loadPyodide({
    indexURL: folder,
    // Nothing of this machine: the same interpreter everywhere.
    env: { HOME: '/', PYTHONHASHSEED: '0' },
    stdin: silent,
    stdout: silent,
    stderr: silent,
  });
  pyodide.runPython(program);
  const magic = pyodide.runPython("int.from_bytes(importlib.util.MAGIC_NUMBER[:2], 'little')") as number;
  post({ type: 'ready', magic });
  return pyodide.globals.get('compile_module') as CompileFunction;
}
