import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  always,
  breaksUpload,
  changesHeaders,
  cutsUpload,
  forgetsUpload,
  losesAnswer,
  redirectsElsewhere,
  refuses,
  stopsReading,
  uploadsElsewhere,
} from '../../test/support/registry-faults.ts';
import { checkEnding, endingOf, type FaultRow, login, MB, startScene } from '../../test/support/registry-scene.ts';
import { copy } from '../store/copy.ts';
import { digestOf } from '../util/digest.ts';

const other = digestOf('something else');

const pushes: readonly FaultRow[] = [
  { name: 'nothing wrong', faults: [], ends: 'well', waits: [] },
  { name: 'the line breaks in the middle', faults: [cutsUpload(MB / 2)], ends: 'well', waits: [500] },
  {
    name: 'it breaks again and again, but gets on',
    faults: [cutsUpload(1.1 * MB, { times: 6 })],
    size: 8 * MB,
    ends: 'well',
  },
  {
    name: 'it breaks for ever',
    faults: [cutsUpload(0, always)],
    ends: ['NETWORK', /cut/],
    waits: [500, 1000, 2000, 4000],
  },
  { name: 'it stops reading', faults: [stopsReading(MB / 2)], size: 24 * MB, ends: 'well', waits: [500] },
  {
    name: 'it stops reading for ever',
    faults: [stopsReading(0, always)],
    size: 24 * MB,
    ends: ['NETWORK', /no answer/],
    waits: [500, 1000, 2000, 4000],
  },
  { name: '500 in the middle', faults: [breaksUpload(MB / 2, 500)], ends: 'well' },
  { name: '502 in the middle, twice', faults: [breaksUpload(MB / 2, 502, { times: 2 })], ends: 'well' },
  { name: '500 for ever', faults: [breaksUpload(10, 500, always)], ends: ['HTTP_STATUS', /500/] },
  {
    name: '429 with seconds to wait',
    faults: [refuses('PATCH blobs/uploads', 429, { headers: { 'retry-after': '7' } })],
    ends: 'well',
    waits: [7000],
  },
  {
    name: '429 with a date to wait for, and it has passed',
    faults: [refuses('PUT manifests', 429, { headers: { 'retry-after': 'Sat, 21 Nov 2020 00:00:00 GMT' } })],
    ends: 'well',
    waits: [0],
  },
  {
    name: '429 with a date that is far away',
    faults: [refuses('PATCH blobs/uploads', 429, { headers: { 'retry-after': 'Sat, 21 Nov 2099 00:00:00 GMT' } })],
    ends: ['HTTP_STATUS', /429/],
    waits: [],
  },
  {
    name: '429 with an hour to wait',
    faults: [refuses('PATCH blobs/uploads', 429, { headers: { 'retry-after': '3600' } })],
    ends: ['HTTP_STATUS', /429/],
  },
  {
    name: '503 to everything, once',
    faults: [refuses('HEAD blobs/sha256', 503), refuses('POST blobs/uploads', 503), refuses('PUT manifests', 503)],
    ends: 'well',
  },
  {
    name: '503 to every upload',
    faults: [refuses('POST blobs/uploads', 503, always)],
    ends: ['HTTP_STATUS', /503/],
  },
  {
    name: 'it says that it has more than was sent',
    faults: [changesHeaders('PATCH blobs/uploads', { range: '0-99999999' })],
    ends: 'well',
  },
  {
    name: 'it says so for ever',
    faults: [changesHeaders('PATCH blobs/uploads', { range: '0-99999999' }, always)],
    ends: 'well',
  },
  {
    name: 'it says that it has less',
    faults: [changesHeaders('PATCH blobs/uploads', { range: '0-99' })],
    ends: 'well',
  },
  {
    name: 'asked, it says that it has more than was sent',
    faults: [cutsUpload(MB / 2), changesHeaders('GET blobs/uploads', { range: '0-99999999' })],
    ends: 'well',
  },
  {
    name: 'asked, it says that it has more than it took, and no more than was sent',
    faults: [cutsUpload(MB / 2), changesHeaders('GET blobs/uploads', { range: '0-999999' })],
    ends: 'well',
  },
  {
    name: 'asked, it says that it has more than was sent, and no more than the blob has',
    faults: [cutsUpload(MB / 2), changesHeaders('GET blobs/uploads', { range: '0-15999999' })],
    size: 16 * MB,
    ends: 'well',
  },
  {
    name: 'asked, it says that it has less than it has',
    faults: [cutsUpload(MB / 2), changesHeaders('GET blobs/uploads', { range: '0-9' })],
    ends: 'well',
  },
  {
    name: 'asked, it does not say',
    faults: [cutsUpload(MB / 2), changesHeaders('GET blobs/uploads', { range: undefined })],
    ends: 'well',
  },
  { name: 'it forgets the upload before a part', faults: [forgetsUpload('PATCH blobs/uploads')], ends: 'well' },
  { name: 'it forgets the upload before the end', faults: [forgetsUpload('PUT blobs/uploads')], ends: 'well' },
  {
    name: 'it forgets the upload while the line is down',
    faults: [cutsUpload(MB / 2), forgetsUpload('GET blobs/uploads')],
    ends: 'well',
  },
  {
    name: 'it forgets every upload',
    faults: [forgetsUpload('PUT blobs/uploads', always)],
    ends: ['HTTP_STATUS', /does not know the upload/],
    waits: [500],
  },
  {
    name: 'it forgets every upload that comes in parts',
    faults: [forgetsUpload('PATCH blobs/uploads', always)],
    ends: 'well',
  },
  { name: 'it takes no parts (416)', faults: [refuses('PATCH blobs/uploads', 416, always)], ends: 'well' },
  { name: 'it takes no parts (405)', faults: [refuses('PATCH blobs/uploads', 405, always)], ends: 'well' },
  {
    name: 'a proxy takes no large requests',
    faults: [
      {
        ...refuses('PATCH blobs/uploads', 413, always),
        on: (request) => request.method === 'PATCH' && Number(request.headers['content-length']) > 9 * MB,
      },
    ],
    size: 12 * MB,
    ends: 'well',
  },
  {
    name: 'it takes nothing large at all',
    faults: [refuses('PATCH blobs/uploads', 413, always)],
    ends: ['HTTP_STATUS', /too large/],
  },
  { name: 'it wants large parts', faults: [], registry: { minPartBytes: 10 * MB }, size: 12 * MB, ends: 'well' },
  { name: 'the answer to the end of an upload is lost', faults: [losesAnswer('PUT blobs/uploads')], ends: 'well' },
  { name: 'the answer to a part is lost', faults: [losesAnswer('PATCH blobs/uploads')], ends: 'well' },
  { name: 'the answer to a manifest is lost', faults: [losesAnswer('PUT manifests')], ends: 'well' },
  {
    name: 'it reads what another upload writes anew, and takes a manifest for a wrong one, once',
    faults: [refuses('PUT manifests', 400, { codes: ['DIGEST_INVALID'] })],
    ends: 'well',
    waits: [500],
  },
  {
    name: 'it takes a manifest for a wrong one, for ever',
    faults: [refuses('PUT manifests', 400, { codes: ['DIGEST_INVALID'], ...always })],
    ends: ['HTTP_STATUS', /cannot send the manifest .*DIGEST_INVALID/],
    waits: [500, 1000, 2000, 4000],
  },
  {
    name: 'other bytes arrive, once',
    faults: [refuses('PUT blobs/uploads', 400, { codes: ['DIGEST_INVALID'] })],
    ends: 'well',
  },
  {
    name: 'other bytes arrive, for ever',
    faults: [refuses('PUT blobs/uploads', 400, { codes: ['DIGEST_INVALID'], ...always })],
    ends: ['HTTP_STATUS', /other bytes arrived .*DIGEST_INVALID/],
    waits: [500],
  },
  {
    name: 'it counts other bytes, for ever',
    faults: [refuses('PUT blobs/uploads', 400, { codes: ['SIZE_INVALID'], ...always })],
    ends: ['HTTP_STATUS', /counted other bytes .*SIZE_INVALID/],
    waits: [500],
  },
  {
    name: 'a quota is used up at the end',
    faults: [refuses('PUT blobs/uploads', 412, { codes: ['PRECONDITION'], ...always })],
    ends: ['HTTP_STATUS', /refuses it \(412\)/],
    waits: [],
  },
  {
    name: 'a quota is used up in the middle',
    faults: [breaksUpload(MB / 2, 412, always)],
    ends: ['HTTP_STATUS', /refuses it \(412\)/],
    waits: [],
  },
  {
    name: 'there is no room',
    faults: [refuses('PATCH blobs/uploads', 507, always)],
    ends: ['HTTP_STATUS', /has no room for it \(507\)/],
    waits: [],
  },
  {
    name: 'it calls a blob by another digest',
    faults: [changesHeaders('PUT blobs/uploads', { 'docker-content-digest': other }, always)],
    ends: 'well',
  },
  {
    name: 'it calls a manifest by another digest',
    faults: [changesHeaders('PUT manifests', { 'docker-content-digest': other })],
    ends: ['DIGEST_MISMATCH', /in the place of/],
  },
  {
    name: 'it gives an upload no address',
    faults: [changesHeaders('POST blobs/uploads', { location: undefined })],
    ends: ['REGISTRY_INVALID', /Location/],
    leaves: true,
  },
  {
    name: 'it gives an upload an address of another kind',
    faults: [changesHeaders('POST blobs/uploads', { location: 'file:///etc/passwd' })],
    ends: ['REGISTRY_INVALID', /file:/],
    leaves: true,
  },
  { name: 'uploads go on at another host', faults: [uploadsElsewhere()], registry: { login }, ends: 'well' },
  {
    name: 'parts are sent on to another host',
    faults: [redirectsElsewhere('PATCH blobs/uploads', always)],
    registry: { login },
    ends: 'well',
  },
  {
    name: 'it lets nobody write',
    faults: [refuses('POST blobs/uploads', 403, { codes: ['DENIED'], ...always })],
    ends: ['HTTP_AUTH', /this account may not do it \(403 DENIED\)/],
  },
  {
    name: 'the repository has to be made first',
    faults: [refuses('POST blobs/uploads', 404, { codes: ['NAME_UNKNOWN'], ...always })],
    ends: ['IMAGE_NOT_FOUND', /no such repository \(404 NAME_UNKNOWN\)/],
  },
  {
    name: 'it says words that nobody knows',
    faults: [refuses('PUT manifests', 400, { codes: ['\u001b[31mFUNNY'] })],
    ends: ['HTTP_STATUS', /refuses it \(400\)$/],
  },
  {
    name: 'it misses a blob that it took',
    faults: [refuses('PUT manifests', 404, { codes: ['MANIFEST_BLOB_UNKNOWN'] })],
    ends: ['HTTP_STATUS', /misses what it refers to/],
  },
  {
    name: 'it wants a login again and again',
    faults: [refuses('POST blobs/uploads', 401, always)],
    ends: ['HTTP_AUTH', /login/],
  },
];

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-uploads-'));
});

after(() => rm(folder, { recursive: true }));

describe('a push, where', () => {
  for (const row of pushes) {
    it(row.name, () => tryPush(row, {}));
  }
});

// A refusal for good is the same wherever the bytes come from.
describe('a push of files, where', () => {
  for (const row of pushes.filter(({ ends }) => ends === 'well')) {
    it(row.name, () => tryPush(row, { folder }));
  }
});

async function tryPush(row: FaultRow, options: { readonly folder?: string }): Promise<void> {
  await using scene = await startScene(row, options);
  const { registry, target, source, root } = scene;
  const ending = await endingOf(async () => {
    // One blob after the other: a failure of one ends the others somewhere, now here and now there.
    await copy(source, target, { root, concurrency: 1 });
    await target.tag(root, 'app');
  });
  checkEnding(row, ending, scene);
  // Nothing that failed is left lying there.
  if (ending !== 'well' && row.leaves !== true) assert.equal(registry.openUploads, 0);
  // Whatever was said: the tag is of the whole image, or there is none.
  const { tags, blobs } = registry.repository('team/app');
  assert.deepEqual([...tags], ending === 'well' ? [['app', root.digest]] : []);
  for (const [digest, bytes] of blobs) assert.equal(digestOf(bytes), digest);
  if (ending === 'well') assert.equal(blobs.size, 2);
}
