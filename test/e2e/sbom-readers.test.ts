/** SBOMs of a real image beside what others read: SPDX's own tools, and what scanners find in the image. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { fetchSpdxTools } from '../support/spdx-tools.ts';
import { scanImage } from '../support/status-d-reader.ts';
import { filesOfTar } from '../support/tar-files.ts';

const tools = fetchSpdxTools();

describe('the SBOMs of an image with an application', { skip: lackingArchive }, () => {
  let user: TestUser;

  before(async () => {
    user = await startUser();
    await user.write('app/main.py', 'print("it runs")\n');
    await user.write(
      'slimimage.yaml',
      'from: debian/trixie\npackages: [python3-minimal, passwd, vim-tiny]\nfiles: ["./app:/app"]\nplatforms: [linux/amd64]\n',
    );
    await user.succeed(['build', '-o', 'tar:app.tar', '--sbom', 'spdx', '--sbom', 'spdx-3', '--sbom', 'cyclonedx']);
  });
  after(() => user[Symbol.asyncDispose]());

  for (const name of ['app.spdx.json', 'app.spdx3.json']) {
    test(`${name} is valid to SPDX's own tools`, { skip: typeof tools === 'string' && tools }, () => {
      assert.ok(typeof tools !== 'string');
      assert.equal(tools.complaints(join(user.folder, name)), '');
    });
  }

  test("SPDX's own tools refuse a document that lacks a file", {
    skip: typeof tools === 'string' && tools,
  }, async () => {
    assert.ok(typeof tools !== 'string');
    for (const [name, from, to] of [
      ['app.spdx.json', '"SPDXRef-File-1"', '"SPDXRef-File-0"'],
      ['app.spdx3.json', '#File-1"', '#File-0"'],
    ] as const) {
      const text = await readFile(join(user.folder, name), 'utf8');
      const file = join(user.folder, `broken-${name}`);
      await writeFile(file, text.replace(from, to));
      assert.notEqual(tools.complaints(file), '', name);
    }
  });

  test('scanners find the same packages, sources and files in the image', async () => {
    const scanned = scanImage(await filesOfTar(join(user.folder, 'app.tar')));
    const document = JSON.parse(await readFile(join(user.folder, 'app.cdx.json'), 'utf8')) as {
      components: {
        name: string;
        version: string;
        purl?: string;
        pedigree?: { ancestors: { name: string; version: string }[] };
        components?: { name: string }[];
      }[];
    };
    const listed = document.components.filter(({ purl }) => purl?.startsWith('pkg:deb/'));

    assert.equal(scanned.distribution, 'debian 13');
    assert.ok(scanned.packages.length > 10);
    assert.deepEqual(
      scanned.packages.map((one) => `${one.name} ${one.version} of ${one.source}`),
      listed.map(({ name, version, pedigree }) => {
        const [source] = pedigree?.ancestors ?? [];
        return `${name} ${version} of ${source?.name} ${source?.version}`;
      }),
    );
    // dpkg keeps no sums of configuration files.
    const lasting = (components: readonly { name: string }[] = []) =>
      components.map(({ name }) => name).filter((path) => !path.startsWith('/etc/'));
    assert.deepEqual(
      scanned.packages.map(({ name, files: found }) => [name, found.map((path) => `/${path}`).sort()]),
      listed.map(({ name, components }) => [name, lasting(components).sort()]),
    );
  });
});
