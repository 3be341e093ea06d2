import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { configJsonSchema, configJsonSchemaText } from './json-schema.ts';

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(configJsonSchema());

test('the published file is up to date (node tools/generate-schema.ts)', async () => {
  const published = await readFile(new URL('../../schema/slimimage.schema.json', import.meta.url), 'utf8');
  assert.equal(published, configJsonSchemaText());
});

test('every key has a description', () => {
  const missing: string[] = [];
  visit(configJsonSchema(), '', missing);
  assert.deepEqual(missing, []);
});

test('it accepts what the parser accepts and refuses unknown keys', () => {
  const good = `from: debian/trixie
packages: [python3, curl=8.0]
files: ["./app:/app", { source: a, path: /b, mode: 0755 }]
env: { A: 1, B: true, C: text }
ports: [8080, 53/udp]
compression: { algorithm: zstd, level: 3 }
paths: [/data/, { path: /x, type: directory, mode: "0750" }]
healthcheck: none
accounts: { users: [app, { name: b, uid: 1 }] }
exclude: [a/**, { python3: [b/**] }]
`;
  assert.ok(validate(parse(good)), JSON.stringify(validate.errors));
  for (const bad of ['form: x', 'files: [{ source: a }]', 'platforms: linux/amd64', 'base: deban']) {
    assert.ok(!validate(parse(bad)), bad);
  }
});

function visit(schema: unknown, path: string, missing: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  const properties: unknown = Reflect.get(schema, 'properties');
  for (const [key, member] of Object.entries(Object(properties))) {
    const described = typeof member === 'object' && member !== null && 'description' in member;
    const named = ['name', 'algorithm'].includes(key) && path !== '';
    if (!described && !named) missing.push(`${path}.${key}`);
  }
  for (const member of Object.values(schema)) visit(member, `${path}/`, missing);
}
