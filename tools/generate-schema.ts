/** Writes schema/slimimage.schema.json anew. A test holds that the file is up to date. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { configJsonSchemaText } from '../src/config/json-schema.ts';

await writeFile(fileURLToPath(new URL('../schema/slimimage.schema.json', import.meta.url)), configJsonSchemaText());
