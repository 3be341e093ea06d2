import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeDeb } from '../../test/support/deb.ts';
import { type BuildResult, buildImage, type ReadPaperOptions, readPaper } from '../index.ts';
import type { PaperKind } from '../oci/papers.ts';
import { LocalStore } from '../store/local-store.ts';
import { OciLayout } from '../store/oci-layout.ts';
import { hexOf } from '../util/digest.ts';

let folder: string;
let built: BuildResult;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-paper-'));
  await writeFile(join(folder, 'own.deb'), makeDeb({ name: 'own', files: { 'opt/own': 'own' } }));
  await write('platforms: [linux/amd64, linux/arm64]');
  const outputs = ['oci:with', 'oci-archive:web.tar', 'docker-archive:old.tar.gz', 'tar:tree.tar'];
  built = await make({ outputs, attach: true });
  await make({ outputs: ['oci:without'] });
});
after(() => rm(folder, { recursive: true, force: true }));

function write(more: string): Promise<void> {
  return writeFile(join(folder, 'slimimage.yaml'), `name: web\nbase: none\npackages: [./own.deb]\n${more}\n`);
}

function make(options: Parameters<typeof buildImage>[1]): Promise<BuildResult> {
  return buildImage({ config: join(folder, 'slimimage.yaml') }, { store: join(folder, 'store'), ...here, ...options });
}

const here = {
  env: {},
  jobs: 1,
  get cwd() {
    return folder;
  },
};

async function read(image: string, kind: PaperKind = 'spdx', options: Partial<ReadPaperOptions> = {}) {
  return readPaper(image, {
    kind,
    store: join(folder, 'store'),
    env: {},
    cwd: folder,
    platform: 'linux/amd64',
    ...options,
  });
}

/** The document that the build made. */
function made(kind: PaperKind, platform = 'linux/amd64') {
  return built.papers.find((one) => one.kind === kind && (one.platform ?? platform) === platform)?.digest;
}

test('what the build attached or laid beside it comes back unchanged, from everywhere', async () => {
  for (const kind of ['spdx', 'cyclonedx', 'provenance'] as const) {
    for (const image of ['store:web', 'oci:with', 'oci-archive:web.tar', 'docker-archive:old.tar.gz', 'tar:tree.tar'])
      assert.equal((await read(image, kind)).digest, made(kind), `${kind} of ${image}`);
  }
  const arm = await read('store:web', 'spdx', { platform: 'linux/arm64' });
  assert.deepEqual([arm.digest, arm.platform], [made('spdx', 'linux/arm64'), 'linux/arm64']);
  assert.equal(arm.subject, built.platforms[1]?.manifest);
});

test('--output writes the same bytes to a file', async () => {
  const { bytes } = await read('store:web', 'cyclonedx', { output: 'deep/web.cdx.json' });
  assert.deepEqual(new Uint8Array(await readFile(join(folder, 'deep/web.cdx.json'))), new Uint8Array(bytes));
});

test('a format that was not made is made of what the store knows', async () => {
  const spdx3 = await read('store:web', 'spdx-3');
  assert.match(Buffer.from(spdx3.bytes).toString(), /"@context": "https:\/\/spdx.org\/rdf\/3\.0\.1\//);
  assert.equal((await read('oci:without', 'spdx')).digest, made('spdx'));
});

test('where there is none, what there is', async () => {
  const elsewhere = { store: join(folder, 'empty-store') };
  await assert.rejects(read('oci:without', 'spdx', elsewhere), {
    code: 'PAPER_NOT_FOUND',
    message: 'oci:without has no SBOM in SPDX 2.3',
  });
  await assert.rejects(read('oci:with', 'spdx-3', elsewhere), {
    code: 'PAPER_NOT_FOUND',
    hint: 'It has: --format spdx, --format cyclonedx, --provenance. Building it again with slimimage makes the others.',
  });
  await assert.rejects(read('oci:without', 'provenance'), { code: 'PAPER_NOT_FOUND' });
  await assert.rejects(read('dir:with'), { code: 'PAPER_NOT_FOUND', message: 'dir:with keeps no papers' });
  await assert.rejects(read('store:nothing'), { code: 'IMAGE_NOT_FOUND' });
});

test('a paper beside an image that is another one now is passed over, and refused where there is no other', async () => {
  const stale = Object.fromEntries(
    await Promise.all(
      ['web', 'old'].map(
        async (name) => [name, await readFile(join(folder, `${name}.linux-amd64.spdx.json`))] as const,
      ),
    ),
  );
  const lay = (file: string) => writeFile(join(folder, file), stale['web'] ?? assert.fail());
  await write('platforms: [linux/amd64]\nfiles: ["./slimimage.yaml:/etc/"]\ncompression: zstd-3');
  const outputs = ['oci-archive:web.tar', 'docker-archive:old.tar.gz'];
  const again = await make({ outputs, tags: ['other'] });
  const right = again.papers.find(({ kind }) => kind === 'spdx')?.digest;
  for (const [image, name] of [
    ['oci-archive:web.tar', 'web'],
    ['docker-archive:old.tar.gz', 'old'],
  ] as const) {
    await lay(`${name}.linux-amd64.spdx.json`);
    assert.equal((await read(image)).digest, right, image);
    await lay(`${name}.spdx.json`);
    await assert.rejects(read(image), {
      code: 'DIGEST_MISMATCH',
      message: new RegExp(`^${name}\\.linux-amd64\\.spdx\\.json speaks of another image than ${image}`),
    });
  }
});

test('a paper with changed bytes is refused, and one that a list gives to another image is none', async () => {
  const layout = await OciLayout.open(join(folder, 'with'));
  const digest = made('spdx') ?? assert.fail();
  const elsewhere = { store: join(folder, 'empty-store') };
  const whole = await readFile(layout.path(digest));
  await writeFile(layout.path(digest), Buffer.from(whole.toString().replace(hexOf(digest), 'x').replace('own', 'OWN')));
  await assert.rejects(read('oci:with', 'spdx', elsewhere), { code: 'DIGEST_MISMATCH' });
  await using store = await LocalStore.open(join(folder, 'store'));
  const [amd64, arm64] = built.platforms.map(({ manifest }) => manifest);
  assert.ok(amd64 !== undefined && arm64 !== undefined);
  for (const one of await store.referrers(amd64)) await store.unrefer(one.digest, amd64);
  for (const one of await store.referrers(arm64)) await store.refer(one, { mediaType: '', digest: amd64, size: 0 });
  await assert.rejects(read('store:web', 'provenance'), { code: 'PAPER_NOT_FOUND' });
});
