import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { lockOf } from '../../../test/support/locks.ts';
import { lockJsonSchema } from '../../lock/json-schema.ts';
import { digestOf } from '../../util/digest.ts';
import { schemaText } from '../answer-schemas.ts';
import type { LockCheck, LockResult } from './lock.ts';
import { lockAnswerSchema } from './schema.ts';

const ajv = new Ajv({ strict: true, allowUnionTypes: true }).addSchema(lockJsonSchema());
const validate = ajv.compile(lockAnswerSchema);

test('both answers have the published form', () => {
  const written: LockResult = {
    file: '/app/slimimage.lock.json',
    digest: digestOf(''),
    changed: true,
    lock: lockOf(['curl 1']),
    warnings: [{ message: 'a', hint: undefined }],
    timings: [{ phase: 'resolve', milliseconds: 3 }],
  };
  const check: LockCheck = { file: '/app/slimimage.lock.json', fits: false, differences: ['packages: curl was added'] };
  for (const answer of [written, check])
    assert.ok(validate(JSON.parse(JSON.stringify(answer))), JSON.stringify(validate.errors));
  assert.ok(!validate({ ...check, more: 1 }));
});

test('the published schema of lock is up to date (npm run schema)', async () => {
  const published = await readFile(new URL('../../../schema/lock.schema.json', import.meta.url), 'utf8');
  assert.equal(published, schemaText(lockAnswerSchema));
});
