import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { emptyConfig, encodeArtifact } from '../oci/artifact.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeImageConfig, encodeIndex, encodeManifest, withPlatform } from '../oci/encode.ts';
import { layerMediaType, mediaTypes } from '../oci/media-types.ts';
import { concatBytes } from '../util/bytes.ts';
import { digestOf } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';
import { copy } from './copy.ts';
import { MemoryStore } from './memory-store.ts';
import { readBlob } from './read-document.ts';
import type { ReferrerTarget, Target } from './target.ts';

/** What every Target must do; each implementation runs it. */
export function targetSuite(name: string, make: () => Promise<ReferrerTarget>): void {
  describe(`${name} as a target`, () => {
    it('gives back what was written, by digest', async () => {
      const target = await make();
      const bytes = encodeUtf8('some bytes');
      const stored = await target.write(bytes);
      assert.deepEqual(stored, { digest: digestOf(bytes), size: 10 });
      assert.equal(await target.has(stored.digest), true);
      assert.equal(await target.size(stored.digest), 10);
      assert.deepEqual(await collect(target.open(stored.digest)), bytes);
    });

    it('takes streams of any chunking, and nothing at all', async () => {
      const target = await make();
      const bytes = new Uint8Array(700_001).map((_, index) => index % 251);
      for (const size of [1 << 20, 300_000, 4093]) {
        assert.equal((await target.write(chunks(bytes, size))).digest, digestOf(bytes));
      }
      assert.deepEqual(await collect(target.open(digestOf(bytes))), bytes);
      const empty = await target.write(chunks(new Uint8Array(0), 1));
      assert.deepEqual(empty, { digest: digestOf(''), size: 0 });
      assert.deepEqual(await collect(target.open(empty.digest)), new Uint8Array(0));
    });

    it('keeps nothing that is not what was expected', async () => {
      const target = await make();
      const bytes = encodeUtf8('0123456789');
      const wrong = digestOf('something else');
      const refusals = [
        [{ digest: wrong }, 'DIGEST_MISMATCH'],
        [{ size: 9 }, 'DOWNLOAD_TOO_LARGE'],
        [{ maxSize: 5 }, 'DOWNLOAD_TOO_LARGE'],
        [{ size: 11, digest: digestOf(bytes) }, 'DOWNLOAD_SHORT'],
      ] as const;
      for (const [expected, code] of refusals) {
        await assert.rejects(target.write(chunks(bytes, 3), expected), (error) => isSlimimageError(error, code));
        await assert.rejects(target.write(bytes, expected), (error) => isSlimimageError(error, code));
      }
      assert.equal(await target.has(digestOf(bytes)), false);
      assert.equal(await target.has(wrong), false);
    });

    it('keeps nothing of a source that fails', async () => {
      const target = await make();
      const failing = async function* () {
        yield encodeUtf8('half');
        throw new RangeError('cut');
      };
      await assert.rejects(target.write(failing()), RangeError);
      assert.equal(await target.has(digestOf('half')), false);
    });

    it('says that a blob is missing', async () => {
      const target = await make();
      const digest = digestOf('never written');
      assert.equal(await target.has(digest), false);
      assert.equal(await target.size(digest), undefined);
      await assert.rejects(collect(target.open(digest)), (error) => isSlimimageError(error, 'STORE'));
    });

    it('names images, and moves names', async () => {
      const target = await make();
      const first = await putImage(target, 'first');
      const second = await putImage(target, 'second');
      assert.equal(await target.resolve('app'), undefined);
      await target.tag(first, 'app');
      assert.equal((await target.resolve('app'))?.digest, first.digest);
      await target.tag(second, 'app');
      await target.tag(first, 'old');
      assert.deepEqual(await target.resolve('app'), second);
      assert.deepEqual(await target.resolve('old'), first);
    });

    it('names nothing that it does not hold', async () => {
      const target = await make();
      const missing = { mediaType: mediaTypes.ociManifest, digest: digestOf('missing'), size: 7 };
      await assert.rejects(target.tag(missing, 'app'), (error) => isSlimimageError(error, 'STORE'));
      assert.equal(await target.resolve('app'), undefined);
    });

    it('takes and gives whole images by copy, and skips what is there', async () => {
      const source = new MemoryStore();
      const target = await make();
      const amd64 = withPlatform(await putImage(source, 'x'), { os: 'linux', architecture: 'amd64' });
      const arm64 = withPlatform(await putImage(source, 'y'), { os: 'linux', architecture: 'arm64' });
      const index = encodeIndex({ manifests: [amd64, arm64] });
      const root = index.descriptor;
      await source.write(index.bytes, root);
      // Two layers, two configs, two manifests, one index.
      const first = await copy(source, target, { root });
      assert.deepEqual([first.copied, first.copiedLayers], [7, 2]);
      const { copied, copiedBytes, skipped } = await copy(source, target, { root });
      assert.deepEqual({ copied, copiedBytes, skipped }, { copied: 0, copiedBytes: 0, skipped: 7 });
      await target.tag(root, 'both');
      const back = new MemoryStore();
      assert.equal((await copy(target, back, { root })).copied, 7);
      assert.deepEqual(await readBlob(back, root), index.bytes);
    });

    it('knows what speaks of an image: each once, by digest, by type', async () => {
      const target = await make();
      const subject = await putImage(target, 'subject');
      assert.deepEqual(await target.referrers(subject.digest), []);
      const papers = [];
      for (const [artifactType, text] of [
        ['application/spdx+json', 'one'],
        ['application/spdx+json', 'two'],
        ['application/vnd.cyclonedx+json', 'three'],
      ] as const) {
        const paper = await putPaper(target, { subject, artifactType, text });
        await target.refer(paper, subject);
        await target.refer(paper, subject);
        papers.push(paper);
      }
      const sorted = papers.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
      assert.deepEqual(await target.referrers(subject.digest), sorted);
      const [, , third] = papers;
      assert.deepEqual(await target.referrers(subject.digest, 'application/vnd.cyclonedx+json'), [third]);
      assert.deepEqual(await target.referrers(subject.digest, 'text/plain'), []);
    });

    it('holds referrers that are written at the same time', async () => {
      const target = await make();
      const subject = await putImage(target, 'busy');
      const artifactType = 'application/spdx+json';
      const papers = await Promise.all(
        ['a', 'b', 'c', 'd', 'e'].map((text) => putPaper(target, { subject, artifactType, text })),
      );
      await Promise.all(papers.map((paper) => target.refer(paper, subject)));
      assert.equal((await target.referrers(subject.digest)).length, 5);
    });

    it('lets nothing speak that it does not hold', async () => {
      const target = await make();
      const subject = await putImage(target, 'subject');
      const missing = { mediaType: mediaTypes.ociManifest, digest: digestOf('missing'), size: 7 };
      await assert.rejects(target.refer(missing, subject), (error) => isSlimimageError(error, 'STORE'));
      assert.deepEqual(await target.referrers(subject.digest), []);
    });

    it('holds concurrent writers of the same blob apart', async () => {
      const target = await make();
      const bytes = new Uint8Array(100_000).fill(7);
      await Promise.all(Array.from({ length: 8 }, () => target.write(chunks(bytes, 10_000))));
      assert.deepEqual(await collect(target.open(digestOf(bytes))), bytes);
    });
  });
}

/** A small image whose layer holds `text`; returns its manifest. */
export async function putImage(target: Target, text: string) {
  const layer = await target.write(encodeUtf8(text));
  const config = encodeImageConfig({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  await target.write(config.bytes, config.descriptor);
  const manifest = encodeManifest({
    config: config.descriptor,
    layers: [{ mediaType: layerMediaType('none'), ...layer }],
  });
  await target.write(manifest.bytes, manifest.descriptor);
  return manifest.descriptor;
}

/** The manifest of a paper about `subject`, with what it holds; not yet a referrer. */
export async function putPaper(
  target: Target,
  {
    subject,
    artifactType,
    text,
  }: { readonly subject: Descriptor; readonly artifactType: string; readonly text: string },
): Promise<Descriptor> {
  const blob = await target.write(encodeUtf8(text));
  const { bytes, descriptor } = encodeArtifact({
    artifactType,
    blob: { mediaType: artifactType, ...blob },
    subject,
    annotations: { 'org.opencontainers.image.created': '2026-01-01T00:00:00Z' },
  });
  await target.write(emptyConfig.bytes, emptyConfig.descriptor);
  await target.write(bytes, descriptor);
  return descriptor;
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const found: Uint8Array[] = [];
  for await (const chunk of bytes) found.push(chunk);
  return concatBytes(found);
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
