/** Images that lie: what their makers hope for, and what `verify` says. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ImageConfig } from '../../src/oci/documents.ts';
import { encodeUtf8 } from '../../src/util/text.ts';
import {
  blobPath,
  claimOf,
  failures,
  idsOf,
  meddle,
  put,
  readLayout,
  replaceFile,
  replaceManifest,
  startVerifyScene,
  type TarFile,
  textOf,
  type VerifyScene,
} from '../support/verify-scene.ts';

let scene: VerifyScene;
let layouts = 0;
const locked = { lock: 'slimimage.lock.json' };

before(async () => {
  scene = await startVerifyScene();
  await scene.lock();
});
after(() => scene[Symbol.asyncDispose]());

async function layout(): Promise<string> {
  const name = `layout-${++layouts}`;
  await scene.build({ outputs: [`oci:${name}`], attach: true });
  return name;
}

type Files = Map<string, TarFile>;

/** What is told of a layout after its layer of packages was changed, without and with the lock. */
async function changed(change: (files: Files) => void) {
  const name = await layout();
  await meddle(scene.path(name), { layer: { path: 'usr/bin/other', change } });
  return { alone: await scene.verify(`oci:${name}`), against: await scene.verify(`oci:${name}`, locked) };
}

function add(files: Files, path: string, header: Partial<TarFile['header']>, text = ''): void {
  const like = files.get('usr/bin/other') ?? assert.fail();
  files.set(path, { header: { ...like.header, ...header, path }, content: encodeUtf8(text) });
}

const sums = 'var/lib/dpkg/status.d/tool.md5sums';

describe('the package database', () => {
  test('whose sums are a link to others', async () => {
    const { alone, against } = await changed((files) => {
      add(files, 'opt/sums', {}, textOf(files, sums).replace(/^[0-9a-f]{32}/gm, 'f'.repeat(32)));
      add(files, sums, { type: 'symlink', linkTarget: '/opt/sums' });
    });
    assert.ok(failures(alone).includes('packaged-files: /usr/bin/other'), failures(alone).join());
    assert.ok(failures(against).includes(`generated-files: /${sums}`));
  });

  test('whose sums are empty: nothing vouches for the files', async () => {
    const { alone, against } = await changed((files) => replaceFile(files, sums, ''));
    assert.deepEqual(
      claimOf(alone, 'unowned-programs')?.details.map(({ about }) => about),
      ['/usr/bin/other', '/usr/bin/tool'],
    );
    assert.equal(against.verified, false);
  });

  test('that names a file twice, once as it is', async () => {
    const { against } = await changed((files) => {
      replaceFile(files, 'usr/bin/other', 'evil');
      replaceFile(files, sums, `4034a346ccee15292d823416f7510a2f  usr/bin/other\n${textOf(files, sums)}`);
    });
    assert.ok(failures(against).includes('locked-files: /usr/bin/other'));
  });

  test('that has a package twice, and one that nobody packed', async () => {
    const { against } = await changed((files) => {
      const tool = textOf(files, 'var/lib/dpkg/status.d/tool');
      add(files, 'var/lib/dpkg/status.d/tool2', {}, tool);
      add(files, 'var/lib/dpkg/status.d/evil', {}, tool.replaceAll('Package: tool', 'Package: evil'));
    });
    assert.ok(failures(against).includes('locked-packages: evil'), failures(against).join());
    assert.ok(failures(against).includes('nothing-else: /var/lib/dpkg/status.d/tool2'), failures(against).join());
  });
});

describe('the tree', () => {
  test('with a whiteout over a file of a package in a layer above', async () => {
    const name = await layout();
    const path = scene.path(name);
    await meddle(path, {
      layer: { path: 'app/app.txt', change: (files) => removeOther(files) },
    });
    const found = await scene.verify(`oci:${name}`, locked);
    assert.ok(failures(found).includes('packaged-files: /usr/bin/other'), failures(found).join());
    assert.ok(failures(found).includes('locked-files: /usr/bin/other'));
  });

  test('with a file of a package as a hard link to another', async () => {
    const { alone, against } = await changed((files) => {
      files.delete('usr/bin/other');
      const like = files.get('usr/bin/tool') ?? assert.fail();
      const header = {
        ...like.header,
        type: 'hardlink' as const,
        path: 'usr/bin/other',
        linkTarget: 'usr/bin/tool',
        size: 0,
      };
      files.set('usr/bin/other', { header, content: new Uint8Array() });
    });
    assert.deepEqual(failures(alone), ['packaged-files: /usr/bin/other']);
    assert.ok(failures(against).includes('locked-files: /usr/bin/other'));
  });
});

describe('what no sum speaks of is told by name', () => {
  test('links, modes and owners: unproven, and failed with the lock', async () => {
    const { alone, against } = await changed((files) =>
      add(files, 'usr/lib/libtool.so', { type: 'symlink', linkTarget: '/opt/evil.so' }),
    );
    assert.deepEqual(failures(alone), []);
    const metadata = claimOf(alone, 'metadata');
    assert.equal(metadata?.status, 'unproven');
    assert.ok((metadata?.counts.unproven ?? 0) > 5);
    assert.match(metadata?.reason ?? '', /do not hold them; --lock does/);
    assert.ok(failures(against).includes('locked-files: /usr/lib/libtool.so'));
    assert.equal(claimOf(against, 'metadata'), undefined, 'the lock holds them');
  });

  test('files of nobody: those first that change what others do', async () => {
    const { alone, against } = await changed((files) => {
      const data = { mode: 0o644 };
      add(files, 'etc/ld.so.preload', data, '/opt/evil.so');
      add(files, 'usr/lib/python3/sitecustomize.py', data, 'import evil');
      add(files, 'usr/lib/harmless.txt', data, 'harmless');
      add(files, 'dev/sda', { type: 'block', mode: 0o666, deviceMajor: 8, deviceMinor: 0 });
    });
    assert.deepEqual(failures(alone), []);
    const told = claimOf(alone, 'unowned-files')?.details.map(({ about }) => about) ?? [];
    assert.deepEqual(told.slice(0, 3), ['/dev/sda', '/etc/ld.so.preload', '/usr/lib/python3/sitecustomize.py']);
    assert.ok(told.indexOf('/etc/passwd') < told.indexOf('/usr/lib/harmless.txt'));
    assert.ok(failures(against).includes('nothing-else: /dev/sda'));
    const device = claimOf(against, 'nothing-else')?.details.find(({ about }) => about === '/dev/sda');
    assert.match(device?.message ?? '', /makes this block device$/);
  });
});

function removeOther(files: Files): void {
  const like = files.get('app/app.txt') ?? assert.fail();
  for (const folder of ['usr/', 'usr/bin/'])
    files.set(folder, {
      header: { ...like.header, type: 'directory', path: folder, mode: 0o755, size: 0 },
      content: new Uint8Array(),
    });
  files.set('usr/bin/.wh.other', {
    header: { ...like.header, path: 'usr/bin/.wh.other', size: 0 },
    content: new Uint8Array(),
  });
}

describe('the documents', () => {
  test('with an environment that loads a library into everything', async () => {
    const name = await layout();
    const evil = (config: ImageConfig) => ({ ...config.config, Env: ['LD_PRELOAD=/app/evil.so'] });
    await meddle(scene.path(name), { config: (config) => ({ ...config, config: evil(config) }) });
    assert.deepEqual(failures(await scene.verify(`oci:${name}`, locked)), ['settings: Env']);
    await writeFile(scene.path('bare.lock.json'), await readFile(scene.path('slimimage.lock.json')));
    const bare = await scene.verify(`oci:${name}`, { lock: 'bare.lock.json' });
    assert.equal(
      claimOf(bare, 'settings')?.status,
      'unproven',
      'without the configuration it is said that nobody knows',
    );
  });

  test('with a layer that is said to have another size', async () => {
    const name = await layout();
    const { manifest } = await readLayout(scene.path(name));
    for (const wrong of [1, -1]) {
      const [first, ...rest] = manifest.layers;
      await replaceManifest(scene.path(name), {
        ...manifest,
        layers: [{ ...first, size: (first?.size ?? 0) + wrong } as never, ...rest],
      });
      const found = await scene.verify(`oci:${name}`);
      assert.deepEqual(failures(found), [`blobs: ${first?.digest}`]);
    }
  });

  test('with manifests beside it in an index, for no platform and for strange ones', async () => {
    const name = await layout();
    const path = scene.path(name);
    const { digest } = await readLayout(path);
    const size = (await readFile(blobPath(path, digest))).length;
    const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size };
    const lost = { ...entry, digest: `sha256:${'a'.repeat(64)}`, platform: { os: 'plan9', architecture: 'mips' } };
    const lying = { ...entry, platform: { os: 'linux', architecture: 's390x' } };
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [lying, lost, { ...entry, platform: { os: 'unknown', architecture: 'unknown' } }],
    };
    const written = await put(path, encodeUtf8(JSON.stringify(index)));
    const file = join(path, 'index.json');
    const root = JSON.parse(await readFile(file, 'utf8'));
    root.manifests = [
      { ...written, mediaType: index.mediaType, annotations: { 'org.opencontainers.image.ref.name': 'latest' } },
    ];
    await writeFile(file, JSON.stringify(root));
    const found = await scene.verify(`oci:${name}`);
    assert.deepEqual(failures(found), [`documents: ${digest}`]);
    assert.match(
      claimOf(found, 'documents')?.reason ?? '',
      /the index has it for linux\/s390x, its config is for linux\/amd64/,
    );
    assert.match(claimOf(found, 'blobs')?.reason ?? '', /another platform is not here/);
    assert.ok(idsOf(found, 'proven').includes('layers'));
  });
});

describe('an archive for docker load', () => {
  test('is held by the names of its blobs', async () => {
    await scene.build({ outputs: ['docker-archive:sample.tar'] });
    const whole = await scene.verify('docker-archive:sample.tar');
    assert.deepEqual(failures(whole), []);
    assert.equal(claimOf(whole, 'blobs')?.status, 'proven');
    assert.equal(claimOf(whole, 'documents')?.status, 'proven');
  });

  test('whose second list names another image', async () => {
    await scene.build({ outputs: ['docker-archive:sample.tar'] });
    const tar = await readFile(scene.path('sample.tar'));
    const [, config = ''] = /"config":\{[^}]*"digest":"(sha256:[0-9a-f]{64})"/.exec(tar.toString('latin1')) ?? [];
    // Each place where the manifest names the config; its own name is no longer its digest.
    const wrong = config.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const text = tar.toString('latin1').replaceAll(`"digest":"${config}"`, `"digest":"${wrong}"`);
    await writeFile(scene.path('two-faces.tar'), Buffer.from(text, 'latin1'));
    const found = await scene.verify('docker-archive:two-faces.tar');
    assert.deepEqual(idsOf(found, 'failed'), ['blobs', 'documents']);
    assert.equal(found.verified, false);
  });
});
