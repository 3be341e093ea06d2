import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Measured {
  /** Of wall time. */
  readonly seconds: number;
  /** Of processor time, all threads: what a busy machine changes less. Undefined for what is not Node. */
  readonly processor: number | undefined;
  /** Bytes of resident memory at the peak; undefined for what is not Node. */
  readonly memory: number | undefined;
}

export type Measurer = (what: string, args: readonly string[]) => Promise<Measured>;

/**
 * Runs a command, throws its output away, and says how long it took. Exit status 1 is an answer too (findings, a difference).
 * @param command program and arguments
 */
export async function measure(
  what: string,
  command: readonly string[],
  { env, say }: { readonly env: Readonly<Record<string, string | undefined>>; readonly say: (line: string) => void },
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-measure-'));
  const file = join(folder, 'usage');
  const [program = '', ...args] = command;
  const isNode = program === process.execPath;
  const started = performance.now();
  const child = spawn(program, [...(isNode ? ['--import', reportingTo(file)] : []), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-2000);
  });
  const [status] = await once(child, 'close');
  const seconds = (performance.now() - started) / 1000;
  const usage: Usage | undefined = isNode
    ? await readFile(file, 'utf8').then(JSON.parse, () => ({ processor: Number.NaN, memory: Number.NaN }))
    : undefined;
  await rm(folder, { recursive: true });
  const shown =
    usage === undefined ? '' : ` (CPU ${usage.processor.toFixed(2)} s, ${Math.round(usage.memory / 1_000_000)} MB)`;
  // A program that did not even start ends in 1 as well, and says so.
  const isAnswer = status === 0 || (status === 1 && stderr === '');
  const failure = isAnswer ? '' : `   FAILED (${status}): ${stderr.trim().split('\n')[0]}`;
  say(`  ${seconds.toFixed(2).padStart(8)} s  ${what}${shown}${failure}`);
  return { seconds, processor: usage?.processor, memory: usage?.memory };
}

interface Usage {
  readonly processor: number;
  readonly memory: number;
}

/** A module that Node runs before the program: it writes processor time and the peak of resident memory, threads included. */
function reportingTo(file: string): string {
  const code = `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { processor: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 };
  writeFileSync(${JSON.stringify(file)}, JSON.stringify(usage));
});`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
