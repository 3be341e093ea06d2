import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { schemaText } from '../answer-schemas.ts';
import { updateSchema } from './schema.ts';

test('the published schema of update is up to date (npm run schema)', async () => {
  const published = await readFile(new URL('../../../schema/update.schema.json', import.meta.url), 'utf8');
  assert.equal(published, schemaText(updateSchema));
});
