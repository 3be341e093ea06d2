import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { inspect, promisify } from 'node:util';
import { createRegistryAccess } from '../../src/registry/access.ts';
import { openRepository } from '../../src/registry/repository.ts';
import { encodeUtf8 } from '../../src/util/text.ts';
import { failsWith } from '../support/http-client.ts';
import { startHttpProxy } from '../support/http-proxy.ts';
import { lacking } from '../support/need.ts';
import { lackingRegistry, startRegistry, type TestRegistry } from '../support/registry.ts';

type Env = Readonly<Record<string, string>>;
type Kind = 'open' | 'basic' | 'token';

/** Pushes a document of two blobs, reads it back, mounts a blob elsewhere, and deletes what was pushed. */
async function useRegistry(registry: TestRegistry, env: Env, insecureRegistries: string[] = []): Promise<void> {
  const access = createRegistryAccess({ env, caFile: registry.caFile, insecureRegistries });
  try {
    const open = (repository: string) => openRepository({ registry: registry.host, repository }, { access });
    const team = open('team/app');
    const blob = await team.write(encodeUtf8('a blob of the test'));
    const config = await team.write(encodeUtf8('{}'));
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = encodeUtf8(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config: { mediaType: 'application/vnd.oci.empty.v1+json', ...config },
        layers: [{ mediaType: 'application/octet-stream', ...blob }],
      }),
    );
    const stored = await team.write(manifest, { mediaType });
    await team.tag({ mediaType, ...stored }, '1');
    assert.equal((await team.resolve('1'))?.digest, stored.digest);
    assert.deepEqual(await team.listTags(), ['1']);
    let text = '';
    for await (const chunk of team.open(blob.digest)) text += Buffer.from(chunk);
    assert.equal(text, 'a blob of the test');
    assert.equal(await open('team/other').mount(blob.digest, { from: 'team/app', size: blob.size }), true);
    assert.equal(await team.delete(stored.digest), true);
  } finally {
    await access.close();
  }
}

async function home(t: TestContext, files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-home-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [path, value] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof value === 'string' ? value : JSON.stringify(value));
  }
  return folder;
}

/** The same login, written down in each of the places. */
const places: Readonly<Record<string, (t: TestContext, registry: TestRegistry) => Promise<Env>>> = {
  'the environment': async (_t, { host, user, password }) => ({
    SLIMIMAGE_REGISTRY_HOST: host,
    SLIMIMAGE_REGISTRY_USER: user,
    SLIMIMAGE_REGISTRY_PASSWORD: password,
  }),
  'docker’s config.json': async (t, { host, user, password }) => {
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    return { HOME: await home(t, { '.docker/config.json': { auths: { [host]: { auth } } } }) };
  },
  'a credential helper': async (t, { host, user, password }) => {
    const answer = JSON.stringify({ ServerURL: host, Username: user, Secret: password });
    const folder = await home(t, {
      'docker-credential-test': `#!/bin/sh\nread server\ntest "$1 $server" = "get ${host}" && echo '${answer}'\n`,
      'config.json': { credHelpers: { [host]: 'test' } },
    });
    await chmod(join(folder, 'docker-credential-test'), 0o755);
    return { DOCKER_CONFIG: folder, PATH: `${folder}:/usr/bin:/bin` };
  },
  'the netrc': async (t, { user, password }) => ({
    HOME: await home(t, { '.netrc': `machine 127.0.0.1 login ${user} password ${password}\n` }),
  }),
};

describe('logins at the real docker-registry', { skip: lackingRegistry }, () => {
  test('an open one wants none', async (t) => {
    await useRegistry(await startRegistry(t), {});
  });

  for (const auth of ['basic', 'token'] as const) {
    for (const [place, environment] of Object.entries(places)) {
      test(`${auth}, with the login from ${place}`, async (t) => {
        const registry = await startRegistry(t, { auth });
        await useRegistry(registry, await environment(t, registry));
        // One token for pulling and pushing, one for the mount, one for the deletion.
        const asked = registry.tokens?.requests.map(({ as, scopes }) => `${as} ${scopes.join(' ')}`);
        if (asked !== undefined) assert.ok(asked.length <= 6, asked.join('\n'));
      });
    }

    test(`${auth}, without a login or with a wrong one`, async (t) => {
      const registry = await startRegistry(t, { auth });
      const missing = await failsWith('HTTP_AUTH', useRegistry(registry, {}));
      assert.match(missing.hint ?? '', new RegExp(`^Log in with "docker login ${registry.host}"`));
      const environment = await places['the environment']?.(t, { ...registry, password: 'hunter2-wrong' });
      const wrong = await failsWith('HTTP_AUTH', useRegistry(registry, environment ?? {}));
      assert.match(wrong.message, /refused the login from SLIMIMAGE_REGISTRY_USER/);
      assert.match(wrong.hint ?? '', /^Correct it there, or take it away and use "docker login/);
      assert.doesNotMatch(inspect(wrong, { depth: 20, showHidden: true }), /hunter2|bW9sZT/);
    });
  }

  test('what skopeo login wrote down', { skip: lacking({ commands: ['skopeo'] }) }, async (t) => {
    for (const auth of ['basic', 'token'] as const) {
      const registry = await startRegistry(t, { auth });
      const { host, user, password } = registry;
      const folder = await home(t, {});
      const REGISTRY_AUTH_FILE = join(folder, 'auth.json');
      const flags = ['--tls-verify=false', `--authfile=${REGISTRY_AUTH_FILE}`, `-u=${user}`, `-p=${password}`];
      await promisify(execFile)('skopeo', ['login', ...flags, host]);
      await useRegistry(registry, { REGISTRY_AUTH_FILE });
    }
  });

  test('token, with an identity token', async (t) => {
    const registry = await startRegistry(t, { auth: 'token' });
    const identitytoken = registry.tokens?.identityToken;
    const HOME = await home(t, { '.docker/config.json': { auths: { [registry.host]: { identitytoken } } } });
    await useRegistry(registry, { HOME });
    assert.ok(registry.tokens?.requests.every(({ method, as }) => method === 'POST' && as === 'identity token'));
  });

  test('token, where tokens run out at once', async (t) => {
    const registry = await startRegistry(t, { auth: 'token' });
    assert.ok(registry.tokens);
    registry.tokens.expiresIn = 1;
    await useRegistry(registry, (await places['the netrc']?.(t, registry)) ?? {});
  });

  test('each through a proxy', async (t) => {
    await using proxy = await startHttpProxy({ user: 'proxy', password: 'secret' });
    const address = `http://proxy:secret@${proxy.host}`;
    for (const auth of ['open', 'basic', 'token'] satisfies Kind[]) {
      const registry = await startRegistry(t, { auth });
      // Leads to this machine, and is none of its own names: those are asked without a proxy.
      const host = registry.host.replace('127.0.0.1', '0.0.0.0');
      const login = await places['the environment']?.(t, { ...registry, host });
      await useRegistry({ ...registry, host }, { ...login, http_proxy: address, https_proxy: address }, [host]);
      assert.ok(proxy.requests.some((line) => line.includes(host)));
    }
    assert.ok(!proxy.requests.some((line) => line.includes('127.0.0.1')));
  });

  test('a certificate that its CA does not vouch for is refused', async (t) => {
    const registry = await startRegistry(t, { auth: 'basic' });
    const other = await startRegistry(t, { auth: 'basic' });
    const env = (await places['the environment']?.(t, registry)) ?? {};
    const error = await failsWith('NETWORK', useRegistry({ ...registry, caFile: other.caFile }, env));
    assert.match(error.hint ?? '', /--ca-file/);
    assert.ok(!registry.log.some((line) => line.includes('"PUT /v2/')));
  });
});
