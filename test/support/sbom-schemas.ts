import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { SbomFormat } from '../../src/oci/papers.ts';
import { projectRoot } from './source-code.ts';

/** Holds a document against the official JSON schema of its format (test/schemas/README.md). */
export function assertValidSbom(format: SbomFormat, bytes: Uint8Array): void {
  validators[format] ??= compilers[format]();
  const validate = validators[format];
  const document: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  assert.ok(validate(document), `${format}:\n${complaints(validate.errors)}`);
}

const validators: Partial<Record<SbomFormat, ValidateFunction>> = {};

const options = { strict: false, allErrors: false, formats: { ...fullFormats, 'idn-email': /^[^\s@]+@[^\s@]+$/ } };

const compilers: Readonly<Record<SbomFormat, () => ValidateFunction>> = {
  spdx() {
    // The `#` at the end of its $schema is not in the meta-schema's own name.
    const { $schema: _, ...schema } = read('test/schemas/spdx-2.3.schema.json');
    return new Ajv2019(options).compile(schema);
  },
  'spdx-3': () => new Ajv2020(options).compile(read('test/schemas/spdx-3.0.1.schema.json')),
  cyclonedx() {
    const folder = 'node_modules/@cyclonedx/cyclonedx-library/res/schema';
    const ajv = new Ajv(options);
    ajv.addFormat('iri-reference', isIriReference);
    ajv.addSchema(read(`${folder}/spdx.SNAPSHOT.schema.json`), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
    ajv.addSchema(
      read(`${folder}/jsf-0.82.SNAPSHOT.schema.json`),
      'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json',
    );
    return ajv.compile(read(`${folder}/bom-1.6.SNAPSHOT.schema.json`));
  },
};

function read(path: string): Exclude<AnySchema, boolean> {
  return JSON.parse(readFileSync(join(projectRoot, path), 'utf8')) as Exclude<AnySchema, boolean>;
}

/** An IRI is a URI when what is not ASCII is encoded (RFC 3987, 3.1). */
function isIriReference(text: string): boolean {
  const format = fullFormats['uri-reference'];
  const encoded = text.replace(/[^\0-\x7f]/gu, encodeURIComponent);
  return format instanceof RegExp ? format.test(encoded) : true;
}

function complaints(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`).join('\n');
}
