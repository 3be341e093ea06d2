import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openImage } from '../../src/image/open-image.ts';
import { openView } from '../../src/image/open-view.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import type { ImageView } from '../../src/view/types.ts';
import { findCommand } from '../../tools/system-packages.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';
import { lacking } from '../support/need.ts';
import { lackingPodman, startPodman, type TestPodman } from '../support/podman.ts';

let folder: string;
let store: LocalStore;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-engine-view-'));
  store = await LocalStore.open(join(folder, 'store'));
});
after(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** A client on PATH in the place of the real one, that hands everything on and writes down what it was asked. */
async function recorded(
  client: 'docker' | 'podman',
  args = '',
): Promise<{ readonly path: string; asked(): Promise<string> }> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  const log = join(bin, 'asked');
  const script = `#!/bin/sh\necho "$1" >> ${log}\nexec ${findCommand(client)} ${args} "$@"\n`;
  await writeFile(join(bin, client), script);
  await chmod(join(bin, client), 0o755);
  const asked = async () => {
    const lines = (await readFile(log, 'utf8')).trim().replaceAll('\n', ' ');
    await rm(log);
    return lines;
  };
  return { path: bin, asked };
}

async function look(env: Readonly<Record<string, string | undefined>>, name: string): Promise<ImageView> {
  const image = await openImage(`docker-daemon:${name}`, { store, env });
  try {
    return await openView(image, { store });
  } finally {
    await image.close();
  }
}

function list(view: ImageView): readonly string[] {
  return [...view.rootfs.walk()].map(({ entry }) => entry.path);
}

describe('an image of the real Docker', { skip: lackingDocker || lacking({ commands: ['busybox', 'tar'] }) }, () => {
  let engine: TestEngine;

  before(async () => {
    engine = await startEngine();
    const context = join(folder, 'context');
    await mkdir(context);
    await copyFile(findCommand('busybox') ?? '/bin/busybox', join(context, 'busybox'));
    await writeFile(
      join(context, 'Dockerfile'),
      'FROM scratch\nCOPY busybox /bin/\nCOPY Dockerfile /a\nCOPY Dockerfile /b\n',
    );
    const built = await engine.docker(['build', '--tag', 'looked:1', context]);
    assert.equal(built.status, 0, built.stderr);
  });
  after(() => engine?.stop());

  it('is saved for the first look, and only asked for its ID from then on', async () => {
    const { path, asked } = await recorded('docker');
    const env = { ...engine.env, PATH: `${path}:${engine.env['PATH']}` };
    const first = await look(env, 'looked:1');
    assert.equal(await asked(), 'image save');
    const second = await look(env, 'looked:1');
    assert.equal(await asked(), 'image');
    assert.deepEqual(list(first), ['a', 'b', 'bin', 'bin/busybox']);
    assert.deepEqual(second.layers, first.layers);
    const { stdout } = await engine.docker(['image', 'inspect', '--format', '{{.Id}}', 'looked:1']);
    assert.equal(first.configDigest, stdout.trim());
    assert.deepEqual(second.configDigest, first.configDigest);
  });

  it('is found by its archive, too, with nothing read again', async () => {
    const file = join(folder, 'looked.tar');
    assert.equal((await engine.docker(['save', '--output', file, 'looked:1'])).status, 0);
    const image = await openImage(`docker-archive:${file}`, { store });
    const unreadable = { ...image, layers: image.layers.map((layer) => ({ ...layer, open: () => assert.fail() })) };
    const members = spawnSync('tar', ['-tf', file], { encoding: 'utf8' }).stdout;
    assert.match(members, /layer\.tar|blobs\/sha256/);
    assert.deepEqual(list(await openView(unreadable, { store })), ['a', 'b', 'bin', 'bin/busybox']);
    await image.close();
  });
});

describe('an image of the real Podman', { skip: lackingPodman || lacking({ commands: ['busybox', 'tar'] }) }, () => {
  let podman: TestPodman;

  before(async () => {
    podman = await startPodman();
  });
  after(() => podman?.stop());

  it('is saved for the first look, and only asked for its ID from then on', async () => {
    const root = join(folder, 'podman-root');
    await mkdir(root);
    await writeFile(join(root, 'hello'), 'hello');
    const tar = join(folder, 'podman.tar');
    assert.equal(spawnSync('tar', ['-C', root, '-cf', tar, 'hello']).status, 0);
    const imported = await podman.podman(['import', tar, 'looked:2']);
    assert.equal(imported.status, 0, imported.stderr);
    const { path, asked } = await recorded('podman', podman.storage.join(' '));
    const env = { ...podman.env, PATH: `${path}:/usr/bin:/bin`, DOCKER_HOST: `unix://${folder}/none` };
    const first = await look(env, 'looked:2');
    assert.equal(await asked(), 'image save');
    assert.deepEqual(list(await look(env, 'looked:2')), list(first));
    assert.equal(await asked(), 'image');
    assert.deepEqual(list(first), ['hello']);
  });
});
