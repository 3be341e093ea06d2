/** The check on images of Debian's real packages, whole and broken on purpose. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeElf } from '../../src/formats/elf/elf-maker.ts';
import { BrokenImageError, buildImage, checkImage, type FlagValues, flagsToSpec, planImage } from '../../src/index.ts';
import type { RuntimeConfig } from '../../src/oci/documents.ts';
import { encodeImageConfig, encodeManifest } from '../../src/oci/encode.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { parseImageConfig, parseManifest } from '../../src/oci/parse.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { digestOf } from '../../src/util/digest.ts';
import { lackingArchive } from '../support/builder.ts';
import { type DebFile, makeTar } from '../support/deb.ts';

const python = ['/usr/bin/python3'];
const libraries = 'usr/lib/x86_64-linux-gnu';
const machine = 62;
/** In one image, with all that they depend on. The tests of the catalogue and conformance-effects build many more, each checked. */
const together = ['nginx', 'redis-server', 'php-cli', 'perl', 'ruby', 'git', 'apache2'];

describe('check, on Debian’s real packages', { skip: lackingArchive }, () => {
  let folder = '';
  let options: { readonly store: string; readonly cwd: string };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-check-'));
    options = { store: join(folder, 'store'), cwd: folder };
    await build('python', ['python3'], { entrypoint: python });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function build(name: string, packages: readonly string[], more: FlagValues = {}) {
    const flags = { name, from: 'debian/trixie', package: packages, platform: ['linux/amd64'], ...more };
    const spec = await flagsToSpec(flags, options);
    // Whether every script is reproduced is no matter of the check.
    const { platforms } = await planImage(spec, options);
    const names = platforms.flatMap((platform) => platform.packages.map((one) => one.name));
    return buildImage({ ...spec, accept: names.map((one) => ({ package: one, because: 'a test' })) }, options);
  }

  /** The Python image with a layer on top, as a careless Dockerfile would make it. */
  async function broken(name: string, layer: readonly (readonly [string, DebFile])[], config: RuntimeConfig = {}) {
    await put(name, layer, config);
    return checkImage(`store:${name}`, { ...options, offline: true });
  }

  async function put(name: string, layer: readonly (readonly [string, DebFile])[], config: RuntimeConfig) {
    const store = await LocalStore.open(options.store);
    try {
      const root = await store.resolve('python:latest');
      assert.ok(root);
      const manifest = parseManifest(await bytesOf(store, root.digest));
      const image = parseImageConfig(await bytesOf(store, manifest.config.digest));
      const tar = makeTar(layer);
      const blob = await store.write(gzipSync(tar));
      const diffIds = [...image.rootfs.diff_ids, digestOf(tar)];
      const changed = encodeImageConfig({
        ...image,
        config: { ...image.config, ...config },
        rootfs: { type: 'layers', diff_ids: diffIds },
      });
      await store.write(changed.bytes);
      const layers = [...manifest.layers, { mediaType: `${mediaTypes.ociLayer}+gzip`, ...blob }];
      const made = encodeManifest({ config: changed.descriptor, layers });
      await store.write(made.bytes);
      await store.tag(made.descriptor, `${name}:latest`);
    } finally {
      await store.close();
    }
  }

  /** Errors as `TYPE MISSING`, each once. */
  async function faults(answer: ReturnType<typeof broken>): Promise<readonly string[]> {
    const { findings, sound } = await answer;
    const errors = findings.filter(({ severity }) => severity === 'error');
    assert.equal(sound, errors.length === 0);
    return [...new Set(errors.map(({ type, missing }) => `${type} ${missing}`))];
  }

  test('the hand-written list of 22 packages is refused, and libzstd1 is named', async () => {
    const list =
      'base-files ca-certificates netbase libbz2-1.0 libc6 libdb5.3t64 libexpat1 libffi8 liblzma5 libncursesw6 libpython3.13-minimal libpython3.13-stdlib libreadline8t64 libsqlite3-0 libssl3t64 libtinfo6 libtirpc3t64 libuuid1 media-types openssl python3.13-minimal tzdata zlib1g';
    await assert.rejects(build('list', list.split(' '), { dependencies: 'none' }), (error: unknown) => {
      assert.ok(error instanceof BrokenImageError, String(error));
      assert.match(error.message, /libzstd\.so\.1, needed by libcrypto\.so\.3 of libssl3t64, .*is in libzstd1: add it/);
      assert.match(error.hint ?? '', /^Add .*libzstd1/);
      return true;
    });
  });

  test('a sound image has no error', async () => {
    assert.deepEqual(await faults(checkImage('store:python', options)), []);
  });

  test(`no false error: ${together.join(', ')}`, async () => {
    await build('together', together, { dependencies: 'full', entrypoint: ['/usr/sbin/nginx'] });
    assert.deepEqual(await faults(checkImage('store:together', options)), []);
  });

  test('each fault and no other', async () => {
    const foreign = makeElf({ machine: 183, soname: 'libz.so.1' });
    const older = makeElf({ machine, soname: 'libm.so.6', versionsDefined: ['GLIBC_2.2.5'] });
    const cases: Readonly<Record<string, Promise<readonly string[]>>> = {
      'library libz.so.1': faults(
        broken('removed', [
          [`${libraries}/.wh.libz.so.1`, ''],
          [`${libraries}/.wh.libz.so.1.3.1`, ''],
        ]),
      ),
      'entrypoint /app': faults(broken('absent', [['opt/', '']], { Entrypoint: ['/app'] })),
      'interpreter /bin/nosuch': faults(
        broken('script', [['app', { content: '#!/bin/nosuch\n', mode: 0o755 }]], { Entrypoint: ['/app'] }),
      ),
      'permission execute permission': faults(
        broken('mode', [['app', { content: '#!/usr/bin/python3\n', mode: 0o644 }]], { Entrypoint: ['/app'] }),
      ),
      'dangling-link /opt/gone': faults(
        broken('dangling', [['app', { type: 'symlink', linkTarget: '/opt/gone' }]], { Entrypoint: ['/app'] }),
      ),
      'architecture libz.so.1': faults(broken('foreign', [[`${libraries}/libz.so.1`, { content: foreign }]])),
    };
    for (const [fault, found] of Object.entries(cases)) assert.deepEqual(await found, [fault]);
    const versions = await faults(broken('older', [[`${libraries}/libm.so.6`, { content: older }]]));
    assert.ok(versions.length > 0);
    for (const fault of versions) assert.match(fault, /^symbol-version libm\.so\.6 GLIBC_2\.\d+$/);
  });

  test('of an image of others too, the package is named that has what is missing', async () => {
    const gone = [`${libraries}/.wh.libz.so.1`, `${libraries}/.wh.libz.so.1.3.1`, 'var/lib/dpkg/status.d/.wh.zlib1g'];
    await put(
      'lacking',
      gone.map((path) => [path, ''] as const),
      {},
    );
    const { findings } = await checkImage('store:lacking', options);
    assert.equal(findings[0]?.fix, 'is in zlib1g: add it to packages:');
  });
});

async function bytesOf(store: LocalStore, digest: `sha256:${string}`): Promise<Uint8Array> {
  const chunks = [];
  for await (const chunk of store.open(digest)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
