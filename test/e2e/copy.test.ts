import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { parseLocation } from '../../src/oci/location.ts';
import { familiarReference, parseReference } from '../../src/oci/reference.ts';
import { diffRootfs } from '../../src/rootfs/diff.ts';
import { putPaper } from '../../src/store/target-suite.ts';
import { type CopyScene, copyScene } from '../support/copy-scene.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';
import { loadableLayers, putSampleImage, putSampleIndex, type SampleLayer } from '../support/images.ts';
import { lacking } from '../support/need.ts';
import { lackingRegistry } from '../support/registry.ts';

const lackingTools = lackingRegistry || lacking({ commands: ['skopeo'], root: true });

describe('copy between every two places', { skip: lackingTools }, () => {
  let it_: CopyScene;
  let engine: TestEngine | undefined;
  let image: Descriptor;

  before(async () => {
    engine = lackingDocker === false ? await startEngine() : undefined;
    it_ = await copyScene(engine?.env);
    // A program that needs no library, so that an engine can run the image.
    const program: SampleLayer = [['usr/bin/program', { content: await readFile('/sbin/ldconfig'), mode: 0o755 }]];
    image = await putSampleImage(it_.store, { layers: [...loadableLayers, program] });
    await it_.store.tag(image, 'web:src');
    for (const form of sources(it_).slice(1)) await it_.copy('store:web:src', form);
  });

  after(async () => {
    await it_?.[Symbol.asyncDispose]();
    await engine?.stop();
  });

  it('keeps digests where both keep them, and the tree everywhere', async () => {
    const expected = await it_.tree('store:web:src');
    let count = 0;
    for (const source of sources(it_)) {
      for (const destination of destinations(it_, `copy-${count++}`)) {
        const what = `${source} to ${destination}`;
        const result = await it_.copy(source, destination).catch((error: unknown) => {
          throw new Error(what, { cause: error });
        });
        if (keepsDigests(source) && keepsDigests(destination)) assert.equal(result.digest, image.digest, what);
        if (isReadBySkopeo(destination)) assert.equal(await it_.rawDigest(destination), result.digest, what);
        const { added, removed, changed } = diffRootfs(expected, await it_.tree(destination));
        // The mode of a link is no more than what its tar says: a folder has none.
        const differences = changed.filter(({ after }) => after.type !== 'symlink');
        assert.deepEqual({ added, removed, differences }, { added: [], removed: [], differences: [] }, what);
      }
    }
  });

  function sources({ remote }: CopyScene): readonly string[] {
    const daemon = engine === undefined ? [] : ['docker-daemon:team/web:src'];
    const files = ['oci:src', 'oci-archive:src.tar', 'docker-archive:src-docker.tar', 'tar:root.tar', 'dir:root'];
    return ['store:web:src', remote('team/web:src'), ...files, ...daemon];
  }

  function destinations({ remote }: CopyScene, name: string): readonly string[] {
    const daemon = engine === undefined ? [] : [`docker-daemon:team/web:${name}`];
    const files = ['oci', 'oci-archive', 'docker-archive', 'tar', 'dir'].map((form) => `${form}:${name}-${form}`);
    return [`store:web:${name}`, remote(`${name}/web:1`), ...files, ...daemon];
  }

  function keepsDigests(location: string): boolean {
    return ['store', 'registry', 'oci', 'oci-archive'].includes(parseLocation(location).type);
  }

  function isReadBySkopeo(location: string): boolean {
    return ['registry', 'oci', 'oci-archive'].includes(parseLocation(location).type);
  }

  it('the same form gives the same image each time', async () => {
    for (const source of ['docker-archive:src-docker.tar', 'tar:root.tar', 'dir:root']) {
      const first = await it_.copy(source, 'store:again:1');
      await using other = await copyScene();
      const second = await other.copy(`${source.replace(':', `:${it_.folder}/`)}`, 'store:again:2');
      assert.equal(second.digest, first.digest, source);
    }
  });

  it('docker pulls and runs what was pushed', { skip: lackingDocker }, async () => {
    const { docker, dockerRun } = engine ?? assert.fail();
    const name = `${it_.registry.host}/team/web:src`;
    await docker(['rmi', '-f', name]);
    const pulled = await docker(['pull', '-q', name]);
    assert.equal(pulled.status, 0, pulled.stderr);
    const id = await docker(['image', 'inspect', '--format', '{{index .RepoDigests 0}}', name]);
    assert.equal(id.stdout.trim(), `${familiarReference(parseReference(name)).replace(/:src$/, '')}@${image.digest}`);
    const ran = await dockerRun({ image: name, entrypoint: '/bin/program', args: ['--version'] });
    assert.match(ran.stdout, /^ldconfig /, ran.stderr);
  });
});

describe('copy', { skip: lackingTools }, () => {
  it('takes an index with its platforms, or one of them, and skopeo gives the same back', async () => {
    await using it = await copyScene();
    const platforms = ['linux/amd64', 'linux/arm64'];
    const images = platforms.map((platform) => ({ layers: loadableLayers, platform }));
    const index = await putSampleIndex(it.store, images);
    await it.store.tag(index, 'both');
    const pushed = await it.copy('store:both', it.remote('team/both:1'));
    assert.deepEqual([pushed.digest, pushed.platforms], [index.digest, platforms]);
    assert.equal(await it.rawDigest(it.remote('team/both:1')), index.digest);
    await it.skopeo('copy', '-q', '--all', '--src-tls-verify=false', it.remote('team/both:1'), 'oci:back:1');
    const back = await it.copy('oci:back:1', 'store:back');
    assert.equal(back.digest, index.digest);

    const one = await it.copy(it.remote('team/both:1'), 'oci:arm', { platform: 'linux/arm64' });
    assert.notEqual(one.digest, index.digest);
    assert.equal(await it.rawDigest('oci:arm:1'), one.digest);
    const archive = await it.copy(it.remote('team/both:1'), 'docker-archive:one.tar');
    assert.match(archive.note ?? '', /holds only linux\/(amd64|arm64)/);
    await assert.rejects(it.copy('store:both', 'docker-archive:all.tar', { all: true }), { code: 'OUTPUT_INVALID' });
    await assert.rejects(it.copy('store:both', 'store:x', { platform: 'linux/s390x' }), {
      code: 'PLATFORM_UNAVAILABLE',
    });
    await assert.rejects(it.copy('store:both', 'store:x', { platform: 'linux/arm64', all: true }), { code: 'USAGE' });
  });

  it('sends no blob that is there, one layer of a changed application, and mounts between repositories', async () => {
    await using it = await copyScene();
    const [base] = loadableLayers;
    const app = (text: string) => [['app', text]] as const;
    const first = await putSampleImage(it.store, { layers: [base ?? [], app('one')] });
    const second = await putSampleImage(it.store, { layers: [base ?? [], app('two')] });
    await it.store.tag(first, 'web:1');
    await it.store.tag(second, 'web:2');
    assert.deepEqual((await it.copy('store:web:1', it.remote('team/web:1'))).blobs, {
      sent: 4,
      layers: 2,
      skipped: 0,
      mounted: 0,
    });
    it.uploads();
    assert.deepEqual((await it.copy('store:web:1', it.remote('team/web:1'))).blobs, {
      sent: 0,
      layers: 0,
      skipped: 4,
      mounted: 0,
    });
    assert.deepEqual(it.uploads(), []);
    // The layer of the application, the config, the manifest.
    assert.deepEqual((await it.copy('store:web:2', it.remote('team/web:2'))).blobs, {
      sent: 3,
      layers: 1,
      skipped: 1,
      mounted: 0,
    });
    // The store remembers where it pushed to; between two repositories nothing has to be remembered.
    assert.deepEqual((await it.copy('store:web:1', it.remote('other/web:1'))).blobs, {
      sent: 1,
      layers: 0,
      skipped: 0,
      mounted: 3,
    });
    await using fresh = await copyScene();
    const mounted = await fresh.copy(it.remote('team/web:2'), it.remote('third/web:2'));
    assert.deepEqual(mounted.blobs, { sent: 1, layers: 0, skipped: 0, mounted: 3 });
    assert.equal(await it.rawDigest(it.remote('third/web:2')), second.digest);
  });

  it('brings what refers to an image along, from place to place', async () => {
    await using it = await copyScene();
    const image = await putSampleImage(it.store, { layers: loadableLayers });
    const paper = await putPaper(it.store, { subject: image, artifactType: 'application/spdx+json', text: '{}' });
    const signature = await putPaper(it.store, { subject: paper, artifactType: 'text/plain', text: 'signed' });
    await it.store.refer(paper, image);
    await it.store.refer(signature, paper);
    await it.store.tag(image, 'web');
    const way = [
      'store:web',
      it.remote('a/web:1'),
      it.remote('b/web:1'),
      'oci:web:1',
      it.remote('c/web:1'),
      'store:back',
    ];
    for (const [at, to] of way.slice(1).entries()) {
      assert.equal((await it.copy(way[at] ?? '', to)).referrers, 2, `${way[at]} to ${to}`);
    }
    // A layout with an entry more is one that skopeo reads by its tag.
    assert.equal(await it.rawDigest('oci:web:1'), image.digest);
    const third = await it.repository('c/web');
    assert.deepEqual(await third.referrers(image.digest), [paper]);
    assert.deepEqual(await third.referrers(paper.digest), [signature]);
    assert.equal((await it.copy('store:web', it.remote('d/web:1'), { referrers: false })).referrers, 0);
    assert.deepEqual(await (await it.repository('d/web')).referrers(image.digest), []);
    const archived = await it.copy('store:web', 'docker-archive:web.tar');
    assert.match(archived.note ?? '', /carries no SBOM.*slimimage sbom SOURCE -o FILE/);
  });

  it('refuses a digest that is not the image’s, and names that are not there', async () => {
    await using it = await copyScene();
    const image = await putSampleImage(it.store, { layers: loadableLayers });
    await it.store.tag(image, 'web');
    const wrong = `sha256:${'0'.repeat(64)}`;
    await assert.rejects(it.copy('store:web', `${it.remote('team/web')}@${wrong}`), { code: 'OUTPUT_INVALID' });
    const { reference } = await it.copy('store:web', `${it.remote('team/web')}@${image.digest}`);
    assert.equal(reference, it.remote('team/web'));
    assert.equal(await (await it.repository('team/web')).resolve('latest'), undefined);
    await assert.rejects(it.copy(it.remote('team/web:9'), 'store:x'), {
      code: 'IMAGE_NOT_FOUND',
      hint: `"slimimage tags ${it.remote('team/web')}" lists what is there.`,
    });
    await it.copy(`${it.remote('team/web')}@${image.digest}`, 'store:y');
    await assert.rejects(it.copy('web', 'store:x'), { code: 'REFERENCE_INVALID', hint: /store:web:latest/ });
    await assert.rejects(it.copy(it.remote('team/web:9'), 'store:x', { offline: true }), { code: 'OFFLINE' });
  });
});
