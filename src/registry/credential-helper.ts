import { spawn } from 'node:child_process';
import { limits } from '../limits.ts';
import { Secret } from '../net/secret.ts';
import type { RegistryLogin } from './login.ts';

export type HelperAnswer =
  | { readonly type: 'login'; readonly login: RegistryLogin }
  | { readonly type: 'none' }
  /** Why it gave no answer, without anything that it printed. */
  | { readonly type: 'problem'; readonly problem: string };

export interface HelperOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; it may be asking the user for a passphrase. Default one minute. */
  readonly timeout?: number | undefined;
}

/**
 * Asks `docker-credential-NAME get` for the login of a server (the protocol of docker-credential-helpers). Throws nothing.
 * @param server as docker names the registry: `registry.example:5000`
 */
export async function askHelper(name: string, server: string, options: HelperOptions): Promise<HelperAnswer> {
  const program = `docker-credential-${name}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    return { type: 'problem', problem: 'a credential helper has a name that is no name of a program' };
  }
  const problem = (what: string): HelperAnswer => ({ type: 'problem', problem: `${program} ${what}` });
  const result = await run(program, server, options);
  if ('failed' in result) return problem(result.failed);
  if (result.status !== 0) {
    return /credentials not found/i.test(result.output) ? { type: 'none' } : problem(`failed (exit ${result.status})`);
  }
  const login = parseAnswer(result.output);
  return login === undefined ? problem('printed no login') : { type: 'login', login };
}

/** `{"Username": ..., "Secret": ...}`; the user `<token>` means that the secret is an identity token. */
function parseAnswer(output: string): RegistryLogin | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    return undefined;
  }
  const { Username: user, Secret: secret } = (answer ?? {}) as {
    readonly Username?: unknown;
    readonly Secret?: unknown;
  };
  if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
  return user === '<token>'
    ? { type: 'identity', token: new Secret(secret) }
    : { type: 'basic', user, password: new Secret(secret) };
}

type RunResult = { readonly status: number; readonly output: string } | { readonly failed: string };

function run(program: string, input: string, { env, timeout = 60_000 }: HelperOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    let size = 0;
    const giveUp = (failed: string) => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      resolve({ failed });
    };
    const timer = setTimeout(giveUp, timeout, `did not answer in ${Math.round(timeout / 1000)} s`);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.loginHelperBytes) giveUp('printed too much');
      else chunks.push(chunk);
    });
    // One that needs no input may have gone already.
    child.stdin.on('error', () => {});
    child.stdin.end(`${input}\n`);
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({ failed: error.code === 'ENOENT' ? 'is not installed' : `can't be started (${error.code})` });
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status: status ?? -1, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
