import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SlimimageError } from '../errors.ts';

export interface CommandOptions {
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  /** Bytes for the command's standard input; undefined: none. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  /** Called with what the command prints, as it comes. */
  readonly onOutput?: ((chunk: Uint8Array, stream: 'stdout' | 'stderr') => void) | undefined;
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Make the command the leader of a process group and stop all of the group: for one whose children outlive it. */
  readonly ownGroup?: boolean | undefined;
}

export interface CommandResult {
  /** Exit status; 128 + the signal's number where a signal ended it, as shells have it. */
  readonly status: number;
  /** The first 1 MiB, as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Bytes of an output stream that are kept for the result. */
const keptBytes = 1024 * 1024;

/** Time between the polite signal and the final one. */
const graceMilliseconds = 1000;

/**
 * Runs a program, without a shell, and gathers what it prints.
 * @param command absolute path
 * @throws SlimimageError ENGINE where it can't be started or takes longer than `timeout`, ABORTED where the signal fired.
 *   An exit status other than 0 is a result, not an error.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  refuseAborted(options.signal, command);
  const child = spawn(command, args, {
    env: options.env,
    cwd: options.cwd,
    detached: options.ownGroup === true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let timedOut = false;
  const kill = (signal: NodeJS.Signals): void => {
    if (options.ownGroup && child.pid !== undefined) killGroup(child.pid, signal);
    else child.kill(signal);
  };
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    kill('SIGTERM');
    graceTimer = setTimeout(() => kill('SIGKILL'), graceMilliseconds);
  };
  const timer =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, options.timeout);
  options.signal?.addEventListener('abort', stop, { once: true });
  const stdout = collect(child.stdout, (chunk) => options.onOutput?.(chunk, 'stdout'));
  const stderr = collect(child.stderr, (chunk) => options.onOutput?.(chunk, 'stderr'));
  try {
    const fed = options.input === undefined || child.stdin === null ? undefined : feed(child.stdin, options.input);
    const [status] = await Promise.all([exitOf(child, command), fed]);
    refuseAborted(options.signal, command);
    if (timedOut) {
      throw new SlimimageError({
        code: 'ENGINE',
        message: `${command} ${args[0] ?? ''} did not end within ${(options.timeout ?? 0) / 1000} s`,
      });
    }
    return { status, stdout: stdout(), stderr: stderr() };
  } catch (error) {
    kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    options.signal?.removeEventListener('abort', stop);
  }
}

function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // ESRCH: the whole group has ended already, which is what was wanted.
  }
}

function refuseAborted(signal: AbortSignal | undefined, command: string): void {
  if (signal?.aborted) throw new SlimimageError({ code: 'ABORTED', message: `${command} was stopped on request` });
}

function collect(stream: NodeJS.ReadableStream | null, onChunk: (chunk: Uint8Array) => void): () => string {
  const chunks: Uint8Array[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    onChunk(chunk);
    if (size < keptBytes) chunks.push(chunk.subarray(0, keptBytes - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function exitOf(child: ReturnType<typeof spawn>, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      reject(new SlimimageError({ code: 'ENGINE', message: `${command} can't be started: ${cause.message}`, cause }));
    });
    child.on('close', (status, signal) => resolve(status ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)));
  });
}

/** A program that ends early closes its input: its exit status tells more than the broken pipe. */
async function feed(stdin: NodeJS.WritableStream, input: AsyncIterable<Uint8Array>): Promise<void> {
  let closed = false;
  const close = Promise.withResolvers<void>();
  for (const event of ['error', 'close']) {
    stdin.on(event, () => {
      closed = true;
      close.resolve();
    });
  }
  for await (const chunk of input) {
    if (closed) return;
    if (stdin.write(chunk)) continue;
    await Promise.race([new Promise<void>((resolve) => stdin.once('drain', resolve)), close.promise]);
  }
  stdin.end();
}
