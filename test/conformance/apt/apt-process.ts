import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { projectRoot } from '../../support/source-code.ts';
import type { AptRoot } from './apt-root.ts';
import type { Answer } from './types.ts';

/** Debian's own: python3-apt is a module of no other Python. */
export const python = '/usr/bin/python3';
const script = join(projectRoot, 'test/conformance/apt/apt_answers.py');

/** Answers of another script are not to be trusted. */
export async function scriptDigest(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(script))
    .digest('hex')
    .slice(0, 8);
}

/** One libapt that answers request after request. */
export class AptProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;

  constructor({ env }: AptRoot) {
    this.#child = spawn(python, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#closed = new Promise((settle) => this.#child.on('close', settle));
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @param packages as they are written on apt-get's command line. */
  async install(packages: readonly string[]): Promise<Answer> {
    return this.#ask({ packages });
  }

  /** The version that apt's policy prefers, by name. */
  async candidates(names: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return this.#ask({ candidates: names });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#closed;
  }

  async #ask<T>(question: object): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error('the process with libapt ended: is python3-apt installed?');
    return JSON.parse(value) as T;
  }
}
