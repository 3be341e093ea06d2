/** The program: the one file that knows the process. */
import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import { spareMemory } from './spare-memory.ts';

enableCompileCache();
spareMemory(process.argv.slice(2));
// zlib's blocks and the decoders share the pool of Node, whose four threads are few on a large machine.
process.env['UV_THREADPOOL_SIZE'] ??= String(2 * availableParallelism());

const { run } = await import('./run.ts');

/** Milliseconds that a stop may take before it is forced. The store survives being killed. */
const patience = 900;

const controller = new AbortController();
let received: NodeJS.Signals | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `slimimage ls ... | head`: nobody reads on, and that is no mistake.
  if (error.code === 'EPIPE') leave(0);
  process.stderr.write(`error: the answer cannot be written to standard output: ${error.message}\n`);
  leave(3);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') leave(3);
});

const { stdout, stderr, env } = process;
const status = await run(process.argv.slice(2), { stdout, stderr, env, cwd: process.cwd(), signal: controller.signal });
if (received === undefined) process.exitCode = status;
else die(received);

function stop(signal: NodeJS.Signals): void {
  // The second time the user means it.
  if (received !== undefined) die(signal);
  received = signal;
  controller.abort();
  setTimeout(() => die(signal), patience).unref();
}

/** Ends as the signal would have ended it, so that a shell's loop ends too. */
function die(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function leave(code: number): void {
  process.exit(code);
}
