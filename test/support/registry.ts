import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../../tools/system-packages.ts';
import { makeCertificate } from './certificate.ts';
import { lacking } from './need.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

/** Why a test with a real registry has to be skipped here; false where it can run. */
export const lackingRegistry: string | false = lacking({ commands: ['docker-registry'] });

/**
 * Debian's docker-registry on a loopback port, with its storage in a folder of its own.
 *
 *     const registry = await startRegistry(t, { auth: 'token' });
 *     `docker://${registry.host}/team/app:1`
 */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `http://127.0.0.1:PORT`, https with `auth: 'basic'`. */
  readonly origin: string;
  /** PEM file of its private CA, where it speaks TLS. */
  readonly caFile: string | undefined;
  /** Who may log in where it wants a login. */
  readonly user: string;
  readonly password: string;
  /** What gives tokens for it, with `auth: 'token'`. */
  readonly tokens: TokenServer | undefined;
  /** Lines of its log so far; one of each request in the common log form: `... "PUT /v2/..." 201 ...`. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface TestRegistryOptions {
  /** `open`: plain HTTP, for everybody. `basic`: htpasswd over TLS. `token`: plain HTTP, behind a token server. Default open. */
  readonly auth?: 'open' | 'basic' | 'token' | undefined;
  /** Plain HTTP with htpasswd, or TLS without. Default as `auth` says. */
  readonly tls?: boolean | undefined;
  /** Whether manifests and blobs may be deleted. Default true. */
  readonly delete?: boolean | undefined;
  /** Folder of its content, to be kept from one registry to the next. Default a new one. */
  readonly storage?: string | undefined;
}

/** @param t what ends the registry with the test; undefined: the caller closes it */
export async function startRegistry(
  t: { after(action: () => Promise<void>): void } | undefined,
  options: TestRegistryOptions = {},
): Promise<TestRegistry> {
  const { auth = 'open', tls = auth === 'basic' } = options;
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-registry-'));
  const certificate = makeCertificate();
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const tokens = auth === 'token' ? await startTokenServer({ user, password }) : undefined;
  const storage = options.storage ?? join(folder, 'storage');
  await mkdir(storage, { recursive: true });
  const caFile = tls ? await file('ca.pem', certificate.certificate) : undefined;
  const config = {
    version: '0.1',
    log: { level: 'info', formatter: 'json' },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: options.delete ?? true } },
    http: {
      addr: '127.0.0.1:0',
      secret: 'of tests',
      ...(tls ? { tls: { certificate: caFile, key: await file('key.pem', certificate.key) } } : {}),
    },
    ...(auth === 'basic'
      ? { auth: { htpasswd: { realm: 'test', path: await file('htpasswd', `${user}:${bcrypt}\n`) } } }
      : {}),
    ...(tokens === undefined
      ? {}
      : {
          auth: {
            token: {
              realm: tokens.realm,
              service: tokens.service,
              issuer: tokens.issuer,
              rootcertbundle: await file('token.pem', tokens.certificate),
            },
          },
        }),
  };
  const log: string[] = [];
  const child = spawn(need('docker-registry'), ['serve', await file('config.yml', JSON.stringify(config))], {
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that dies must not leave its registry behind.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);

  async function close(): Promise<void> {
    process.off('exit', end);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await tokens?.close();
    await rm(folder, { recursive: true, force: true });
  }
  t?.after(close);

  const host = await listeningAddress(child, log);
  return {
    host,
    origin: `${tls ? 'https' : 'http'}://${host}`,
    caFile,
    user,
    password,
    tokens,
    log,
    close,
    [Symbol.asyncDispose]: close,
  };
}

const user = 'mole';
const password = 'hunter2';
/** Of `hunter2`, made by crypt(3) with the least cost. */
const bcrypt = '$2b$04$slimimageslimimageslieTzQmNd7Dit8IN97N9g/J1/xDRHrQALm';

/** It listens on a port of its own choice and tells it in its log. */
function listeningAddress(child: ChildProcess, log: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let rest = '';
    const read = (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      log.push(...lines);
      const listening = lines.map((line) => /listening on (127\.0\.0\.1:[0-9]+)/.exec(line)?.[1]).find(Boolean);
      if (listening !== undefined) resolve(listening);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`docker-registry did not start:\n${log.slice(-10).join('\n')}\n${rest}`)));
  });
}

function need(command: string): string {
  const path = findCommand(command);
  if (path === undefined) throw new Error(`${command} is not installed`);
  return path;
}
