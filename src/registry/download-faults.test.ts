import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  always,
  changesBody,
  changesHeaders,
  cutsDownload,
  drips,
  neverEnds,
  redirectsElsewhere,
  refuses,
  stalls,
} from '../../test/support/registry-faults.ts';
import { checkEnding, endingOf, type FaultRow, login, startScene } from '../../test/support/registry-scene.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { copy } from '../store/copy.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { digestOf } from '../util/digest.ts';

const other = digestOf('something else');

const pulls: readonly FaultRow[] = [
  {
    name: 'nothing wrong',
    faults: [],
    ends: 'well',
    waits: [],
    asked: ['GET manifests', 'GET blobs', 'GET blobs'],
  },
  { name: 'the line breaks in the middle', faults: [cutsDownload('GET blobs/sha256', 1000)], ends: 'well' },
  { name: 'the line breaks in a manifest', faults: [cutsDownload('GET manifests', 100)], ends: 'well' },
  { name: 'it drips', faults: [drips('GET blobs/sha256')], ends: 'well' },
  { name: 'it goes silent in the middle', faults: [stalls('GET blobs/sha256')], ends: 'well' },
  { name: '500', faults: [refuses('GET blobs/sha256', 500)], ends: 'well' },
  {
    name: '429',
    faults: [refuses('GET manifests', 429, { headers: { 'retry-after': '3' } })],
    ends: 'well',
    waits: [3000],
  },
  { name: '500 for ever', faults: [refuses('GET blobs/sha256', 500, always)], ends: ['HTTP_STATUS', /500/] },
  {
    name: 'a blob with other bytes',
    faults: [changesBody('GET blobs/sha256', flipped, always)],
    ends: ['DIGEST_MISMATCH', /in the place of the blob/],
  },
  {
    name: 'a blob that is too short',
    faults: [changesBody('GET blobs/sha256', (body) => body.subarray(1), always)],
    ends: ['DOWNLOAD_SHORT', /./],
  },
  {
    name: 'a blob that is too long',
    faults: [changesBody('GET blobs/sha256', (body) => Buffer.concat([body, body]), always)],
    ends: ['DOWNLOAD_TOO_LARGE', /./],
  },
  { name: 'a blob that never ends', faults: [neverEnds('GET blobs/sha256')], ends: ['DOWNLOAD_TOO_LARGE', /./] },
  { name: 'a blob that is gone', faults: [refuses('GET blobs/sha256', 404, always)], ends: ['STORE', /has no blob/] },
  {
    name: 'a range of another place',
    faults: [
      cutsDownload('GET blobs/sha256', 1000),
      changesHeaders('GET blobs/sha256', { 'content-range': 'bytes 5-99/100' }),
    ],
    ends: 'well',
  },
  {
    name: 'a range of other bytes',
    faults: [cutsDownload('GET blobs/sha256', 1000), changesBody('GET blobs/sha256', flipped)],
    ends: ['DIGEST_MISMATCH', /in the place of the blob/],
  },
  {
    name: 'blobs are on another host',
    faults: [redirectsElsewhere('GET blobs/sha256', always)],
    registry: { login },
    ends: 'well',
  },
  {
    name: 'a manifest with other bytes',
    faults: [changesBody('GET manifests', (body) => Buffer.concat([body, Buffer.from(' ')]), always)],
    ends: ['DIGEST_MISMATCH', /in the place of the document/],
  },
  { name: 'a manifest that never ends', faults: [neverEnds('GET manifests')], ends: ['DOWNLOAD_TOO_LARGE', /./] },
  {
    name: 'a manifest of another type',
    faults: [changesHeaders('GET manifests', { 'content-type': 'text/html' }, always)],
    ends: 'well',
  },
  {
    name: 'the header says no type',
    faults: [changesHeaders('GET manifests', { 'content-type': undefined })],
    ends: 'well',
  },
  {
    name: 'the header says the type of another manifest',
    faults: [changesHeaders('GET manifests', { 'content-type': mediaTypes.dockerManifest })],
    ends: 'well',
  },
  {
    name: 'the header says no digest',
    faults: [changesHeaders('GET manifests', { 'docker-content-digest': undefined })],
    ends: 'well',
  },
  {
    name: 'the header says a digest that is none',
    faults: [changesHeaders('GET manifests', { 'docker-content-digest': 'sha256:../../x' })],
    ends: 'well',
  },
  {
    name: 'the header says the digest of something else',
    faults: [changesHeaders('GET manifests', { 'docker-content-digest': other })],
    ends: ['DIGEST_MISMATCH', /in the place of the document/],
  },
  {
    name: 'it lets nobody read',
    faults: [refuses('GET manifests', 403, { codes: ['DENIED'] })],
    ends: ['HTTP_AUTH', /this account may not/],
  },
  {
    name: 'it wants a login again and again',
    faults: [refuses('GET blobs/sha256', 401, always)],
    ends: ['HTTP_AUTH', /login/],
  },
];

describe('a pull, where', () => {
  for (const row of pulls) {
    it(row.name, async () => {
      await using scene = await startScene({ ...row, faults: [] });
      const { registry, target, source, root } = scene;
      await copy(source, scene.another(), { root });
      await scene.another().tag(root, 'app');
      registry.forget();
      registry.inject(...row.faults);
      const pulled = new MemoryStore();
      const ending = await endingOf(async () => {
        const found = await target.resolve('app');
        assert.ok(found !== undefined);
        await copy(target, pulled, { root: found });
        await pulled.tag(found, 'app');
        assert.deepEqual(found, root);
      });
      checkEnding(row, ending, scene);
    });
  }
});

describe('whether a document is there, and what a tag points to, where', () => {
  for (const { name, faults, size, digest } of [
    { name: 'nothing is wrong', faults: [], size: 'told', digest: 'told' },
    { name: 'it knows no HEAD', faults: [refuses('HEAD manifests', 405, always)], size: 'read', digest: 'untold' },
    {
      name: 'the header says no type',
      faults: [changesHeaders('HEAD manifests', { 'content-type': 'text/html' }, always)],
      size: 'read',
      digest: 'told',
    },
    {
      name: 'the header says no length',
      faults: [
        changesHeaders('HEAD manifests', { 'content-length': undefined, 'transfer-encoding': 'chunked' }, always),
      ],
      size: 'read',
      digest: 'told',
    },
    {
      name: 'the header says no digest',
      faults: [changesHeaders('HEAD manifests', { 'docker-content-digest': 'sha256:../../x' }, always)],
      size: 'told',
      digest: 'untold',
    },
    {
      name: 'the header says the digest of something else',
      faults: [changesHeaders('HEAD manifests', { 'docker-content-digest': other }, always)],
      size: 'read',
      digest: other,
    },
  ] as const) {
    it(name, async () => {
      await using scene = await startScene({ name, faults: [], ends: 'well', size: 10 });
      const { registry, target, source, root } = scene;
      await copy(source, scene.another(), { root });
      await scene.another().tag(root, 'app');
      registry.forget();
      registry.inject(...faults);
      assert.equal(await target.size(root.digest, root.mediaType), root.size);
      const gets = registry.asked().filter((asked) => asked === 'GET manifests');
      assert.equal(gets.length, size === 'read' ? 1 : 0);
      const found = await scene.another().currentDigest('app');
      assert.equal(found, { told: root.digest, untold: undefined, [other]: other }[digest]);
      assert.equal(await scene.another().size(other, root.mediaType), undefined);
    });
  }
});

function flipped(body: Buffer): Buffer {
  const bytes = Buffer.from(body);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes;
}
