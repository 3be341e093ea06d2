import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { catalogSchema } from '../build/catalog-schema.ts';
import { runCaptured } from './testing.ts';

test('catalog lists every image with what it is for and the packages asked for', async () => {
  const { status, stdout, stderr } = await runCaptured(['catalog']);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(
    stdout,
    /^catalog\/static {2}.*programs without libraries.* {2}ca-certificates media-types netbase tzdata$/m,
  );
  assert.match(stdout, /each with a shell: catalog\/NAME-debug\n$/);
  assert.match(stdout, /^catalog\/redis {2}.* {2}Redis +redis-server$/m);
});

test('catalog --format json is what its schema says', async () => {
  const { stdout } = await runCaptured(['catalog', '--format', 'json']);
  const images: readonly { readonly name: string; readonly size?: { readonly bytes: number } }[] = JSON.parse(stdout);
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(catalogSchema);
  assert.ok(validate(images), JSON.stringify(validate.errors));
  const { size, ...redis } = images.find(({ name }) => name === 'redis') ?? { size: undefined };
  assert.deepEqual(redis, {
    name: 'redis',
    reference: 'catalog/redis',
    debug: 'catalog/redis-debug',
    title: 'Redis',
    packages: ['redis-server'],
    user: 'nonroot',
    ports: ['6379/tcp'],
    volumes: ['/data'],
  });
  assert.ok(size === undefined || size.bytes > 10_000_000);
});
