import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packages } from '../../../test/support/universe.ts';
import type { ImageConfig } from '../../oci/documents.ts';
import { imageReasons, requestsOf } from './image-reasons.ts';

function configOf(...comments: readonly string[]): ImageConfig {
  const history = comments.map((comment) => ({ created_by: 'slimimage build', comment }));
  return { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, history };
}

test('requests are read from what slimimage wrote into the history', () => {
  assert.deepEqual(requestsOf(configOf('base-files web=1:2.0 tool- (3 packages)', 'files', 'curl (1 package)')), [
    'base-files',
    'web=1:2.0',
    'tool-',
    'curl',
  ]);
  assert.equal(requestsOf(configOf('files')), undefined);
  assert.equal(requestsOf(undefined), undefined);
  // A comment that somebody wrote by hand is no list of requests.
  assert.equal(requestsOf(configOf('My own Words (3 packages)')), undefined);
  assert.equal(requestsOf(configOf('web')), undefined);
});

test('an image that slimimage built: requests, the base, and what they need', () => {
  const installed = packages('base-files 13', 'web 1; Depends: mta', 'mail 3; Provides: mta', 'left 1');
  const reasons = imageReasons(
    { installed, automatic: undefined },
    { architecture: 'amd64', config: configOf('base-files web (4 packages)') },
  );
  const shown = [...reasons.values()].map(({ name, requestedBy }) => [name, requestedBy.map(({ type }) => type)]);
  assert.deepEqual(shown, [
    ['base-files', ['base']],
    ['web', ['request']],
    ['mail', ['depends']],
    ['left', ['unneeded']],
  ]);
});
