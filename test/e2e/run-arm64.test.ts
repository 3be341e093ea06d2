import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findCommand } from '../../tools/system-packages.ts';
import { lackingArchive, startBuilder, type TestBuilder } from '../support/builder.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';
import { lacking } from '../support/need.ts';
import { projectRoot } from '../support/source-code.ts';

const emulator = 'qemu-aarch64-static';

/**
 * The emulator is a static program of this machine: mounted into the container and made its entrypoint, it runs the
 * image's programs without the kernel's binfmt_misc, which not every machine has.
 */
describe('an image for another architecture, under an emulator in the real Docker engine', {
  skip: lackingDocker || lackingArchive || lacking({ commands: [emulator] }),
}, () => {
  let builder: TestBuilder;
  let engine: TestEngine;

  before(async () => {
    engine = await startEngine();
    builder = await startBuilder();
  });
  after(async () => {
    await engine?.stop();
    await builder?.[Symbol.asyncDispose]();
  });

  test('the arm64 python has its standard library, read-only, as nonroot, without capabilities and network', async () => {
    const config = await builder.write(
      'python-arm64.yaml',
      `extends: ${projectRoot}/examples/python.yaml\nplatforms: [linux/arm64]\n`,
    );
    const { tag, platforms, paths } = await builder.build(config, { engine });
    assert.deepEqual(
      platforms.map(({ platform }) => platform),
      ['linux/arm64'],
    );
    const libc = platforms[0]?.packages.find(({ name }) => name === 'libc6');
    assert.equal(libc?.architecture, 'arm64');
    const all = new Set(paths.get('linux/arm64')?.map(({ path }) => path));
    assert.ok(all.has('usr/lib/ld-linux-aarch64.so.1') && !all.has('lib64'));
    const inspected = await engine.docker(['inspect', '--format', '{{.Os}}/{{.Architecture}} {{.Config.User}}', tag]);
    assert.equal(inspected.stdout, 'linux/arm64 65532:65532\n');

    const program = [
      'import ssl, sqlite3, ctypes, bz2, lzma, zoneinfo, hashlib, os, platform',
      'print(ssl.OPENSSL_VERSION.split(".")[0], platform.machine(), os.getuid(), zoneinfo.ZoneInfo("Europe/Berlin"))',
      'print(sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0], lzma.decompress(lzma.compress(b"xz")))',
      'try: open("/file", "w")',
      'except OSError as error: print(error.strerror)',
    ];
    const answer = await engine.dockerRun({
      image: tag,
      platform: 'linux/arm64',
      entrypoint: '/emulator',
      args: ['/usr/bin/python3', '-c', program.join('\n')],
      volumes: [`${findCommand(emulator)}:/emulator:ro`],
      readOnly: true,
      capDrop: true,
      network: 'none',
    });
    assert.equal(
      answer.stdout,
      "OpenSSL 3 aarch64 65532 Europe/Berlin\n42 b'xz'\nRead-only file system\n",
      answer.stderr,
    );

    // Beside another platform it is the same image.
    const both = await builder.write(
      'python-both.yaml',
      `extends: ${projectRoot}/examples/python.yaml\nplatforms: [linux/amd64, linux/arm64]\n`,
    );
    const index = await builder.build(both);
    assert.deepEqual(
      index.platforms.map(({ platform }) => platform),
      ['linux/amd64', 'linux/arm64'],
    );
    assert.equal(index.platforms[1]?.manifest, platforms[0]?.manifest);
    assert.equal(index.mediaType, 'application/vnd.oci.image.index.v1+json');
  });
});
