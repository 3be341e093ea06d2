import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig } from '../../config/load.ts';
import type { LockInputs } from '../../lock/types.ts';
import { lockInputs } from './inputs.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-inputs-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function inputsOf(text: string): Promise<LockInputs> {
  await writeFile(join(folder, 'slimimage.yaml'), text);
  return lockInputs(await loadConfig('slimimage.yaml', { cwd: folder, platform: 'linux/amd64' }));
}

test('what decides about packages, with its defaults', async () => {
  assert.deepEqual(await inputsOf('from: debian/trixie\npackages: [nginx]\n'), {
    from: 'debian/trixie',
    components: null,
    suites: [],
    archives: [],
    packages: ['nginx'],
    omit: [],
    dependencies: 'runtime',
    keep: [],
    locales: [],
    recommends: false,
    essential: false,
    pins: [],
    base: 'debian',
    on: null,
    files: [],
    platforms: ['linux/amd64'],
    compression: 'gzip-6',
  });
});

test('byte code only where it is wanted: older locks do not know it', async () => {
  const text = 'from: debian/trixie\npackages: [python3]\n';
  assert.equal((await inputsOf(text))['bytecode'], undefined);
  assert.equal((await inputsOf(`${text}bytecode: true\n`))['bytecode'], true);
});

test('an archive without its URL, keys by what they are called wherever they are', async () => {
  const archive =
    '{ name: vendor, url: https://apt.example/debian, suites: [stable], signed-by: [debian, ./keys/vendor.asc, ../own.asc, /usr/share/keyrings/other.gpg] }';
  const { archives } = await inputsOf(`archives: [${archive}]\npackages: [nginx]\n`);
  assert.deepEqual(archives, [
    {
      name: 'vendor',
      suites: ['stable'],
      components: ['main'],
      'signed-by': ['debian', './keys/vendor.asc', 'own.asc', 'other.gpg'],
    },
  ]);
});

test('paths are those of the configuration, below its folder and beside it', async () => {
  const { packages, on } = await inputsOf(
    'from: debian/trixie\npackages: [nginx, ./own.deb, ./debs/, ../other/]\non: docker-archive:../base.tar:base:1\n',
  );
  assert.deepEqual(packages, ['nginx', './own.deb', './debs', '../other']);
  assert.equal(on, 'docker-archive:../base.tar:docker.io/library/base:1');
  assert.equal((await inputsOf('packages: [./own.deb]\non: store:base\n'))['on'], 'store:base');
});

test('images that files are copied from, each once; a bare tree is no matter of the lock', async () => {
  const images = ['store:b', 'docker-archive:./a.tar', 'docker://h.example/c:1', 'store:b', 'dir:./tree', 'tar:x.tar'];
  const entries = images.map((image, at) => `{ image: "${image}", source: /x, path: /${at} }`);
  const { files } = await inputsOf(`from: debian/trixie\npackages: [nginx]\nfiles: [${entries}, "./own:/own"]\n`);
  assert.deepEqual(files, [
    { image: 'docker-archive:./a.tar' },
    { image: 'docker://h.example/c:1' },
    { image: 'store:b' },
  ]);
});

test('pins as they decide', async () => {
  const { pins } = await inputsOf(
    'from: debian/trixie\npackages: [nginx]\npins: [nginx=1.26*, nginx/trixie-security]\n',
  );
  assert.deepEqual(pins, [
    { packages: ['nginx'], match: { type: 'version', glob: '1.26*' }, priority: 1001 },
    { packages: ['nginx'], match: { type: 'release', name: 'trixie-security' }, priority: 990 },
  ]);
});

test('what is in the image beside packages says nothing', async () => {
  const plain = await inputsOf('from: debian/trixie\npackages: [nginx]\n');
  const more =
    'entrypoint: [/usr/sbin/nginx]\nuser: www-data\nfiles: ["./a:/b"]\nmirrors: { debian: http://x.example/d }\n';
  assert.deepEqual(await inputsOf(`from: debian/trixie\npackages: [nginx]\nname: x\n${more}`), plain);
});
