import { fork } from 'node:child_process';
import { once } from 'node:events';
import { relative, resolve } from 'node:path';
import type { EventData } from 'node:test';
import { run } from 'node:test';
import { inspect } from 'node:util';

export interface Tally {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly file: string }[];
  readonly skipped: readonly { readonly name: string; readonly file: string; readonly reason: string }[];
}

export const emptyTally: Tally = { passed: 0, failed: [], skipped: [] };

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: [...a.failed, ...b.failed],
    skipped: [...a.skipped, ...b.skipped],
  };
}

/** Each file in its own process, with a time limit; or all of them in this process, one after the other. */
export type RunFilesOptions =
  | {
      readonly together?: undefined;
      readonly concurrency: number;
      /** Milliseconds for one file. */
      readonly timeout: number;
    }
  | { readonly together: true };

/** Runs test files with node:test, prints every failure as it comes and counts. */
export async function runFiles(files: readonly string[], options: RunFilesOptions): Promise<Tally> {
  const paths = files.map((file) => resolve(file));
  const stream =
    options.together === true
      ? run({ files: paths, isolation: 'none' })
      : run({
          files: paths,
          concurrency: options.concurrency,
          timeout: options.timeout,
          execArgv: ['--disable-warning=ExperimentalWarning'],
        });
  const counter = new Counter();
  for await (const event of stream as AsyncIterable<TestEvent>) {
    if (event.type === 'test:start') counter.start(event.data);
    else if (event.type === 'test:pass') counter.pass(event.data);
    else if (event.type === 'test:fail') counter.fail(event.data);
    else if (event.type === 'test:stderr') process.stderr.write(event.data.message);
  }
  return counter.tally();
}

/** Runs test files together in one new process: starting one for each would take longer than the tests do. */
export async function runTogether(files: readonly string[], options: { readonly timeout: number }): Promise<Tally> {
  const { timeout } = options;
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const child = fork(resolve('tools/test-together.ts'), files, { timeout, execArgv });
  let tally: Tally | undefined;
  child.on('message', (message) => {
    tally = message as Tally;
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (tally !== undefined) return tally;
  const name = `the process of ${files.length} files ended before its tests (${signal ?? code})`;
  return { ...emptyTally, failed: [{ name, file: 'tools/test-together.ts' }] };
}

type TestEvent =
  | { readonly type: 'test:start'; readonly data: EventData.TestStart }
  | { readonly type: 'test:pass'; readonly data: EventData.TestPass }
  | { readonly type: 'test:fail'; readonly data: EventData.TestFail }
  | { readonly type: 'test:stderr'; readonly data: EventData.TestStderr };

class Counter {
  #passed = 0;
  readonly #failed: { name: string; file: string }[] = [];
  readonly #skipped: { name: string; file: string; reason: string }[] = [];
  /** Names of the open tests of each file, outermost first. */
  readonly #open = new Map<string, string[]>();

  tally(): Tally {
    return { passed: this.#passed, failed: this.#failed, skipped: this.#skipped };
  }

  start(data: EventData.TestStart): void {
    const names = this.#open.get(data.file ?? '') ?? [];
    names.length = data.nesting;
    names.push(data.name);
    this.#open.set(data.file ?? '', names);
  }

  pass(data: EventData.TestPass): void {
    if (isFile(data)) return;
    const excuse = data.skip ?? data.todo;
    if (excuse !== undefined && excuse !== false) {
      const reason = typeof excuse === 'string' ? excuse : 'no reason given';
      this.#skipped.push({ name: this.#fullName(data), file: fileOf(data), reason });
    } else if (data.details.type !== 'suite') {
      this.#passed++;
    }
  }

  fail(data: EventData.TestFail): void {
    const { error } = data.details;
    // A parent fails because of its child, which was told already.
    if ((error as { failureType?: string }).failureType === 'subtestsFailed') return;
    const name = isFile(data) ? 'the file itself' : this.#fullName(data);
    const file = fileOf(data);
    this.#failed.push({ name, file });
    const place = data.line === undefined ? '' : `:${data.line}`;
    process.stdout.write(`\nFAILED ${name}\n  at ${file}${place}\n${indent(describe(error))}\n\n`);
  }

  #fullName(data: EventData.TestPass | EventData.TestFail): string {
    const names = this.#open.get(data.file ?? '') ?? [];
    return [...names.slice(0, data.nesting), data.name].join(' > ');
  }
}

/** With a process for each file, node:test also reports the file as a test of its path. */
function isFile(data: EventData.TestPass | EventData.TestFail): boolean {
  return (
    data.nesting === 0 &&
    /\.test\.ts$/.test(data.name) &&
    (data.file === undefined || data.file.endsWith(data.name) || data.name.endsWith(data.file))
  );
}

function fileOf(data: EventData.TestPass | EventData.TestFail): string {
  return relative(process.cwd(), data.file ?? data.name);
}

function describe(error: Error): string {
  const cause = error.cause ?? error;
  if (!(cause instanceof Error)) return typeof cause === 'string' ? cause : inspect(cause, { depth: 6 });
  const { code, hint } = cause as { code?: unknown; hint?: unknown };
  const extra = [code === undefined ? '' : `code: ${String(code)}`, hint === undefined ? '' : `hint: ${String(hint)}`];
  const root = cause.cause === undefined ? '' : `cause: ${inspect(cause.cause, { depth: 3 })}`;
  const text = [cause.stack ?? cause.message, ...extra, root].filter((line) => line !== '').join('\n');
  return text.replace(/\n *at [^\n]*\(?node:[^\n]*/g, '');
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
