import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockFileOf } from './name.ts';

test('a lock lies beside its configuration, under its name', () => {
  const nameOf = (file: string | undefined) => lockFileOf({ file, directory: '/here' });
  assert.deepEqual(
    ['/app/slimimage.yaml', '/app/web.yml', '/app/web.prod.yaml', '/app/web.json', '/app/config', undefined].map(
      nameOf,
    ),
    [
      '/app/slimimage.lock.json',
      '/app/web.lock.json',
      '/app/web.prod.lock.json',
      '/app/web.lock.json',
      '/app/config.lock.json',
      '/here/slimimage.lock.json',
    ],
  );
});
