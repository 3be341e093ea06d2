/** What `verify` says of provenances and signatures, right and wrong. */
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { signImage } from '../../src/index.ts';
import { emptyConfig, encodeArtifact } from '../../src/oci/artifact.ts';
import { encodeManifest } from '../../src/oci/encode.ts';
import { paperMark, paperTypes } from '../../src/oci/papers.ts';
import { OciLayout } from '../../src/store/oci-layout.ts';
import { encodeUtf8 } from '../../src/util/text.ts';
import {
  claimOf,
  failures,
  idsOf,
  library,
  meddle,
  readLayout,
  replaceFile,
  startVerifyScene,
  textOf,
  tool,
  type VerifyScene,
} from '../support/verify-scene.ts';

let scene: VerifyScene;
let layouts = 0;
const [ours, theirs] = ['ec', 'ed25519'].map((kind) => {
  const { privateKey, publicKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}) as [Pair, Pair];

interface Pair {
  readonly secret: string;
  readonly open: string;
}

before(async () => {
  scene = await startVerifyScene();
  await scene.lock();
  await scene.write('ours.pub', ours.open);
  await scene.write('theirs.pub', theirs.open);
});
after(() => scene[Symbol.asyncDispose]());

async function layout(signed: readonly Pair[] = []): Promise<string> {
  const name = `layout-${++layouts}`;
  await scene.build({ outputs: [`oci:${name}`], attach: true });
  for (const { secret } of signed) await signWith(name, secret);
  return name;
}

async function signWith(name: string, secret: string): Promise<void> {
  const surroundings = { env: { KEY: secret }, cwd: scene.folder, store: scene.path('store') };
  await signImage(`oci:${name}`, { key: 'env://KEY', ...surroundings });
}

describe('a signature', () => {
  test('of the key, on the image and its papers', async () => {
    const name = await layout([ours]);
    const found = await scene.verify(`oci:${name}`, { keys: ['ours.pub'] });
    assert.equal(found.verified, true);
    assert.equal(claimOf(found, 'image-signature')?.status, 'proven');
    const papers = claimOf(found, 'paper-signatures');
    assert.deepEqual([papers?.status, papers?.counts.proven], ['proven', 3]);
    const unasked = await scene.verify(`oci:${name}`);
    assert.equal(unasked.verified, true);
    assert.equal(claimOf(unasked, 'image-signature')?.status, 'unproven');
    assert.match(claimOf(unasked, 'image-signature')?.reason ?? '', /1 signature is there, not checked/);
  });

  test('by another key is none', async () => {
    const name = await layout([theirs]);
    const found = await scene.verify(`oci:${name}`, { keys: ['ours.pub'] });
    assert.equal(found.verified, false);
    assert.deepEqual(idsOf(found, 'failed'), ['image-signature', 'paper-signatures']);
    assert.match(claimOf(found, 'image-signature')?.reason ?? '', /signed, but by none of the given keys/);
    const both = await scene.verify(`oci:${name}`, { keys: ['ours.pub', 'theirs.pub'] });
    assert.equal(both.verified, true);
  });

  test('by others beside the right one does no harm', async () => {
    const found = await scene.verify(`oci:${await layout([theirs, ours])}`, { keys: ['ours.pub'] });
    assert.equal(claimOf(found, 'image-signature')?.status, 'proven');
  });

  test('that nobody made, or that the form does not keep', async () => {
    const name = await layout();
    await scene.build({ outputs: ['docker-archive:unsigned.tar'] });
    for (const image of [`oci:${name}`, 'docker-archive:unsigned.tar']) {
      const found = await scene.verify(image, { keys: ['ours.pub'] });
      assert.equal(found.verified, false);
      assert.deepEqual(idsOf(found, 'failed'), ['image-signature']);
    }
  });

  test('does not follow an image that was changed', async () => {
    const name = await layout([ours]);
    await meddle(scene.path(name), { config: (config) => ({ ...config, author: 'evil' }) });
    const found = await scene.verify(`oci:${name}`, { keys: ['ours.pub'] });
    assert.deepEqual(failures(found), ['image-signature: signature']);
  });

  test('of another image, attached to this one, is none', async () => {
    const name = await layout([ours]);
    const path = scene.path(name);
    const { digest } = await readLayout(path);
    const target = await OciLayout.open(path);
    const bundles = (await target.referrers(digest)).filter(({ artifactType }) => artifactType?.includes('bundle'));
    await meddle(path, { config: (config) => ({ ...config, author: 'evil' }) });
    const moved = await readLayout(path);
    const subject = { ...(await target.resolve('latest')), ...(await descriptorOf(target, moved.digest)) } as never;
    for (const { digest: bundle, size, mediaType } of bundles) {
      const bytes = await collect(target.open(bundle));
      const manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
      const changed = encodeUtf8(JSON.stringify({ ...manifest, subject }));
      const written = await target.write(changed);
      assert.notEqual(size, 0);
      await target.refer({ ...written, mediaType, artifactType: manifest.artifactType }, subject);
    }
    const found = await scene.verify(`oci:${name}`, { keys: ['ours.pub'] });
    assert.match(claimOf(found, 'image-signature')?.reason ?? '', /what is signed is another image/);
  });

  test("as cosign 2 writes it, under a tag of the image's digest", async () => {
    const name = await layout();
    const { digest } = await readLayout(scene.path(name));
    await attachSimple(name, { digest, key: ours.secret });
    const found = await scene.verify(`oci:${name}`, { keys: ['ours.pub'] });
    assert.equal(claimOf(found, 'image-signature')?.status, 'proven');
    const other = await scene.verify(`oci:${name}`, { keys: ['theirs.pub'] });
    assert.equal(claimOf(other, 'image-signature')?.status, 'failed');
  });
});

describe('a provenance', () => {
  test('that names other materials than the image holds', async () => {
    const name = await layout();
    await attachProvenance(name, (text) => text.replaceAll('libtool@1.0-1', 'libtool@6.6-6'));
    const found = await scene.verify(`oci:${name}`, { lock: 'slimimage.lock.json' });
    assert.deepEqual(failures(found), [
      'provenance: libtool 1.0-1 (amd64)',
      'provenance: libtool 6.6-6 (amd64)',
      'listed-packages: libtool 6.6-6',
    ]);
    assert.equal(found.verified, false);
  });

  test('that names other .debs than the lock, and than the archive', async () => {
    const name = await layout();
    const debs = await scene.debs();
    await attachProvenance(name, (text) => text.replaceAll(debs.get('libtool') ?? assert.fail(), 'f'.repeat(64)));
    const found = await scene.verify(`oci:${name}`, { lock: 'slimimage.lock.json' });
    assert.deepEqual(failures(found), ['locked-materials: libtool 1.0-1 (amd64)', 'listed-packages: libtool 1.0-1']);
  });

  test('that names indexes which its Release does not list', async () => {
    const name = await layout();
    await attachProvenance(name, (text) => {
      const statement = JSON.parse(text);
      for (const one of statement.predicate.buildDefinition.resolvedDependencies)
        if (one.name.endsWith('/Packages')) one.digest.sha256 = 'e'.repeat(64);
      return JSON.stringify(statement);
    });
    const found = await scene.verify(`oci:${name}`, { lock: 'slimimage.lock.json' });
    assert.deepEqual(idsOf(found, 'failed'), ['releases']);
  });

  test('leads to the .debs, and from them to every packaged file, without a lock', async () => {
    const name = await layout();
    for (const store of ['store', 'elsewhere']) {
      const found = await scene.verify(`oci:${name}`, { store: scene.path(store), config: 'slimimage.yaml' });
      const files = claimOf(found, 'provenance-files');
      assert.deepEqual([files?.status, files?.details], ['proven', []]);
      assert.ok((files?.counts.proven ?? 0) > 5);
    }
    const stranger = await scene.verify(`oci:${name}`, { store: scene.path('empty') });
    assert.equal(claimOf(stranger, 'provenance-files')?.status, 'unproven');
    assert.match(claimOf(stranger, 'releases')?.reason ?? '', /give the configuration with --file$/);
  });

  test('of the right .debs does not vouch for other files', async () => {
    const name = await layout();
    const { digest } = await readLayout(scene.path(name));
    await meddle(scene.path(name), {
      layer: {
        path: 'usr/bin/other',
        change: (files) => {
          const sums = 'var/lib/dpkg/status.d/tool.md5sums';
          const md5 = (text: string) => createHash('md5').update(text).digest('hex');
          replaceFile(files, 'usr/bin/other', 'evil');
          replaceFile(files, sums, textOf(files, sums).replace(md5('other'), md5('evil')));
          const link = files.get('usr/lib/libtool.so') ?? assert.fail();
          files.set('usr/lib/libtool.so', { ...link, header: { ...link.header, linkTarget: '/opt/evil.so' } });
        },
      },
    });
    const { digest: moved } = await readLayout(scene.path(name));
    const rename = (text: string) => text.replaceAll(digest.slice(7), moved.slice(7));
    await attachProvenance(name, rename, { of: digest });
    const found = await scene.verify(`oci:${name}`, { config: 'slimimage.yaml' });
    assert.equal(claimOf(found, 'provenance')?.status, 'proven');
    assert.deepEqual(failures(found).toSorted(), [
      'provenance-files: /usr/bin/other',
      'provenance-files: /usr/lib/libtool.so',
    ]);
    assert.equal(found.verified, false);
  });

  test('that speaks of another image', async () => {
    const name = await layout();
    const { digest } = await readLayout(scene.path(name));
    await attachProvenance(name, (text) => text.replaceAll(digest.slice(7), 'd'.repeat(64)));
    const found = await scene.verify(`oci:${name}`);
    assert.deepEqual(idsOf(found, 'failed'), ['provenance']);
    assert.match(claimOf(found, 'provenance')?.reason ?? '', /does not name this image by its digest/);
  });

  test('of an archive that has moved on stands by its signature', async () => {
    const name = await layout();
    await scene.publish([tool('9-9'), library('9-9')]);
    const found = await scene.verify(`oci:${name}`, { store: scene.path('elsewhere'), lock: 'slimimage.lock.json' });
    assert.equal(claimOf(found, 'releases')?.status, 'unproven');
    assert.match(
      claimOf(found, 'releases')?.reason ?? '',
      /is not to be had: what the provenance says of it stands by its signature alone/,
    );
    assert.equal(found.verified, true, 'mirrors keep .debs longer than Releases');
    await scene.publish([tool(), library()]);
  });
});

async function descriptorOf(target: OciLayout, digest: `sha256:${string}`) {
  return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: (await target.size(digest)) ?? 0 };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A second provenance, made from the first. */
async function attachProvenance(
  name: string,
  change: (text: string) => string,
  { of }: { readonly of?: `sha256:${string}` } = {},
): Promise<void> {
  const target = await OciLayout.open(scene.path(name));
  const { digest } = await readLayout(scene.path(name));
  const subject = await descriptorOf(target, digest);
  const { mediaType } = paperTypes.provenance;
  for (const referrer of await target.referrers(of ?? digest, mediaType)) {
    const manifest = JSON.parse(Buffer.from(await collect(target.open(referrer.digest))).toString('utf8'));
    const text = Buffer.from(await collect(target.open(manifest.layers[0].digest))).toString('utf8');
    const blob = { mediaType, ...(await target.write(encodeUtf8(change(text)))) };
    await target.write(emptyConfig.bytes, emptyConfig.descriptor);
    const artifact = encodeArtifact({
      artifactType: mediaType,
      blob,
      subject,
      annotations: { [paperMark]: 'provenance' },
    });
    await target.write(artifact.bytes, artifact.descriptor);
    await target.refer(artifact.descriptor, subject);
    return;
  }
  assert.fail('it has no provenance');
}

async function attachSimple(name: string, { digest, key }: { readonly digest: string; readonly key: string }) {
  const target = await OciLayout.open(scene.path(name));
  const payload = encodeUtf8(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': 'registry.example/web' },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  const signature = sign('sha256', payload, createPrivateKey(key)).toString('base64');
  const layer = {
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    ...(await target.write(payload)),
    annotations: { 'dev.cosignproject.cosign/signature': signature },
  };
  await target.write(emptyConfig.bytes, emptyConfig.descriptor);
  const manifest = encodeManifest({ config: emptyConfig.descriptor, layers: [layer] });
  await target.write(manifest.bytes, manifest.descriptor);
  await target.tag(manifest.descriptor, `sha256-${digest.slice(7)}.sig`);
}
