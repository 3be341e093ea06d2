import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { found } from '../../test/support/audited.ts';
import { auditRules } from '../audit/rules.ts';
import { schemaText } from '../build/answer-schemas.ts';
import { auditRulesSchema, auditSchema } from './audit-schema.ts';

test('the published schemas of audit are up to date (npm run schema)', async () => {
  const schemas = { audit: auditSchema, 'audit-rules': auditRulesSchema };
  for (const [name, schema] of Object.entries(schemas)) {
    const published = await readFile(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8');
    assert.equal(published, schemaText(schema));
  }
});

test('a report is what the schema says', () => {
  const rule = {
    rule: 'second-root',
    path: '/etc/*',
    package: undefined,
    subject: 'a',
    because: 'x',
    until: '2027-01-01',
  };
  const layer = { 'etc/passwd': 'a:x:0:0::/:\nb:x:0:0::/:\n', 'usr/bin/sh': { elf: {} } };
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`opt/${index}`, { mode: 0o666 }]));
  const { report } = found([{ ...layer, ...many }], { runtime: {}, allow: [rule] });
  const validate = new Ajv({ strict: true }).compile(auditSchema);
  validate(JSON.parse(JSON.stringify(report)));
  assert.deepEqual(validate.errors, null);
  assert.equal(report.omitted.length, 1);
});

test('so is the list of rules', () => {
  const validate = new Ajv({ strict: true }).compile(auditRulesSchema);
  validate(JSON.parse(JSON.stringify({ rules: auditRules })));
  assert.deepEqual(validate.errors, null);
});
