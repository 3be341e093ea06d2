/** JSON Schemas of the answers that commands give with `--format json`; published in schema/. */

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const wholeNumber = { type: 'integer', minimum: 0 };
const texts = { type: 'array', items: text };

/** Closed objects: what is not described is not there. Keys in `optional` may be missing. */
export function closedObject(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

const reasonSchema: Schema = {
  description: 'An edge that leads to the package.',
  oneOf: [
    closedObject({ type: { const: 'request' }, text: { ...text, description: 'The request as written.' } }),
    closedObject({ type: { const: 'base' } }),
    closedObject({
      type: { enum: ['depends', 'pre-depends', 'recommends'] },
      from: { ...text, description: 'Name of the package that needs it.' },
      dependency: { ...text, description: 'As in its control file: libc6 (>= 2.36) | libc6-udeb' },
    }),
  ],
};

const packageSchema = closedObject(
  {
    name: text,
    version: text,
    architecture: { ...text, description: "Debian's name, or all." },
    source: closedObject({ name: text, version: text }),
    archive: { ...text, description: 'As the configuration or the preset calls it; file for a .deb of your own.' },
    suite: text,
    component: text,
    url: { ...text, description: 'Where the .deb would be fetched first, without credentials; missing for a file.' },
    path: { ...text, description: "Of the .deb, below the archive's base URL." },
    size: { ...wholeNumber, description: 'Bytes of the .deb.' },
    installedSize: { ...wholeNumber, description: 'Bytes on disk, as the package declares them.' },
    sha256: { type: 'string', pattern: '^([0-9a-f]{64})?$', description: 'Of the .deb.' },
    requestedBy: { type: 'array', items: reasonSchema, description: 'Requests first, then packages by name.' },
  },
  ['url'],
);

const releaseSchema = closedObject(
  {
    archive: text,
    suite: text,
    codename: text,
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'Of the InRelease or Release as fetched.' },
    date: { ...text, description: 'ISO 8601, UTC.' },
    validUntil: { ...text, description: 'ISO 8601, UTC.' },
    fingerprints: { ...texts, description: 'Primary keys whose signatures verified.' },
  },
  ['validUntil'],
);

export const resolveSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:resolve',
  title: 'slimimage resolve --format json',
  description: 'The packages that a request brings, for one platform.',
  ...closedObject({
    platform: { ...text, description: 'linux/amd64' },
    requests: { ...texts, description: 'As written.' },
    packages: { type: 'array', items: packageSchema, description: 'Sorted by name.' },
    releases: { type: 'array', items: releaseSchema, description: 'What vouches for the indexes.' },
  }),
};

/** The published file. */
export function schemaText(schema: Schema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
