/** The papers of whole builds: which are made, found again, replaced. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from '../../src/build/build.ts';
import type { BuildOptions, BuildResult, BuiltPaper } from '../../src/build/types.ts';
import { readPaper } from '../../src/index.ts';
import { emptyConfig, encodeArtifact } from '../../src/oci/artifact.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { paperTypes } from '../../src/oci/papers.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { readBlob } from '../../src/store/read-document.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/util/text.ts';
import { makeCertificate } from '../support/certificate.ts';
import { makeDeb } from '../support/deb.ts';

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-papers-'));
});
after(() => rm(root, { recursive: true, force: true }));

const config = 'name: web\nbase: none\npackages: [./own.deb]\nfiles: ["./app:/app"]\n';

interface Place {
  readonly folder: string;
  readonly store?: string;
  readonly config?: string;
}

type Wanted = Pick<BuildOptions, 'sboms' | 'provenance' | 'jobs' | 'sign'> & { readonly env?: NodeJS.ProcessEnv };

/** Builds in a folder of its own. */
async function buildIn(place: Place, options: Wanted = {}): Promise<BuildResult> {
  const folder = join(root, place.folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'own.deb'), makeDeb({ name: 'own', version: '2-1', files: { 'opt/own': 'own' } }));
  await writeFile(join(folder, 'app'), 'app');
  const file = join(folder, 'slimimage.yaml');
  await writeFile(file, place.config ?? config);
  const store = join(root, place.store ?? `${place.folder}-store`);
  return build({ config: file }, { store, env: { USER: 'somebody' }, cwd: folder, jobs: 1, ...options });
}

async function withStore<T>(name: string, action: (store: LocalStore) => Promise<T>): Promise<T> {
  const store = await LocalStore.open(join(root, name));
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

/** What speaks of the image, as `KIND DIGEST` of the documents. */
async function attachedTo(image: BuildResult['digest'], store: LocalStore): Promise<readonly string[]> {
  const found = await store.referrers(image);
  return found.map(({ artifactType, annotations }) => annotations?.['io.slimimage.paper'] ?? artifactType ?? '').sort();
}

const shown = ({ kind, platform }: BuiltPaper) => `${kind} ${platform}`;

test('an image gets two SBOMs and its provenance, the same in another folder and store', async () => {
  const here = await buildIn({ folder: 'here' });
  assert.deepEqual(here.papers.map(shown), ['spdx linux/amd64', 'cyclonedx linux/amd64', 'provenance undefined']);
  const there = await buildIn({ folder: 'there/and/deeper', store: 'another' }, { jobs: 2 });
  assert.deepEqual(there.papers, here.papers);
  await withStore('here-store', async (store) => {
    assert.deepEqual(await attachedTo(here.digest, store), ['cyclonedx', 'provenance', 'spdx']);
    for (const { digest, size } of here.papers) {
      const text = decodeUtf8(await readBlob(store, { mediaType: '', digest, size }));
      for (const secret of [root, 'somebody', 'here']) assert.ok(!text.includes(secret), `${secret} in ${text}`);
    }
  });
});

test('what papers say is the same where it was found beside the layers and where the layers were there before', async () => {
  const first = await buildIn({ folder: 'late' });
  const memo = join(root, 'late-store/memo');
  const found = (await readdir(memo)).filter((name) => ['papers', 'sha1'].includes(name));
  assert.deepEqual(found.sort(), ['papers', 'sha1']);
  for (const name of found) await rm(join(memo, name), { recursive: true });
  assert.deepEqual((await buildIn({ folder: 'late' })).papers, first.papers);
});

test('what is wanted is made, and nothing else', async () => {
  const some = await buildIn({ folder: 'some' }, { sboms: ['spdx-3'], provenance: false });
  assert.deepEqual(some.papers.map(shown), ['spdx-3 linux/amd64']);
  const none = await buildIn({ folder: 'none' }, { sboms: [], provenance: false });
  assert.deepEqual(none.papers, []);
  assert.ok(!none.timings.some(({ phase }) => phase === 'papers'));
  assert.equal(none.digest, some.digest);
});

test('each platform has its SBOMs, and the provenance speaks of all and is attached to all', async () => {
  const result = await buildIn({ folder: 'two', config: `${config}platforms: [linux/amd64, linux/arm64]\n` });
  assert.deepEqual(result.papers.map(shown), [
    'spdx linux/amd64',
    'cyclonedx linux/amd64',
    'spdx linux/arm64',
    'cyclonedx linux/arm64',
    'provenance undefined',
  ]);
  await withStore('two-store', async (store) => {
    assert.deepEqual(await attachedTo(result.digest, store), ['provenance']);
    for (const { manifest } of result.platforms)
      assert.deepEqual(await attachedTo(manifest, store), ['cyclonedx', 'provenance', 'spdx']);
    const { digest, size } = result.papers.at(-1) as BuiltPaper;
    const { subject } = JSON.parse(decodeUtf8(await readBlob(store, { mediaType: '', digest, size })));
    assert.deepEqual(
      subject.map((one: { digest: { sha256: string } }) => `sha256:${one.digest.sha256}`),
      [result.digest, ...result.platforms.map(({ manifest }) => manifest)],
    );
  });
});

test('a rebuild finds its papers again, and makes anew what the store has lost', async () => {
  const first = await buildIn({ folder: 'again' });
  const blobs = () => readdir(join(root, 'again-store/blobs/sha256'));
  const before = await blobs();
  assert.deepEqual((await buildIn({ folder: 'again' })).papers, first.papers);
  assert.deepEqual(await blobs(), before);
  const [spdx] = first.papers as [BuiltPaper];
  await withStore('again-store', (store) => unlink(store.path(spdx.digest)));
  assert.deepEqual((await buildIn({ folder: 'again' })).papers, first.papers);
  assert.deepEqual(await blobs(), before);
});

test('papers that a build was not asked for do not stay from an earlier one, nor do their signatures', async () => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signed = { sign: 'env://KEY', env: { KEY: key } };
  const first = await buildIn({ folder: 'asked' }, { ...signed, sboms: ['spdx', 'spdx-3'] });
  const foreign = await withStore('asked-store', (store) => attachForeign(first, store));
  const left = (options: Wanted) =>
    buildIn({ folder: 'asked' }, options).then(() =>
      withStore('asked-store', (store) => attachedTo(first.digest, store)),
    );
  const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const ofOthers = [foreign.artifactType, bundle];
  // The image's own signature, and one a paper.
  assert.deepEqual(await left({ ...signed, sboms: ['spdx'] }), [
    foreign.artifactType,
    ...Array(3).fill(bundle),
    'provenance',
    'spdx',
  ]);
  assert.deepEqual(await left({ sboms: ['spdx'], provenance: false }), [...ofOthers, bundle, 'spdx']);
  assert.deepEqual(await left({ sboms: [], provenance: false }), ofOthers);
  // Nor is one made of what the earlier builds knew.
  const asked = { kind: 'cyclonedx', store: join(root, 'asked-store'), env: {}, cwd: root } as const;
  await assert.rejects(readPaper('store:web', asked), { code: 'PAPER_NOT_FOUND' });
});

test('of one image under two names all papers speak as the build that came last', async () => {
  const names = async () => {
    const spdx = await readPaper('store:bb', { kind: 'spdx', store: join(root, 'names-store'), env: {}, cwd: root });
    // Not made by the build: of what the store remembers.
    const other = await readPaper('store:aa', { kind: 'spdx-3', store: join(root, 'names-store'), env: {}, cwd: root });
    const graph: readonly { type: string; name?: string }[] = JSON.parse(decodeUtf8(other.bytes))['@graph'];
    return [JSON.parse(decodeUtf8(spdx.bytes)).name, graph.find(({ type }) => type === 'SpdxDocument')?.name];
  };
  const called = (name: string) => buildIn({ folder: 'names', config: config.replace('web', name) });
  await called('aa');
  await called('bb');
  assert.deepEqual(await names(), ['bb', 'bb']);
  await called('aa');
  assert.deepEqual(await names(), ['aa', 'aa']);
});

test('a folder gives no paper its name', async () => {
  const nameless = config.replace('name: web\n', '');
  const one = await buildIn({ folder: 'folder-one', config: nameless });
  assert.deepEqual((await buildIn({ folder: 'folder-two', config: nameless })).papers, one.papers);
});

test('the provenance names all that went in by its digest, and the time that was given', async () => {
  const store = 'all-store';
  const config = 'base: none\nfiles: [./file]\n';
  const folder = join(root, 'all');
  await mkdir(join(folder, 'site/deep'), { recursive: true });
  for (const path of ['file', 'site/a', 'site/deep/b']) await writeFile(join(folder, path), path);
  await symlink('a', join(folder, 'site/link'));
  const { certificate } = makeCertificate();
  await writeFile(join(folder, 'ca.pem'), certificate);
  const others = {
    store: join(root, store),
    env: {},
    cwd: folder,
    jobs: 1,
    outputs: ['docker-archive:x.tar', 'tar:y.tar'],
  };
  await writeFile(join(folder, 'slimimage.yaml'), config.replace('./file', '{ source: ./site, path: /opt }'));
  await build({ config: join(folder, 'slimimage.yaml') }, others);
  const images = ['x', 'y'].map((name) => {
    const type = name === 'x' ? 'docker-archive' : 'tar';
    return `{ image: "${type}:./${name}.tar", source: /opt, path: /${name} }`;
  });
  const whole = `base: none\ncertificates: [./ca.pem]\nfiles: ["./file:/file", "./site:/site", ${images.join(', ')}]\n`;
  const { papers } = await buildIn(
    { folder: 'all', store, config: whole },
    { env: { SOURCE_DATE_EPOCH: '1700000000' } },
  );
  const [paper] = papers.slice(-1) as [BuiltPaper];
  const bytes = await withStore(store, (local) =>
    readBlob(local, { mediaType: '', digest: paper.digest, size: paper.size }),
  );
  const { externalParameters, resolvedDependencies } = JSON.parse(decodeUtf8(bytes)).predicate.buildDefinition;
  assert.equal(externalParameters.created, '2023-11-14T22:13:20Z');
  const site = ['a', 'deep/b'].map((path) => `${sha256Hex(`site/${path}`)}  ${path}\n`).join('');
  const tree = { digest: { dirHash: sha256Hex(site) }, annotations: { links: { link: 'a' }, role: 'files' } };
  const found = new Map(resolvedDependencies.map(({ name, ...rest }: { name: string }) => [name, rest]));
  assert.deepEqual(found.get('./file'), { digest: { sha256: sha256Hex('file') }, annotations: { role: 'files' } });
  assert.deepEqual(found.get('./site'), tree);
  assert.deepEqual(found.get('tar:./y.tar /opt'), tree);
  assert.deepEqual(found.get('./ca.pem'), {
    digest: { sha256: sha256Hex(certificate) },
    annotations: { role: 'certificate' },
  });
  assert.ok(found.has('docker-archive:./x.tar'));
  assert.equal(found.size, 5);
});

test('other facts about the same image replace its own papers of that kind, and nobody else is touched', async () => {
  const first = await buildIn({ folder: 'facts' });
  const foreign = await withStore('facts-store', (store) => attachForeign(first, store));
  // To leave out a package that is not there changes no byte of the image.
  const changed = await buildIn({ folder: 'facts', config: `${config}omit: [nothing]\n` });
  assert.equal(changed.digest, first.digest);
  const provenance = ({ papers }: BuildResult) => papers.at(-1)?.digest;
  assert.notEqual(provenance(changed), provenance(first));
  assert.deepEqual(changed.papers.slice(0, -1), first.papers.slice(0, -1));
  await withStore('facts-store', async (store) => {
    const referrers = await store.referrers(first.digest);
    assert.equal(referrers.length, 4);
    assert.ok(referrers.some(({ digest }) => digest === foreign.digest));
  });
  // And back again, from what is remembered.
  await buildIn({ folder: 'facts' });
  const back = await withStore('facts-store', (store) => store.referrers(first.digest));
  assert.equal(back.length, 4);
});

/** An SBOM of another tool. */
async function attachForeign({ digest, mediaType }: BuildResult, store: LocalStore): Promise<Descriptor> {
  const subject = { mediaType, digest, size: (await store.size(digest)) ?? 0 };
  const artifactType = paperTypes.spdx.mediaType;
  const blob = { mediaType: artifactType, ...(await store.write(encodeUtf8('{}'))) };
  const artifact = encodeArtifact({ artifactType, blob, subject });
  await store.write(emptyConfig.bytes);
  await store.write(artifact.bytes);
  await store.refer(artifact.descriptor, subject);
  return artifact.descriptor;
}
