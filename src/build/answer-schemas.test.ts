import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { resolveSchema, schemaText, whySchema } from './answer-schemas.ts';
import { catalogSchema } from './catalog-schema.ts';
import { checkSchema } from './check/schema.ts';
import { copySchema, tagsSchema } from './delivery-schemas.ts';
import { errorSchema } from './error-schema.ts';
import { signSchema } from './sign-schema.ts';

const schemas = {
  resolve: resolveSchema,
  why: whySchema,
  catalog: catalogSchema,
  check: checkSchema,
  error: errorSchema,
  sign: signSchema,
  copy: copySchema,
  tags: tagsSchema,
};

for (const [name, schema] of Object.entries(schemas)) {
  test(`the published schema of ${name} is up to date (npm run schema)`, async () => {
    const published = await readFile(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8');
    assert.equal(published, schemaText(schema));
  });
}
