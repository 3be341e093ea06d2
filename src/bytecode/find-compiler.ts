import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import type { ImagePython } from './types.ts';

/** An installed pyodide: CPython, compiled to WebAssembly. */
export interface Compiler {
  /** Absolute path of the package's folder. */
  readonly folder: string;
  readonly version: string;
  /** Of its Python: `3.13`. */
  readonly minor: string;
}

/** Which release of pyodide has which Python; `python` in its pyodide-lock.json. */
const releases: Readonly<Record<string, string>> = { '3.11': '0.25', '3.12': '0.27', '3.13': '0.29', '3.14': '314' };

/**
 * The pyodide whose Python is the image's: the one beside slimimage, else the one of the configuration's folder.
 * @param python of the image
 * @param folder of the configuration, absolute
 * @throws SlimimageError SOURCE_INVALID where none is installed, with what to type
 */
export async function findCompiler(python: ImagePython, folder: string): Promise<Compiler> {
  const found: Compiler[] = [];
  for (const place of [import.meta.url, join(folder, 'slimimage.yaml')]) {
    const compiler = await compilerFrom(place);
    if (compiler?.minor === python.minor) return compiler;
    if (compiler !== undefined) found.push(compiler);
  }
  throw missing(python, found);
}

async function compilerFrom(place: string): Promise<Compiler | undefined> {
  try {
    const folder = dirname(createRequire(place).resolve('pyodide/package.json'));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
    const { info } = JSON.parse(await readFile(join(folder, 'pyodide-lock.json'), 'utf8')) as LockFile;
    const [minor = ''] = /^3\.\d+/.exec(info.python) ?? [];
    return { folder, version, minor };
  } catch {
    // Not installed, or not a pyodide: either way it is not one that compiles.
    return undefined;
  }
}

interface LockFile {
  readonly info: { readonly python: string };
}

function missing({ minor }: ImagePython, found: readonly Compiler[]): SlimimageError {
  const release = releases[minor];
  const [other] = found;
  const there = other === undefined ? 'it is not installed' : `pyodide ${other.version} has Python ${other.minor}`;
  return new SlimimageError({
    code: 'SOURCE_INVALID',
    message: `bytecode: the modules of Python ${minor} are compiled by the npm package pyodide of that Python; ${there}`,
    hint:
      release === undefined
        ? `No known pyodide has Python ${minor}: leave bytecode out.`
        : `Run \`npm install pyodide@${release}\` in the configuration's folder.`,
  });
}
