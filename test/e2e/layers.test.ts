/** Images in several layers, through the command line: what changes when a package or the application does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { unpackTar } from 'modern-tar';
import { openImage } from '../../src/image/open-image.ts';
import type { BuildResult, LayerResult } from '../../src/index.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { archiveConfig } from '../support/archive-config.ts';
import type { DebRecipe, FileRecipe } from '../support/deb-maker.ts';
import { assertLayerRules, type LayerPath } from '../support/layer-rules.ts';
import { type LockScene, releaseDate, startLockScene } from '../support/lock-scene.ts';
import { lacking } from '../support/need.ts';

let scene: LockScene;

beforeEach(async () => {
  scene = await startLockScene();
  await publish({});
  await scene.user.write('app/main', 'main');
  await scene.user.write('app/lib/helper', 'helper');
});

afterEach(() => scene[Symbol.asyncDispose]());

const firstDay = 1_700_000_000;

/** A package of KILOBYTES with a file, a folder that every package has, and a time that grows with its version. */
function deb(
  name: string,
  { version = 1, kilobytes = 10, depends = '', source = name, files = {} }: Sketch = {},
): DebRecipe {
  const mtime = firstDay + version * 86_400;
  const timed = Object.entries<FileRecipe>(files).map(([path, file]) => [path, { mtime, ...file }] as const);
  return {
    name,
    version: `${version}.0-1`,
    fields: { 'Installed-Size': String(kilobytes), ...(depends === '' ? {} : { Depends: depends }), Source: source },
    files: {
      '/usr/share/': { type: 'directory', mtime },
      [`/usr/share/doc/${name}/copyright`]: { content: `free ${version}`, mtime },
      [`/usr/lib/${name}`]: { content: `${name} ${version}`, mtime },
      ...Object.fromEntries(timed),
    },
  };
}

interface Sketch {
  readonly version?: number;
  readonly kilobytes?: number;
  readonly depends?: string;
  readonly source?: string;
  readonly files?: Readonly<Record<string, FileRecipe>>;
}

/** What the archive has: every package in its first version but those that are named. */
async function publish(versions: Readonly<Record<string, number>>): Promise<void> {
  const version = (name: string) => ({ version: versions[name] ?? 1 });
  // An update is larger or smaller, has other files and is newer than everything else.
  const grown = (name: string) => ((versions[name] ?? 1) > 1 ? { [`/usr/lib/new/${name}`]: { content: 'new' } } : {});
  const make = (name: string, sketch: Sketch = {}) =>
    deb(name, { ...version(name), ...sketch, files: { ...sketch.files, ...grown(name) } });
  await scene.archive.publish({
    date: releaseDate,
    components: {
      main: [
        make('base-files', { files: { '/etc/debian_version': { content: '13' } } }),
        make('libc6', { kilobytes: 12_000 }),
        make('libssl3', { kilobytes: 7_000, depends: 'libc6', source: 'openssl' }),
        make('openssl-provider', { kilobytes: 100, depends: 'libc6, libssl3', source: 'openssl' }),
        make('libz1', { kilobytes: 200, depends: 'libc6' }),
        make('runtime', {
          kilobytes: 40_000,
          depends: 'libssl3, openssl-provider, libz1',
          files: {
            '/usr/bin/runtime': { content: 'runtime', mode: 0o755 },
            '/usr/bin/runtime1': { type: 'hardlink', linkTarget: './usr/bin/runtime', mode: 0o755 },
          },
        }),
        make('tool', { depends: 'runtime', files: { '/etc/tool.conf': { content: 'tool' } } }),
        make('zone', { kilobytes: 3_000 }),
        {
          name: 'base-passwd',
          files: {
            '/usr/share/base-passwd/passwd.master': 'root:*:0:0:root:/root:/bin/bash\n',
            '/usr/share/base-passwd/group.master': 'root:*:0:\n',
          },
        },
      ],
    },
  });
}

const names = ['base-files', 'libc6', 'libssl3', 'openssl-provider', 'libz1', 'runtime', 'tool', 'zone'];

async function configure(layers: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = { base: 'debian', layers, files: '["./app:/srv/app"]', ...more };
  await scene.user.write('slimimage.yaml', archiveConfig(scene.archive, ['tool', 'zone'], { more: all }));
}

async function build(argv: readonly string[] = [], options = {}): Promise<readonly LayerResult[]> {
  const { stdout } = await scene.user.succeed(['build', '--format', 'json', ...argv], options);
  const result = JSON.parse(stdout) as BuildResult;
  return result.platforms[0]?.layers ?? assert.fail('no platform');
}

/** What layers hold: packages, `generated`, `own`. */
function pictureOf(layers: readonly LayerResult[]): readonly string[] {
  return layers.map(({ what }) => {
    if (what === undefined) return 'below';
    if (what.packages.length > 0) return what.packages.join(' ');
    return what.files.own > 0 ? 'own' : 'generated';
  });
}

/** The layers of the second build that the first one does not have. */
function changed(before: readonly LayerResult[], after: readonly LayerResult[]): readonly string[] {
  const known = new Set(before.map(({ diffId }) => diffId));
  return pictureOf(after.filter(({ diffId }) => !known.has(diffId)));
}

/** The paths of each layer; every one is held to the contract. */
async function pathsOf(image: string): Promise<readonly (readonly LayerPath[])[]> {
  const store = await LocalStore.open(join(scene.user.folder, 'store'));
  try {
    const opened = await openImage(image, { store, platform: undefined });
    const paths = [];
    for (const layer of opened.layers) paths.push(await assertLayerRules(layer.open()));
    await opened.close();
    return paths;
  } finally {
    await store.close();
  }
}

const everything = names.toSorted().join(' ');
const settings: Readonly<Record<string, readonly string[]>> = {
  package: [
    ...['libc6', 'base-files', 'libssl3', 'libz1', 'openssl-provider', 'runtime', 'tool', 'zone'],
    ...['generated', 'own'],
  ],
  source: [
    ...['libc6', 'base-files', 'libssl3 openssl-provider', 'libz1', 'runtime', 'tool', 'zone'],
    ...['generated', 'own'],
  ],
  '{ budget: 8 }': [
    ...['base-files libc6', 'libz1', 'libssl3 openssl-provider', 'runtime', 'zone', 'tool'],
    ...['generated', 'own'],
  ],
  '{ budget: 4 }': ['base-files libc6', 'libssl3 libz1 openssl-provider runtime tool zone', 'generated', 'own'],
  '{ budget: 2 }': [everything, 'own'],
  automatic: [everything, 'own'],
  single: [everything],
};

/** The packages that are updated one after the other; all of them where the division is the finest. */
const updated: Readonly<Record<string, readonly string[]>> = {
  '{ budget: 8 }': names,
  source: ['libssl3', 'runtime'],
  '{ budget: 4 }': ['base-files'],
};

for (const [layers, expected] of Object.entries(settings)) {
  test(`layers: ${layers}: an update of a package changes one layer, and so does one of the application`, async () => {
    await configure(layers);
    // Your own files have the time of the image: where none is given, that of the newest packaged file.
    const env = { ...storeOf(), SOURCE_DATE_EPOCH: '1800000000' };
    let before = await build(['-t', 'a:1'], { env });
    assert.deepEqual(pictureOf(before), expected);
    const paths = await pathsOf('store:a:1');
    const files = paths.flat().filter(({ type }) => type !== 'directory');
    assert.equal(new Set(files.map(({ path }) => path)).size, files.length, 'a path is in two layers');
    const versions: Record<string, number> = {};
    for (const [at, name] of (updated[layers] ?? ['runtime']).entries()) {
      versions[name] = at + 2;
      await publish(versions);
      const after = await build([], { env });
      const layer = pictureOf(after).find((text) => text.split(' ').includes(name));
      // /etc/ld.so.cache names the version of the C library, as ldconfig writes it.
      const more = name === 'libc6' ? ['generated'] : [];
      assert.deepEqual(changed(before, after), [layer, ...more], `after the update of ${name}`);
      before = after;
    }
    await scene.user.write('app/main', 'another');
    // The time of a commit, as it is given to builds in CI.
    const after = await build([], { env: { ...storeOf(), SOURCE_DATE_EPOCH: '1900000000' } });
    assert.deepEqual(changed(before, after), [layers === 'single' ? everything : 'own']);
  });
}

test('an image of packages alone, and one of files alone, has one layer as ever', async () => {
  await configure('automatic', { files: '[]' });
  const packages = await build();
  await configure('single', { files: '[]' });
  assert.deepEqual(await build(), packages);
  await scene.user.write('slimimage.yaml', 'name: a\nfiles: ["./app:/app"]\nlayers: package\n');
  assert.equal((await build()).length, 1);
});

test('the file system is the same, however it is divided', async () => {
  const links = '[{ path: /usr/bin/also, hardlink: /usr/bin/runtime }, { path: /srv/again, hardlink: /srv/app/main }]';
  const more = { files: '["./app:/srv/app", "./app/main:/etc/tool.conf"]', paths: links };
  const trees = [];
  for (const layers of ['single', 'package', '{ budget: 5 }']) {
    await configure(layers, more);
    await build(['-t', 'a:1', '-o', 'tar:root.tar']);
    await pathsOf('store:a:1');
    trees.push(await treeOf(await readFile(join(scene.user.folder, 'root.tar'))));
  }
  assert.deepEqual(trees[1], trees[0]);
  assert.deepEqual(trees[2], trees[0]);
  const { 'etc/tool.conf': replaced, 'usr/bin/also': link } = trees[1] ?? {};
  assert.deepEqual([replaced, link], ['file 644 0:0 main', 'file 755 0:0 runtime']);
});

test('on: keeps the layers below, and the new ones lie on them', async () => {
  await scene.user.write('slimimage.yaml', archiveConfig(scene.archive, ['runtime'], { more: { base: 'debian' } }));
  await build(['-t', 'below:1']);
  await configure('source', { on: 'store:below:1' });
  const layers = await build(['-t', 'above:1']);
  assert.deepEqual(pictureOf(layers), ['below', 'tool', 'zone', 'own']);
  await pathsOf('store:above:1');
  await configure('{ budget: 127 }', { on: 'store:below:1' });
  const { message } = await scene.user.refused({ code: 'CONFIG_INVALID', status: 2 }, ['build']);
  assert.match(message, /^on: store:below:1 has 1 layer, .* a budget of 127 is too much/);
});

test('the history says what each layer holds, and why a package is there can still be asked', async () => {
  await configure('source');
  await build(['-t', 'a:1']);
  const store = await LocalStore.open(join(scene.user.folder, 'store'));
  const image = await openImage('store:a:1', { store, platform: undefined });
  const history = image.config?.history ?? [];
  await image.close();
  await store.close();
  assert.deepEqual(
    history.map(({ comment }) => comment),
    [
      'holds: libc6 1.0-1',
      'holds: base-files 1.0-1',
      'holds: libssl3 1.0-1, openssl-provider 1.0-1',
      'holds: libz1 1.0-1',
      'holds: runtime 1.0-1',
      'holds: tool 1.0-1',
      'base-files tool zone (8 packages), holds: zone 1.0-1',
      'holds: generated files',
      'files',
    ],
  );
  const { stdout } = await scene.user.succeed(['why', 'libz1', 'store:a:1']);
  assert.match(stdout, /tool.*runtime.*libz1/s);
});

test('more packages than there is room for share the last layer, and a warning says so', async () => {
  const many = Array.from({ length: 130 }, (_, at) => deb(`p${at}`, { kilobytes: at < 10 ? 2000 : 10 }));
  await scene.archive.publish({ date: releaseDate, components: { main: many } });
  const packages = many.map(({ name }) => name);
  await scene.user.write('slimimage.yaml', archiveConfig(scene.archive, packages, { more: { layers: 'package' } }));
  const { stdout, stderr } = await scene.user.succeed(['build', '--format', 'json']);
  const { platforms, warnings } = JSON.parse(stdout) as BuildResult;
  const layers = platforms[0]?.layers ?? [];
  // 125 for packages, one for generated files, none of your own.
  assert.equal(layers.length, 126);
  assert.equal(layers[124]?.what?.packages.length, 6);
  assert.match(warnings.map(({ message }) => message).join(), /the 6 smallest packages share one/, stderr);
});

describe('umoci', { skip: lacking({ commands: ['umoci'], root: true }) }, () => {
  test('unpacks a layered image to the file system of one layer', async () => {
    for (const [layers, name] of Object.entries({ single: 'one', source: 'many' })) {
      await configure(layers);
      await build(['-o', `oci:${name}:1`]);
      const argv = ['unpack', '--image', `${name}:1`, `bundle-${name}`];
      const { status, stderr } = spawnSync('umoci', argv, { cwd: scene.user.folder, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
    const diff = spawnSync('diff', ['-r', '--no-dereference', 'bundle-one/rootfs', 'bundle-many/rootfs'], {
      cwd: scene.user.folder,
      encoding: 'utf8',
    });
    assert.deepEqual([diff.status, diff.stdout], [0, '']);
  });
});

function storeOf(): { readonly SLIMIMAGE_STORE: string } {
  return { SLIMIMAGE_STORE: join(scene.user.folder, 'store') };
}

/** `TYPE MODE OWNER TEXT` by path; which of two names carries a file's bytes, and times, are of no account here. */
async function treeOf(tar: Uint8Array): Promise<Readonly<Record<string, string>>> {
  const entries = await unpackTar(tar);
  const texts = new Map(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? []).toString('latin1')]));
  return Object.fromEntries(
    entries.map(({ header: { name, type, mode = 0, uid, gid, linkname } }) => {
      const text = type === 'symlink' ? linkname : texts.get(type === 'link' ? (linkname ?? '') : name);
      return [name, `${type === 'link' ? 'file' : type} ${mode.toString(8)} ${uid}:${gid} ${text}`];
    }),
  );
}
