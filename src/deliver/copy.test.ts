import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { putSampleImage, putSampleIndex, type SampleLayer } from '../../test/support/images.ts';
import {
  type Fault,
  type MisbehavingRegistry,
  startMisbehavingRegistry,
} from '../../test/support/misbehaving-registry.ts';
import { always, cutsUpload, refuses } from '../../test/support/registry-faults.ts';
import { startTokenServer, type TokenServer } from '../../test/support/token-server.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { openRegistries } from '../registry/open.ts';
import { LocalStore } from '../store/local-store.ts';
import { putPaper } from '../store/target-suite.ts';
import { type CopyImageOptions, copyImage } from './copy.ts';
import { deleteReference, listTags } from './tags.ts';

const layers: readonly SampleLayer[] = [[['etc/one', '1']], [['etc/two', '2']]];
let folder = '';
let store: LocalStore;
let registry: MisbehavingRegistry;
let registries: ReturnType<typeof openRegistries>;
let image: Descriptor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-deliver-'));
  store = await LocalStore.open(join(folder, 'store'));
  registry = await startMisbehavingRegistry();
  registries = openRegistries({ env: {} });
  image = await putSampleImage(store, { layers });
  await store.tag(image, 'web:1');
});

afterEach(async () => {
  await registries.close();
  await registry[Symbol.asyncDispose]();
  await store.close();
  await rm(folder, { recursive: true });
});

function copy(source: string, destination: string, options: CopyImageOptions = {}, into = store) {
  return copyImage(source, destination, { store: into, registries, env: {}, cwd: folder, ...options });
}

function remote(name: string, host = registry.host): string {
  return `docker://${host}/${name}`;
}

describe('copyImage', () => {
  it('passes through the local store between two registries, so that a broken upload goes on', async () => {
    await using other = await startMisbehavingRegistry();
    await copy('store:web:1', remote('team/web:1'));
    await using fresh = await LocalStore.open(join(folder, 'fresh'));
    other.inject(cutsUpload(10), refuses('POST blobs/uploads', 503));
    const between = await copy(remote('team/web:1'), remote('team/web:1', other.host), {}, fresh);
    assert.deepEqual([between.digest, between.blobs], [image.digest, { sent: 4, layers: 2, skipped: 0, mounted: 0 }]);
    assert.equal(other.repository('team/web').tags.get('1'), image.digest);
    // What has passed stays: the next one fetches no blob.
    registry.forget();
    await copy(remote('team/web:1'), remote('more/web:1', other.host), {}, fresh);
    assert.deepEqual(
      registry.asked().filter((asked) => asked.startsWith('GET blobs')),
      [],
    );
  });

  it('sends nothing to a public registry because nobody named another', async () => {
    const forms = (name: string, folder: string, hub: string) =>
      `Write docker://HOST/${name}, store:${name} or oci:./${folder}. Docker Hub's is docker://docker.io/${hub}.`;
    for (const [to, hint] of [
      ['web', forms('web', 'web', 'library/web')],
      ['team/web:2', forms('team/web:2', 'web', 'team/web:2')],
      ['docker://team/web', forms('team/web', 'web', 'team/web')],
    ] as const)
      await assert.rejects(copy('store:web:1', to), {
        code: 'OUTPUT_INVALID',
        message: `"${to}" says no registry to write to`,
        hint,
      });
  });

  it('says without the network what a source without a registry was taken for, and of a destination nothing of reading', async () => {
    const offline = openRegistries({ env: {}, offline: true });
    const copyOffline = (from: string, to: string) =>
      copyImage(from, to, { store, registries: offline, env: {}, cwd: folder });
    await assert.rejects(copyOffline('nginx', 'store:x'), {
      code: 'OFFLINE',
      message: /^docker\.io\/library\/nginx is/,
    });
    await assert.rejects(copyOffline('store:web:1', remote('web:1')), {
      code: 'OFFLINE',
      hint: 'Leave out --offline.',
    });
  });

  it('names layouts and archives after their source where they have no name of their own', async () => {
    const layout = await copy('store:web:1', 'oci:layout');
    assert.equal(layout.reference, 'oci:layout:1');
    await copy('oci:layout', 'oci-archive:web.tar');
    assert.equal((await copy('oci-archive:web.tar:1', 'store:back')).digest, image.digest);
    assert.deepEqual((await store.resolve('back'))?.digest, image.digest);
    await copy('store:web:1', 'docker-archive:docker.tar');
    assert.match((await copy('docker-archive:docker.tar:web:1', 'store:named')).digest, /^sha256:/);
  });

  it('takes one platform of an index as an image of its own, and its papers', async () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const index = await putSampleIndex(
      store,
      platforms.map((platform) => ({ layers, platform })),
    );
    await store.tag(index, 'both');
    const whole = await copy('store:both', remote('team/both:1'));
    assert.deepEqual([whole.digest, whole.platforms], [index.digest, platforms]);
    const arm = await copy(remote('team/both:1'), 'store:arm', { platform: 'linux/arm64' });
    assert.deepEqual(arm.platforms, ['linux/arm64']);
    const root = (await store.resolve('arm')) ?? assert.fail();
    const paper = await putPaper(store, { subject: root, artifactType: 'application/spdx+json', text: '{}' });
    await store.refer(paper, root);
    assert.equal((await copy('store:both', remote('team/papers:1'))).referrers, 1);
    assert.equal((await copy(remote('team/papers:1'), 'oci:arm', { platform: 'linux/arm64' })).referrers, 1);
    assert.equal((await copy('oci:arm', 'store:again')).referrers, 1);
    await assert.rejects(copy('store:web:1', 'store:x', { platform: 'linux/s390x' }), { code: 'PLATFORM_UNAVAILABLE' });
  });

  it('asks for one token to push with from the first request on, because some registries make the repository then', async () => {
    const tokens = await startTokenServer({ user: 'mole', password: 'hunter2' });
    registry.inject(wantsToken(tokens));
    try {
      await copy('store:web:1', remote('team/web:1'));
      await copy('store:web:1', 'oci:layout');
      await copy('oci:layout', remote('team/layout:1'));
      await copy(remote('team/web:1'), 'oci:back');
      assert.deepEqual(
        tokens.requests.map(({ scopes }) => scopes.join(' ')),
        [
          'repository:team/web:pull,push',
          'repository:team/layout:pull,push',
          // To mount a blob.
          'repository:team/layout:pull,push repository:team/web:pull',
        ],
      );
    } finally {
      await tokens.close();
    }
  });

  it('leaves no tag where a blob can’t be sent', async () => {
    registry.inject(refuses('POST blobs/uploads', 403, { times: 9 }));
    await assert.rejects(copy('store:web:1', remote('team/web:1')));
    const { tags, manifests } = registry.repository('team/web');
    assert.deepEqual([tags.size, manifests.size], [0, 0]);
  });
});

describe('tags', () => {
  it('are of images: those of papers and signatures are listed apart', async () => {
    const of = image.digest.replace(':', '-');
    const odd = of.slice(0, -1);
    for (const tag of ['a', of, `${of}.sig`, odd]) await copy('store:web:1', remote(`team/web:${tag}`));
    const { tags, referrerTags } = await listTags(remote('team/web'), registries);
    assert.deepEqual(
      [tags, referrerTags],
      [
        ['a', odd],
        [of, `${of}.sig`],
      ],
    );
  });

  it('are listed and removed; what is no repository or no tag never reaches the registry', async () => {
    for (const tag of ['b', 'a']) await copy('store:web:1', remote(`team/web:${tag}`));
    assert.deepEqual(await listTags(remote('team/web'), registries), {
      repository: `${registry.host}/team/web`,
      tags: ['a', 'b'],
      referrerTags: [],
    });
    await deleteReference(`${registry.host}/team/web`, 'a', registries);
    assert.deepEqual((await listTags(remote('team/web'), registries)).tags, ['b']);
    await deleteReference(remote('team/web'), image.digest, registries);
    assert.equal(registry.repository('team/web').manifests.size, 0);
    registry.forget();
    for (const wrong of ['../../x', 'a b', 'sha256:12', ''])
      await assert.rejects(deleteReference(remote('team/web'), wrong, registries), { code: 'REFERENCE_INVALID' });
    for (const wrong of ['store:web', remote('team/web:1')])
      await assert.rejects(listTags(wrong, registries), { code: 'REFERENCE_INVALID' });
    assert.deepEqual(registry.asked(), []);
  });
});

/** Any token will do. */
function wantsToken({ realm, service }: TokenServer): Fault {
  return {
    on: ({ headers }) => headers['authorization'] === undefined,
    ...always,
    answer({ request, response }) {
      request.resume();
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="${service}"` }).end();
    },
  };
}
