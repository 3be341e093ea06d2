import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src/image/open-image.ts';
import { readRootfs } from '../../src/image/read-rootfs.ts';
import { type CopyOptions, type CopyResult, copyImage } from '../../src/index.ts';
import { openRegistries } from '../../src/registry/open.ts';
import type { Registries, RegistryTarget } from '../../src/registry/types.ts';
import type { Rootfs } from '../../src/rootfs/rootfs.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { type Digest, digestOf } from '../../src/util/digest.ts';
import { startRegistry, type TestRegistry } from './registry.ts';

/**
 * A folder with a local store beside Debian's docker-registry.
 *
 *     await using it = await copyScene();
 *     await it.copy('store:web', it.remote('team/web:1'));
 *     assert.equal(await it.rawDigest(it.remote('team/web:1')), image.digest);
 */
export interface CopyScene extends AsyncDisposable {
  readonly folder: string;
  readonly store: LocalStore;
  readonly registry: TestRegistry;
  readonly registries: Registries;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `docker://HOST/NAME` of the registry. */
  remote(name: string): string;
  repository(name: string): Promise<RegistryTarget>;
  copy(source: string, destination: string, options?: Partial<CopyOptions>): Promise<CopyResult>;
  /** Digest of the document that skopeo finds under a name. */
  rawDigest(location: string): Promise<Digest>;
  skopeo(...args: readonly string[]): Promise<string>;
  /** What is in an image, contents hashed. */
  tree(location: string): Promise<Rootfs>;
  /** Requests that the registry has answered since the last call, `METHOD status`, blobs and uploads alone. */
  uploads(): readonly string[];
}

export async function copyScene(env: Readonly<Record<string, string | undefined>> = {}): Promise<CopyScene> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-copy-'));
  const registry = await startRegistry(undefined);
  const store = await LocalStore.open(join(folder, 'store'));
  const whole = { PATH: process.env['PATH'], HOME: folder, ...env };
  const registries = openRegistries({ env: whole });
  let seen = 0;

  async function skopeo(...args: readonly string[]): Promise<string> {
    // Not spawnSync: the registry's log has to be read meanwhile.
    const child = spawn('skopeo', args, { cwd: folder, env: { ...whole } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [status] = await once(child, 'close');
    assert.equal(status, 0, `skopeo ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  return {
    folder,
    store,
    registry,
    registries,
    env: whole,
    remote: (name) => `docker://${registry.host}/${name}`,
    repository: (repository) => registries.repository({ registry: registry.host, repository }),
    copy: (source, destination, options = {}) =>
      copyImage(source, destination, { store: store.root, env: whole, cwd: folder, ...options }),
    skopeo,
    rawDigest: async (location) => digestOf(await skopeo('inspect', '--raw', ...insecure(location), location)),
    async tree(location) {
      const image = await openImage(location, { store, registries, cwd: folder, env: whole });
      try {
        return await readRootfs(image);
      } finally {
        await image.close();
      }
    },
    uploads() {
      const lines = registry.log.slice(seen).join('\n');
      seen = registry.log.length;
      const requests = lines.matchAll(/"(POST|PUT|PATCH|GET) \/v2\/\S*\/blobs\/\S+ HTTP[^"]*" (\d+)/g);
      return [...requests].map(([, method, status]) => `${method} ${status}`);
    },
    async [Symbol.asyncDispose]() {
      await registries.close();
      await store.close();
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function insecure(location: string): readonly string[] {
  return location.startsWith('docker://') ? ['--tls-verify=false'] : [];
}
