import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { clearMetadataFile, type MetadataFacts, metadataOf, writeMetadataFile } from './metadata-file.ts';
import type { PlatformResult } from './types.ts';

const digest = `sha256:${'ab'.repeat(32)}` as const;
const config = `sha256:${'cd'.repeat(32)}` as const;
const root = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 700 };
const platform = { platform: 'linux/amd64', config } as PlatformResult;
const facts: MetadataFacts = { root, platforms: [platform], tags: ['web', 'registry.example/web:1.0'], outputs: [] };

test('digests and names under the keys of docker buildx', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-metadata-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeMetadataFile('out/metadata.json', { ...facts, cwd: folder });
  const file = join(folder, 'out/metadata.json');
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
    'containerimage.config.digest': config,
    'containerimage.descriptor': root,
    'containerimage.digest': digest,
    'image.name': 'docker.io/library/web:latest,registry.example/web:1.0',
  });
  assert.equal((await stat(file)).mode & 0o044, ~process.umask() & 0o044);
});

test('what an earlier build left is gone before the work, and a place that takes no file is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-metadata-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeMetadataFile('metadata.json', { ...facts, cwd: folder });
  await clearMetadataFile('metadata.json', { cwd: folder });
  await clearMetadataFile('new/metadata.json', { cwd: folder });
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ['new']);
  await writeFile(join(folder, 'file'), '');
  for (const [file, code] of [
    ['', 'USAGE'],
    ['new', 'OUTPUT_INVALID'],
    ['file/metadata.json', 'IO'],
  ] as const)
    await assert.rejects(clearMetadataFile(file, { cwd: folder }), (error) => isSlimimageError(error, code), file);
});

test('an index has no config of its own, and an image without names none', () => {
  const index = metadataOf({ ...facts, platforms: [platform, platform], tags: [] });
  assert.deepEqual(JSON.parse(JSON.stringify(index)), {
    'containerimage.descriptor': root,
    'containerimage.digest': digest,
  });
  const named = metadataOf({ ...facts, tags: [], outputs: ['oci:out', 'docker://registry.example/team/web'] });
  assert.equal((named as Record<string, unknown>)['image.name'], 'registry.example/team/web:latest');
});
