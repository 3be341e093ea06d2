import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import type { CopyResult } from '../index.ts';
import { digest, runCaptured } from './testing.ts';

const pushed: CopyResult = {
  reference: 'docker://registry.example/web:1',
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  platforms: ['linux/amd64'],
  blobs: { sent: 3, layers: 1, skipped: 2, mounted: 1 },
  bytes: 1500,
  referrers: 2,
  note: undefined,
};
const written: CopyResult = {
  ...pushed,
  reference: 'tar:web.tar',
  blobs: undefined,
  bytes: 2000,
  referrers: 0,
  note: 'this form holds only linux/amd64',
};

function copying(result: CopyResult, asked: unknown[] = []) {
  const copyImage = async (...args: readonly unknown[]) => {
    asked.push(args);
    return result;
  };
  return { api: { copyImage } };
}

test('copy prints the destination with its digest, and on stderr how it came there', async () => {
  const { stdout, stderr } = await runCaptured(['copy', 'store:web', 'registry.example/web:1'], copying(pushed));
  assert.equal(stdout, `docker://registry.example/web:1@${digest}\n`);
  const parts =
    '1 layer and 2 documents sent (1.5 kB), 1 taken over from other repositories, 2 there already, 2 referrers';
  assert.equal(stderr, `${parts}\n`);
  const tar = await runCaptured(['copy', 'store:web', 'tar:web.tar'], copying(written));
  assert.equal(tar.stderr, 'written, 2.0 kB\nnote: this form holds only linux/amd64\n');
  assert.equal((await runCaptured(['copy', '-q', 'store:web', 'tar:web.tar'], copying(written))).stderr, '');
});

test('copy takes platforms, referrers and registries as it is told', async () => {
  const asked: unknown[] = [];
  const flags = ['--platform', 'linux/arm64', '--no-referrers', '--offline'];
  const registries = ['--insecure-registry', 'a', '--insecure-registry', 'b:1', '--ca-file', 'ca.pem'];
  await runCaptured(['copy', 'store:web', 'oci:web', ...flags, ...registries], copying(pushed, asked));
  const [[source, destination, options]] = asked as [[string, string, object]];
  assert.deepEqual([source, destination], ['store:web', 'oci:web']);
  assert.partialDeepStrictEqual(options, {
    platform: 'linux/arm64',
    referrers: false,
    offline: true,
    insecureRegistries: ['a', 'b:1'],
    caFile: 'ca.pem',
  });
});

const referrerTag = `sha256-${'0'.repeat(64)}`;

test('copy and tags answer in JSON as their schemas say', async () => {
  for (const result of [pushed, written]) {
    const { stdout } = await runCaptured(['copy', 'store:web', 'oci:web', '--format', 'json'], copying(result));
    await holds('copy', stdout);
  }
  const listTags = async () => ({ repository: 'registry.example/web', tags: ['1', '2'], referrerTags: [referrerTag] });
  const deleteTag = async () => ({ repository: 'registry.example/web', deleted: '1' });
  await holds('tags', (await runCaptured(['tags', 'x', '--format', 'json'], { api: { listTags } })).stdout);
  const gone = await runCaptured(['tags', 'x', '--delete', '1', '--format', 'json'], { api: { deleteTag } });
  await holds('tags', gone.stdout);
});

test('tags lists one a line, and says what it removed', async () => {
  const listTags = async () => ({ repository: 'registry.example/web', tags: ['1', '2'], referrerTags: [referrerTag] });
  assert.equal((await runCaptured(['tags', 'registry.example/web'], { api: { listTags } })).stdout, '1\n2\n');
  const all = await runCaptured(['tags', 'registry.example/web', '--all'], { api: { listTags } });
  assert.equal(all.stdout, `1\n2\n${referrerTag}\n`);
  const asked: unknown[] = [];
  const deleteTag = async (...args: readonly unknown[]) => {
    asked.push(args.slice(0, 2));
    return { repository: 'registry.example/web', deleted: '1' };
  };
  const { stdout, stderr } = await runCaptured(['tags', 'registry.example/web', '--delete', '1'], {
    api: { deleteTag },
  });
  assert.deepEqual([stdout, stderr], ['', 'removed 1 from registry.example/web\n']);
  assert.deepEqual(asked, [['registry.example/web', '1']]);
});

async function holds(name: string, text: string): Promise<void> {
  const schema = JSON.parse(await readFile(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8'));
  const ajv = new Ajv();
  assert.ok(ajv.validate(schema, JSON.parse(text)), `${text}: ${ajv.errorsText()}`);
}
