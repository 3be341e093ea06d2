import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { SlimimageError } from '../../src/errors.ts';
import { createRegistryAccess } from '../../src/registry/access.ts';
import type { AuthorisedRequest, OpenRegistryAccess } from '../../src/registry/types.ts';
import { decodeUtf8 } from '../../src/util/text.ts';
import { type Behaviour, content } from './http-behaviours.ts';
import { startHttpServer, type TestServer } from './http-server.ts';

export const pull = { method: 'GET', actions: ['pull'], accept: [200], maxSize: 1000 } satisfies AuthorisedRequest;

/**
 * A registry and its token server, which answer what a test tells them, and the clock.
 *
 *     const it = await scene(t);
 *     it.registry.on(manifest, behindTokens(it, ['token-1']));
 *     it.tokens.otherwise(gives('token-1'));
 *     assert.equal(await it.get(it.access()), 'in');
 */
export interface AccessScene {
  readonly registry: TestServer;
  /** The token server. */
  readonly tokens: TestServer;
  /** Adds milliseconds to the clock. */
  later(milliseconds: number): void;
  /** With a login for the registry, `mole` and `hunter2`, unless `login` says otherwise. */
  access(options?: { readonly login?: Login }): OpenRegistryAccess;
  get(access: OpenRegistryAccess, path?: string, more?: Partial<AuthorisedRequest>): Promise<string>;
}

type Login = 'none' | 'identity' | 'wrong' | 'right';

export async function scene(t: TestContext): Promise<AccessScene> {
  const registry = await startHttpServer();
  const tokens = await startHttpServer();
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-access-'));
  const accesses: OpenRegistryAccess[] = [];
  let now = 1_000_000;
  t.after(async () => {
    for (const access of accesses) await access.close();
    await registry.close();
    await tokens.close();
    await rm(folder, { recursive: true });
  });
  const logins: Record<Login, unknown> = {
    none: {},
    identity: { identitytoken: 'hunter2-identity' },
    wrong: { auth: Buffer.from('mole:hunter2-wrong').toString('base64') },
    right: { auth: Buffer.from('mole:hunter2').toString('base64') },
  };
  for (const [login, entry] of Object.entries(logins)) {
    await writeFile(join(folder, `${login}.json`), JSON.stringify({ auths: { [registry.host]: entry } }));
  }
  return {
    registry,
    tokens,
    later: (milliseconds) => {
      now += milliseconds;
    },
    access({ login = 'right' } = {}) {
      const env = { REGISTRY_AUTH_FILE: join(folder, `${login}.json`) };
      const access = createRegistryAccess({ env, now: () => now, sleep: async () => {} });
      accesses.push(access);
      return access;
    },
    async get(access, path = 'manifests/1', more = {}) {
      const answer = await access.request({ registry: registry.host, repository: 'team/app' }, path, {
        ...pull,
        ...more,
      });
      return decodeUtf8(answer.bytes);
    },
  };
}

/** A registry that takes the tokens of `valid`, and names the token server in its challenge. */
export function behindTokens(
  { tokens }: AccessScene,
  valid: readonly string[],
  inner: Behaviour = content('in'),
): Behaviour {
  return (asked) => {
    const token = /^Bearer (.*)$/.exec(asked.request.headers.authorization ?? '')?.[1];
    if (token !== undefined && valid.includes(token)) return inner(asked);
    asked.response.setHeader('www-authenticate', `Bearer realm="${tokens.url('/token')}",service="s"`);
    asked.response.writeHead(401).end();
  };
}

/** Gives the tokens of `script` one after the other, the last for ever. */
export function gives(...script: readonly string[]): Behaviour {
  return ({ response, nth }) => {
    const token = script[Math.min(nth, script.length - 1)];
    response.end(JSON.stringify({ token, expires_in: 300 }));
  };
}

export const tokenPath = '/token?service=s&scope=repository%3Ateam%2Fapp%3Apull';
export const manifest = '/v2/team/app/manifests/1';

export function authorizations(server: TestServer): readonly (string | undefined)[] {
  return server.requests.filter(({ path }) => path !== '/v2/').map(({ headers }) => headers['authorization']);
}

export function showsNoSecret(error: SlimimageError): void {
  const shown = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), String(error.stack)].join(
    '\n',
  );
  assert.doesNotMatch(shown, /hunter2|bW9sZTpodW50ZXIy|token-[0-9]/);
}

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += decodeUtf8(chunk);
  return text;
}
