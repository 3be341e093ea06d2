import { baseName } from '../rootfs/path.ts';
import type { LoadedObject, Loader } from './loader.ts';
import type { CheckFile } from './types.ts';

/** What the loader would stop at. */
export type LoadProblem =
  | {
      readonly type: 'library';
      /** What needs it. */
      readonly object: LoadedObject;
      readonly library: string;
      /** Files of that name that are for another machine, or damaged. */
      readonly passed: readonly CheckFile[];
    }
  | {
      readonly type: 'symbol-version';
      readonly object: LoadedObject;
      readonly library: string;
      readonly version: string;
      /** The library that was found, and lacks it. */
      readonly found: CheckFile;
    };

export interface LoadedProcess {
  /** In the order of loading, the program first. */
  readonly objects: readonly LoadedObject[];
  readonly problems: readonly LoadProblem[];
}

/**
 * Loads a file with all that it needs, breadth first, as ld.so does.
 * @param hosts what is loaded already when this is: a plug-in finds their libraries in memory
 */
export function loadProcess(
  root: LoadedObject,
  { loader, hosts = [] }: { readonly loader: Loader; readonly hosts?: readonly LoadedObject[] },
): LoadedProcess {
  const memory = new Memory(loader);
  for (const host of hosts) memory.load(host);
  const before = memory.objects.length;
  memory.load(root);
  const own = memory.objects.slice(before);
  return { objects: own, problems: [...memory.missing, ...own.flatMap((object) => memory.versionProblems(object))] };
}

class Memory {
  readonly #loader: Loader;
  /** By the name under which it was asked for, and by its soname. */
  readonly #byName = new Map<string, LoadedObject>();
  readonly #byFile = new Map<string, LoadedObject>();
  readonly objects: LoadedObject[] = [];
  missing: LoadProblem[] = [];

  constructor(loader: Loader) {
    this.#loader = loader;
  }

  load(root: LoadedObject): void {
    this.missing = [];
    this.#start(root);
    const queue = [this.#add(root)];
    for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
      for (const name of object.elf.needed) {
        if (this.#byName.has(name) || this.#loader.isBuiltIn(name)) continue;
        const answer = this.#loader.find(name, object);
        if (answer.type === 'missing') {
          this.missing.push({ type: 'library', object, library: name, passed: answer.passed });
          continue;
        }
        const { path, file, elf } = answer;
        const known = this.#byFile.get(file.path);
        if (known !== undefined) this.#byName.set(name, known);
        else {
          const loaded = this.#add({ path, file, elf, by: object });
          this.#byName.set(name, loaded);
          queue.push(loaded);
        }
      }
    }
  }

  /** Versions that were asked for at link time have to be there; a library without any is taken as it is (ld.so). */
  versionProblems(object: LoadedObject): readonly LoadProblem[] {
    if (this.#loader.flavour === 'musl') return [];
    return Object.entries(object.elf.versionsNeeded).flatMap(([library, versions]) => {
      const found = this.#byName.get(library);
      if (found === undefined || found.elf.versionsDefined.length === 0) return [];
      const defined = new Set(found.elf.versionsDefined);
      return versions
        .filter((version) => !defined.has(version))
        .map((version) => ({ type: 'symbol-version' as const, object, library, version, found: found.file }));
    });
  }

  /** A program's loader is in memory before anything else, wherever it lies: libc.so.6 needs it by its name. */
  #start(root: LoadedObject): void {
    const { interpreter } = root.elf;
    if (interpreter === undefined || !interpreter.startsWith('/')) return;
    const answer = this.#loader.find(interpreter, root);
    if (answer.type !== 'found') return;
    const own = { path: answer.path, file: answer.file, elf: answer.elf, by: undefined };
    this.#byFile.set(own.file.path, own);
    for (const name of [baseName(interpreter), own.elf.soname])
      if (name !== undefined && !this.#byName.has(name)) this.#byName.set(name, own);
  }

  #add(object: LoadedObject): LoadedObject {
    this.objects.push(object);
    this.#byFile.set(object.file.path, object);
    const { soname } = object.elf;
    // musl knows what it has loaded by file, and by the names under which it was looked for.
    if (this.#loader.flavour === 'glibc' && soname !== undefined && !this.#byName.has(soname))
      this.#byName.set(soname, object);
    return object;
  }
}
