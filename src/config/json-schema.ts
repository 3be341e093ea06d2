import { toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from './schema.ts';

/** The JSON Schema of a configuration file, for editors: what validation checks, less what JSON Schema can't say. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = toJsonSchema(configSchema, {
    target: 'draft-07',
    typeMode: 'input',
    ignoreActions: ['raw_check'],
  });
  return {
    $schema,
    $id: 'urn:slimimage:schema:configuration',
    title: 'slimimage.yaml',
    description: 'What goes into an image: packages of a distribution and the files of an application.',
    ...schema,
  };
}

/** The published file: schema/slimimage.schema.json. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}
