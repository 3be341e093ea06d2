/** Writes the files of schema/ anew. Tests hold that they are up to date. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { resolveSchema, schemaText, whySchema } from '../src/build/answer-schemas.ts';
import { catalogSchema } from '../src/build/catalog-schema.ts';
import { checkSchema } from '../src/build/check/schema.ts';
import { copySchema, tagsSchema } from '../src/build/delivery-schemas.ts';
import { effectsSchema } from '../src/build/effects-schema.ts';
import { errorSchema } from '../src/build/error-schema.ts';
import { diffSchema } from '../src/build/lock/diff-schema.ts';
import { lockAnswerSchema } from '../src/build/lock/schema.ts';
import { signSchema } from '../src/build/sign-schema.ts';
import { updateSchema } from '../src/build/update/schema.ts';
import { configJsonSchemaText } from '../src/config/json-schema.ts';
import { lockJsonSchemaText } from '../src/lock/json-schema.ts';
import { auditRulesSchema, auditSchema } from '../src/look/audit-schema.ts';
import { diffFileSchema, diffImagesSchema } from '../src/look/diff-schema.ts';
import { inspectSchema } from '../src/look/inspect-schema.ts';
import { extractSchema, listSchema } from '../src/look/list-schema.ts';
import { verifySchema } from '../src/look/verify/schema.ts';

const files = {
  slimimage: configJsonSchemaText(),
  'slimimage.lock': lockJsonSchemaText(),
  resolve: schemaText(resolveSchema),
  why: schemaText(whySchema),
  catalog: schemaText(catalogSchema),
  inspect: schemaText(inspectSchema),
  check: schemaText(checkSchema),
  audit: schemaText(auditSchema),
  'audit-rules': schemaText(auditRulesSchema),
  effects: schemaText(effectsSchema),
  error: schemaText(errorSchema),
  diff: schemaText(diffSchema),
  'diff-images': schemaText(diffImagesSchema),
  'diff-file': schemaText(diffFileSchema),
  update: schemaText(updateSchema),
  sign: schemaText(signSchema),
  copy: schemaText(copySchema),
  tags: schemaText(tagsSchema),
  verify: schemaText(verifySchema),
  lock: schemaText(lockAnswerSchema),
  ls: schemaText(listSchema),
  extract: schemaText(extractSchema),
};

for (const [name, text] of Object.entries(files)) {
  await writeFile(fileURLToPath(new URL(`../schema/${name}.schema.json`, import.meta.url)), text);
}
