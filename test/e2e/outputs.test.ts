import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportImage } from '../../src/image/export-image.ts';
import { openImage } from '../../src/image/open-image.ts';
import { readRootfs } from '../../src/image/read-rootfs.ts';
import type { Compression } from '../../src/oci/compression.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { parseLocation } from '../../src/oci/location.ts';
import { diffRootfs } from '../../src/rootfs/diff.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { lackingDocker, startEngine } from '../support/engine.ts';
import { loadableLayers, putSampleImage, putSampleIndex, variedLayers } from '../support/images.ts';
import { lacking } from '../support/need.ts';
import { lackingPodman, startPodman } from '../support/podman.ts';

/** Every form that is written, read by the tools that people have. */
const compressions = ['gzip', 'zstd', 'none'] as const;
const forms = ['oci', 'oci-archive', 'docker-archive'] as const;
const references = ['web:dev'];
let folder = '';
let store: LocalStore;
const images = new Map<Compression['algorithm'] | 'index', Descriptor>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-outputs-'));
  store = await LocalStore.open(join(folder, 'store'));
  for (const compression of compressions) {
    images.set(compression, await putSampleImage(store, { layers: loadableLayers, compression }));
  }
  const platforms = ['linux/amd64', 'linux/arm64'];
  images.set(
    'index',
    await putSampleIndex(
      store,
      platforms.map((platform) => ({ layers: loadableLayers, platform })),
    ),
  );
  for (const [name, root] of images) {
    for (const form of forms) await write(`${form}:${name}-${form}`, root);
  }
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function write(target: string, root: Descriptor, names: readonly string[] = references) {
  return exportImage(parseLocation(target), { store, root, cwd: folder, references: names });
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function configOf(name: 'gzip' | 'zstd' | 'none' | 'index'): Promise<string> {
  return openImage(`oci:${folder}/${name}-oci`, { store }).then(
    (image) => image.manifest?.config.digest ?? assert.fail(),
  );
}

describe('skopeo', { skip: lacking({ commands: ['skopeo'] }) }, () => {
  for (const name of [...compressions, 'index'] as const) {
    it(`copies ${name} images of every form, and keeps the digests of layouts`, async () => {
      for (const form of forms) {
        run('skopeo', 'copy', '-q', '--all', `${form}:${name}-${form}`, `dir:copied-${name}-${form}`);
        const manifest = await readFile(join(folder, `copied-${name}-${form}`, 'manifest.json'), 'utf8');
        const isIndex = name === 'index' && form !== 'docker-archive';
        if (isIndex) assert.equal(JSON.parse(manifest).manifests.length, 2);
        else assert.equal(JSON.parse(manifest).config.digest, await configOf(name));
        if (form !== 'docker-archive') {
          assert.equal(run('skopeo', 'inspect', '--raw', `${form}:${name}-${form}`), manifest);
        }
      }
    });
  }

  it('makes layouts and archives that are read back as the same tree', async () => {
    const before = await treeOf('gzip');
    for (const form of forms) {
      run('skopeo', 'copy', '-q', 'oci:gzip-oci', `${form}:by-skopeo-${form}:web:dev`);
      const image = await openImage(`${form}:${folder}/by-skopeo-${form}`, { store });
      assert.deepEqual(diffRootfs(before, await readRootfs(image)), {
        added: [],
        removed: [],
        changed: [],
      });
      await image.close();
    }
  });
});

describe('umoci', { skip: lacking({ commands: ['umoci'], root: true }) }, () => {
  it('unpacks the same tree as ours, also where layers reach into lower ones', async () => {
    const root = await putSampleImage(store, { layers: variedLayers });
    await write('oci:varied', root);
    await write('dir:ours', root);
    run('umoci', 'unpack', '--image', 'varied:dev', 'bundle');
    const [ours, theirs] = await Promise.all(
      ['ours', 'bundle/rootfs'].map(async (name) => {
        const image = await openImage(`dir:${join(folder, name)}`, { store });
        return readRootfs(image);
      }),
    );
    assert.ok(ours !== undefined && theirs !== undefined);
    const { added, removed, changed } = diffRootfs(ours, theirs);
    // A folder that something was put into later keeps the layer's time here; umoci leaves the time of writing.
    const differences = changed.filter(({ aspects }) => aspects.join() !== 'time');
    assert.deepEqual({ added, removed, differences }, { added: [], removed: [], differences: [] });
  });
});

describe('podman', { skip: lackingPodman }, () => {
  it('loads every archive under its name', async (t) => {
    const { podman, stop } = await startPodman();
    t.after(stop);
    for (const name of [...compressions, 'index'] as const) {
      for (const form of ['oci-archive', 'docker-archive']) {
        const loaded = await podman(['load', '-q', '-i', join(folder, `${name}-${form}`)]);
        assert.equal(loaded.status, 0, `${name} ${form}: ${loaded.stderr}`);
        const id = await podman(['image', 'inspect', '--format', '{{.Id}}', 'web:dev']);
        assert.equal(`sha256:${id.stdout.trim()}`, await configOf(name), `${name} ${form}: ${id.stderr}`);
        await podman(['rmi', '-f', 'web:dev']);
      }
    }
  });
});

describe('docker', { skip: lackingDocker }, () => {
  it('loads every archive under its names, and imports the tar', async (t) => {
    const { docker, stop } = await startEngine();
    t.after(stop);
    const gzip = images.get('gzip') ?? assert.fail();
    await write('docker-archive:two-names', gzip, ['web:dev', 'registry.example/team/web:1']);
    await write('docker-archive:no-name', gzip, []);
    const files = [
      ...[...compressions, 'index'].map((name) => [`${name}-docker-archive`, name]),
      // An OCI archive keeps zstd, which this engine may be too old for.
      ...['gzip', 'none', 'index'].map((name) => [`${name}-oci-archive`, name]),
      ['two-names', 'gzip'],
    ] as const;
    for (const [file = '', name] of files) {
      const loaded = await docker(['load', '-q', '-i', join(folder, file)]);
      assert.equal(loaded.status, 0, `${file}: ${loaded.stderr}`);
      const id = await docker(['image', 'inspect', '--format', '{{.Id}}', 'web:dev']);
      assert.equal(id.stdout.trim(), await configOf(name as 'gzip'), file);
      if (file !== 'two-names') await docker(['rmi', '-f', 'web:dev']);
    }
    assert.equal((await docker(['image', 'inspect', 'registry.example/team/web:1'])).status, 0);
    assert.match((await docker(['load', '-i', join(folder, 'no-name')])).stdout, /sha256:[0-9a-f]{64}/);
    await write('tar:root.tar', gzip);
    const imported = await docker(['import', join(folder, 'root.tar'), 'imported:1']);
    assert.equal(imported.status, 0, imported.stderr);
    const saved = await docker(['save', '-o', join(folder, 'saved.tar'), 'web:dev']);
    assert.equal(saved.status, 0, saved.stderr);
    const image = await openImage(`docker-archive:${folder}/saved.tar:web:dev`, { store });
    t.after(() => image.close());
    const tree = await readRootfs(image);
    assert.deepEqual(diffRootfs(await treeOf('gzip'), tree), { added: [], removed: [], changed: [] });
  });
});

async function treeOf(name: 'gzip') {
  const root = images.get(name) ?? assert.fail();
  await store.tag(root, name);
  return readRootfs(await openImage(`store:${name}`, { store }));
}
