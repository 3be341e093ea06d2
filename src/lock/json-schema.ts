import { toJsonSchema } from '@valibot/to-json-schema';
import { lockSchema } from './schema.ts';

/** The JSON Schema of a lock file: what `parseLock` checks, less what JSON Schema can't say. */
export function lockJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = toJsonSchema(lockSchema, {
    target: 'draft-07',
    typeMode: 'input',
    ignoreActions: ['check', 'transform'],
  });
  return {
    $schema,
    $id: 'urn:slimimage:schema:lock',
    title: 'slimimage.lock.json',
    description: "Everything that an archive's state decides about an image.",
    ...schema,
  };
}

/** The published file: schema/slimimage.lock.schema.json. */
export function lockJsonSchemaText(): string {
  return `${JSON.stringify(lockJsonSchema(), undefined, 2)}\n`;
}
