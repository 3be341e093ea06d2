import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { lockOf } from '../../../test/support/locks.ts';
import { isSlimimageError } from '../../errors.ts';
import { encodeLock } from '../../lock/encode.ts';
import { schemaText } from '../answer-schemas.ts';
import { diffLocks } from './diff.ts';
import { diffSchema } from './diff-schema.ts';

let cwd = '';
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'slimimage-diff-'));
  await writeFile(join(cwd, 'old.lock.json'), encodeLock(lockOf(['curl 1', 'old 1'], { users: { a: 1 } })));
  await writeFile(join(cwd, 'new.lock.json'), encodeLock(lockOf(['curl 2; Requests: curl', 'new 1'])));
});
after(() => rm(cwd, { recursive: true }));

test('two lock files are compared, and the answer has the published form', async () => {
  const difference = await diffLocks('old.lock.json', 'new.lock.json', { cwd });
  assert.deepEqual(
    difference.platforms[0]?.packages.map(({ name, change }) => `${name} ${change}`),
    ['curl upgraded', 'new added', 'old removed'],
  );
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(diffSchema);
  assert.ok(validate(JSON.parse(JSON.stringify(difference))), JSON.stringify(validate.errors));
});

test('a file that is not there, and an image', async () => {
  await assert.rejects(diffLocks('old.lock.json', 'none.lock.json', { cwd }), { code: 'LOCK_NOT_FOUND' });
  await assert.rejects(
    diffLocks('old.lock.json', 'store:web', { cwd }),
    (error) => isSlimimageError(error, 'USAGE') && /store:web is an image/.test(error.message),
  );
});

test('the published schema of diff is up to date (npm run schema)', async () => {
  const published = await readFile(new URL('../../../schema/diff.schema.json', import.meta.url), 'utf8');
  assert.equal(published, schemaText(diffSchema));
});
