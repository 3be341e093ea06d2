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

const requestedBy: readonly Schema[] = [
  closedObject({ type: { const: 'request' }, text: { ...text, description: 'The request as written.' } }),
  closedObject({ type: { const: 'base' } }),
  closedObject({
    type: { enum: ['depends', 'pre-depends', 'recommends'] },
    from: { ...text, description: 'Name of the package that needs it.' },
    dependency: { ...text, description: 'As in its control file: libc6 (>= 2.36) | libc6-udeb' },
  }),
];

const reasonSchema: Schema = { description: 'An edge that leads to the package.', oneOf: requestedBy };

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
    candidate: {
      type: 'boolean',
      description: 'Whether dependencies: runtime may cut it: a build decides, by its files.',
    },
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
    indexes: {
      type: 'array',
      items: closedObject({
        path: { ...text, description: "Below the suite's folder." },
        sha256: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'As the Release lists it.' },
        size: { ...wholeNumber, description: 'Bytes.' },
      }),
      description: 'Package indexes that were opened.',
    },
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

const whyReasonSchema: Schema = {
  description: 'An edge that leads to the package, or why it is there without one.',
  oneOf: [...requestedBy, closedObject({ type: { enum: ['manual', 'unneeded'] } })],
};

const whyPackageSchema = closedObject(
  {
    name: text,
    version: text,
    provides: { ...text, description: 'The virtual name that was asked for.' },
    chain: {
      type: 'array',
      items: closedObject({ name: text, version: text, reason: whyReasonSchema }),
      description: 'The shortest way from a request, the package itself last.',
    },
    requestedBy: { type: 'array', items: whyReasonSchema, description: 'Every edge that leads to it.' },
  },
  ['provides'],
);

const layerNumber = { type: 'integer', minimum: 1, description: 'From 1, the lowest.' };

const originSchema: Schema = {
  description: 'Where a path comes from, or why it is not there.',
  oneOf: [
    closedObject({ type: { const: 'package' }, package: text, packagedAs: text }, ['packagedAs']),
    closedObject({ type: { const: 'folder' }, packages: texts }),
    closedObject({ type: { const: 'rule' }, rule: text, because: text }),
    closedObject({ type: { const: 'configured' }, entry: text, source: text, image: text }, ['source', 'image']),
    closedObject({ type: { const: 'below' }, image: text }),
    closedObject({ type: { const: 'layer' }, layer: layerNumber, createdBy: text }, ['createdBy']),
    closedObject({ type: { const: 'omitted' }, package: text, because: text }),
    closedObject({ type: { const: 'missing' } }),
  ],
};

const whyPathSchema = closedObject(
  {
    path: { ...text, description: 'Absolute, all links followed.' },
    links: {
      type: 'array',
      items: closedObject({ path: text, target: text, origin: originSchema }),
      description: 'Links on the way.',
    },
    type: { enum: ['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo'] },
    origin: originSchema,
  },
  ['type'],
);

export const whySchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:why',
  title: 'slimimage why --format json',
  description: 'Why a package or a path is in an image, or that it is not.',
  ...closedObject(
    {
      thing: { ...text, description: 'As asked.' },
      place: closedObject({ type: { enum: ['configuration', 'lock', 'image'] }, name: text, platform: text }, [
        'name',
        'platform',
      ]),
      found: { type: 'boolean', description: 'Is it in the image?' },
      packages: { type: 'array', items: whyPackageSchema },
      path: whyPathSchema,
      nearest: { ...texts, description: 'What may have been meant.' },
      notes: { ...texts, description: 'What else there is to know.' },
    },
    ['path'],
  ),
};

/** The published file. */
export function schemaText(schema: Schema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
