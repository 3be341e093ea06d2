import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { abortedError } from '../util/abort.ts';
import type { CompileAnswer, CompileRequest, CompilerData } from './compile-worker.ts';
import type { Compiler } from './find-compiler.ts';
import type { Compile, ImagePython } from './types.ts';

export interface CompilerThreadOptions {
  readonly compiler: Compiler;
  readonly python: ImagePython;
  readonly signal?: AbortSignal | undefined;
  /** Called with the path of a module at which the interpreter broke. */
  readonly onBroken: (path: string) => void;
}

/**
 * A Python interpreter in a thread, which runs nothing of the image. It starts with the first module. One that a module
 * breaks (its stack, its memory) is replaced, and that module is not compiled. Dispose with `close`.
 */
export class CompilerThread {
  readonly #options: CompilerThreadOptions;
  #worker: Worker | undefined;
  #broken = 0;

  constructor(options: CompilerThreadOptions) {
    this.#options = options;
  }

  /**
   * One module at a time.
   * @throws SlimimageError SOURCE_INVALID where pyodide's byte code is not the image's, LIMIT_EXCEEDED for a module that
   * takes too long or too many that break it, ABORTED
   */
  readonly compile: Compile = async (path, source) => {
    this.#worker ??= await this.#start();
    const request: CompileRequest = { path, source };
    const answer = await this.#ask(this.#worker, { request, path });
    if (answer.type === 'compiled') return answer.code;
    await this.close();
    this.#options.onBroken(path);
    this.#broken += 1;
    if (this.#broken > limits.brokenModules) throw tooMany(path);
    return undefined;
  };

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const { compiler, python } = this.#options;
    const { folder, version } = compiler;
    const workerData: CompilerData = { folder };
    const worker = new Worker(new URL(`./compile-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData,
      env: {},
      // What it says is for developers of pyodide.
      stdout: true,
      stderr: true,
    });
    this.#worker = worker;
    const answer = await this.#ask(worker, {});
    if (answer.type !== 'ready') {
      await this.close();
      throw new SlimimageError({
        code: 'SOURCE_INVALID',
        message: `bytecode: pyodide ${version} does not start: ${answer.type === 'broken' ? answer.message : ''}`,
        hint: 'Install it anew: `npm install pyodide`.',
      });
    }
    if (python.magic === undefined || python.magic === answer.magic) return worker;
    await this.close();
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `bytecode: the image's Python ${python.minor} reads byte code ${python.magic}, and pyodide ${version} writes ${answer.magic}`,
      hint: `Install another pyodide with Python ${python.minor}, or leave bytecode out.`,
    });
  }

  #ask(
    worker: Worker,
    { request, path }: { readonly request?: CompileRequest; readonly path?: string },
  ): Promise<CompileAnswer> {
    const { signal } = this.#options;
    return new Promise((resolve, reject) => {
      const stop = (finish: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        for (const name of ['message', 'error', 'exit']) worker.removeAllListeners(name);
        // A thread that dies later must not take the process with it.
        worker.on('error', () => undefined);
        finish();
      };
      const onAbort = () => stop(() => reject(abortedError()));
      const timer = setTimeout(() => stop(() => reject(tooLong(path))), limits.moduleMilliseconds);
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.once('message', (answer: CompileAnswer) => stop(() => resolve(answer)));
      worker.once('error', (error) => stop(() => resolve({ type: 'broken', message: String(error) })));
      worker.once('exit', () => stop(() => resolve({ type: 'broken', message: 'the thread ended' })));
      if (request !== undefined) worker.postMessage(request);
    });
  }
}

function tooLong(path: string | undefined): SlimimageError {
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `bytecode: ${path === undefined ? 'pyodide' : `compiling /${path}`} takes longer than ${limits.moduleMilliseconds / 60_000} minutes`,
    hint: path === undefined ? 'Is the machine busy? Try again.' : `Leave it out: \`exclude: [/${path}]\`.`,
  });
}

function tooMany(path: string): SlimimageError {
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `bytecode: more than ${limits.brokenModules} modules break the compiler, /${path} is one`,
    hint: 'Leave bytecode out, or exclude the package that has them.',
  });
}
