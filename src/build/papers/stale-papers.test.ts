import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { removeStalePapers } from './stale-papers.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'slimimage-stale-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const ours = {
  spdx: '{"creators": ["Tool: slimimage-0.1.0"]}',
  'spdx-3': '{"name": "slimimage-0.1.0"}',
  cyclonedx: '{"name": "slimimage", "version": "0.1.0"}',
  provenance: '{"builder":{"id":"urn:slimimage:builder"}}',
};

/** What is left of these files. */
async function left(target: string, files: Readonly<Record<string, string>>, kept: readonly string[] = []) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  await removeStalePapers(target, { cwd, kept: (file) => kept.includes(file) });
  return (await readdir(cwd)).sort();
}

test('all papers of an archive go, of every kind and platform', async () => {
  const files = {
    'web.tar.gz': '',
    'web.spdx.json': ours.spdx,
    'web.linux-amd64.spdx3.json': ours['spdx-3'],
    'web.linux-arm-v7.cdx.json': ours.cyclonedx,
    'web.provenance.json': ours.provenance,
  };
  assert.deepEqual(await left('oci-archive:web.tar.gz:v1', files), ['web.tar.gz']);
});

test('what other archives, other tools and people own stays', async () => {
  const others = {
    'other.spdx.json': ours.spdx,
    'web.1.2.spdx.json': ours.spdx,
    'web.linux-amd64.spdx.json': ours.spdx,
    'web.linux-amd64.tar': '',
    'web.linux-arm64.spdx.json': '{"creators": ["Tool: other-1"], "files": ["slimimage.yaml"]}',
    'web.cdx.json': '{"components": [{"name": "curl"}]}',
    'web.json': '{}',
  };
  const more = { 'web.spdx.json': ours.spdx, 'web.tar': '' };
  assert.deepEqual(await left('docker-archive:web.tar', { ...others, ...more }), [
    ...[...Object.keys(others), 'web.tar'].sort(),
  ]);
});

test('what this build laid there stays, and a folder is none', async () => {
  const files = { 'web.tar': '', 'web.spdx.json': ours.spdx, 'web.cdx.json/readme': ours.cyclonedx };
  assert.deepEqual(await left('tar:web.tar', files, [join(cwd, 'web.spdx.json')]), Object.keys(files).map(top).sort());
});

function top(name: string): string {
  return name.replace(/\/.*/, '');
}
