import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, SlimimageError } from '../errors.ts';
import type { JobName, Jobs } from './jobs.ts';

export interface RunOptions {
  /** Bytes of input done so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

interface Task {
  readonly id: number;
  readonly job: JobName;
  readonly input: unknown;
  readonly onProgress: ((done: number) => void) | undefined;
  readonly resolve: (output: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What a worker posts. Errors travel as data: an Error subclass would lose its code. */
export type WorkerMessage =
  | { readonly type: 'result'; readonly id: number; readonly output: unknown }
  | { readonly type: 'progress'; readonly id: number; readonly done: number }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint?: string | undefined;
    };

/**
 * Worker threads that start when the first job needs them and take one job at a time, first come first served.
 * Dispose with `close`; an aborted signal ends every thread at once.
 */
export class WorkerPool {
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task>();
  readonly #queue: Task[] = [];
  #nextId = 1;
  #failure: SlimimageError | undefined;

  constructor(limit: number, signal?: AbortSignal) {
    this.#limit = Math.max(1, limit);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  run<N extends JobName>(job: N, input: Jobs[N]['input'], options: RunOptions = {}): Promise<Jobs[N]['output']> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#queue.push({ id, job, input, onProgress: options.onProgress, resolve: resolve as Task['resolve'], reject });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#fail(new SlimimageError({ code: 'ABORTED', message: 'the worker pool was closed' }));
    await Promise.all([...this.#idle.splice(0), ...this.#busy.keys()].map((worker) => worker.terminate()));
    this.#busy.clear();
  }

  readonly #abort = (): void => {
    this.#fail(new SlimimageError({ code: 'ABORTED', message: 'stopped on request' }));
    for (const worker of [...this.#idle.splice(0), ...this.#busy.keys()]) void worker.terminate();
    this.#busy.clear();
  };

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#failure === undefined) {
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#limit ? this.#start() : undefined);
      if (worker === undefined) return;
      const task = this.#queue.shift() as Task;
      this.#busy.set(worker, task);
      worker.ref();
      worker.postMessage({ id: task.id, job: task.job, input: task.input });
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
    worker.on('message', (message: WorkerMessage) => this.#receive(worker, message));
    worker.on('error', (cause) => this.#lose(worker, cause));
    worker.on('exit', () => this.#lose(worker, undefined));
    return worker;
  }

  #receive(worker: Worker, message: WorkerMessage): void {
    const task = this.#busy.get(worker);
    if (task === undefined || task.id !== message.id) return;
    if (message.type === 'progress') {
      task.onProgress?.(message.done);
      return;
    }
    this.#busy.delete(worker);
    // An idle thread must not keep the process alive.
    worker.unref();
    this.#idle.push(worker);
    if (message.type === 'result') task.resolve(message.output as never);
    else task.reject(new SlimimageError({ code: message.code, message: message.message, hint: message.hint }));
    this.#dispatch();
  }

  /** A thread that died (out of memory, a crash of a native module) fails its job and is replaced on demand. */
  #lose(worker: Worker, cause: unknown): void {
    const task = this.#busy.get(worker);
    this.#busy.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    task?.reject(
      this.#failure ??
        new SlimimageError({
          code: 'IO',
          message: `a worker thread ended during "${task.job}"`,
          hint: 'Is memory short? --jobs 1 needs less.',
          cause,
        }),
    );
    this.#dispatch();
  }

  #fail(error: SlimimageError): void {
    this.#failure ??= error;
    for (const task of [...this.#queue.splice(0), ...this.#busy.values()]) task.reject(this.#failure);
  }
}

/** Threads for a build: one a core, and no more than the memory of small machines takes. */
export function defaultJobs(): number {
  return Math.min(availableParallelism(), 16);
}
