import { closedObject } from '../build/answer-schemas.ts';
import { auditFindingSchema } from './audit-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const wholeNumber = { type: 'integer', minimum: 0 };
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };

const imageSchema = closedObject(
  {
    name: { ...text, description: 'The name under which it was opened.' },
    digest: { ...digest, description: "The manifest's; missing where the form keeps none." },
    configDigest: digest,
    platform: { ...text, description: 'linux/amd64; missing for a bare file tree.' },
    otherPlatforms: { ...texts, description: 'Of an image for several platforms those that are not compared.' },
  },
  ['digest', 'configDigest', 'platform'],
);

const sides = (schema: Schema): Schema => closedObject({ from: schema, to: schema });

const stateProperties: Readonly<Record<string, Schema>> = {
  type: { enum: ['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo'] },
  mode: { ...wholeNumber, maximum: 0o7777, description: 'Permission bits as a number.' },
  uid: wholeNumber,
  gid: wholeNumber,
  size: { ...wholeNumber, description: 'Bytes.' },
  mtime: { type: 'integer', description: 'Seconds since 1970.' },
  sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  link: { ...text, description: 'Text of a symlink.' },
  hardLink: {
    ...text,
    description: 'Where that differs: the first name of this file; missing for that name itself.',
  },
  device: { ...text, description: 'MAJOR:MINOR' },
  attributes: { type: 'object', additionalProperties: text, description: 'Extended attributes, in hexadecimal.' },
};
const stateOptional = ['sha256', 'link', 'hardLink', 'device', 'attributes'];

const stateSchema = closedObject(stateProperties, stateOptional);

const leadSchema = closedObject(
  { path: { ...text, description: 'Absolute, behind all links.' }, ...stateProperties },
  stateOptional,
);

const aspectsSchema: Schema = {
  type: 'array',
  items: { enum: ['type', 'mode', 'owner', 'time', 'size', 'content', 'link', 'hard-link', 'device', 'attributes'] },
  description: 'In what it differs; [] for what came or went.',
};

const fileSchema = closedObject(
  {
    change: { enum: ['added', 'removed', 'changed', 'moved'] },
    path: { ...text, description: 'Absolute.' },
    movedFrom: { ...text, description: 'Where the same content was removed.' },
    aspects: aspectsSchema,
    from: stateSchema,
    to: stateSchema,
    packages: { ...texts, description: 'Names of the packages that own it, in either image.' },
    explainedBy: { ...text, description: 'The package whose change explains it; missing: nobody upgraded this file.' },
  },
  ['movedFrom', 'from', 'to', 'explainedBy'],
);

const layerSchema = closedObject(
  {
    diffId: digest,
    digest: { ...digest, description: 'Of the blob.' },
    size: { ...wholeNumber, description: 'Bytes of the tar.' },
    compressedSize: { ...wholeNumber, description: 'Bytes of the blob.' },
    createdBy: text,
    shared: { type: 'boolean', description: 'Whether the other image has it too.' },
  },
  ['digest', 'compressedSize', 'createdBy'],
);

const packageSideSchema = closedObject({
  version: text,
  architecture: text,
  bytes: { ...wholeNumber, description: 'Of its files that are in the image.' },
});

const packageSchema = closedObject(
  {
    ecosystem: { enum: ['deb', 'apk'] },
    name: text,
    change: {
      enum: ['added', 'removed', 'upgraded', 'downgraded', 'rebuilt'],
      description: 'rebuilt: the same version, of another architecture or with other files.',
    },
    from: packageSideSchema,
    to: packageSideSchema,
  },
  ['from', 'to'],
);

const stepsSchema: Schema = {
  type: 'array',
  items: closedObject(
    { step: { type: 'integer', minimum: 1 }, createdBy: text, comment: text, madeLayer: { type: 'boolean' } },
    ['comment'],
  ),
};

const findingsSchema: Schema = { type: 'array', items: auditFindingSchema };

/** `slimimage diff IMAGE IMAGE --format json`; published in schema/. */
export const diffImagesSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:diff-images',
  title: 'slimimage diff IMAGE IMAGE --format json',
  description: 'What one image has otherwise than another.',
  ...closedObject(
    {
      same: {
        type: 'boolean',
        description: 'True: packages, files, and what both images have of platform, config and history are the same.',
      },
      from: imageSchema,
      to: imageSchema,
      beneath: {
        type: 'array',
        items: { enum: ['compression', 'layers', 'times', 'config', 'manifest'] },
        description: 'In what images differ that are the same otherwise.',
      },
      size: closedObject(
        {
          compressed: { ...sides(wholeNumber), description: 'Blobs of the layers; missing where a form keeps none.' },
          uncompressed: { ...sides(wholeNumber), description: 'Tars of the layers.' },
          files: { ...sides(wholeNumber), description: 'Files of the tree.' },
          unowned: { ...sides(wholeNumber), description: 'Files that belong to no package.' },
        },
        ['compressed'],
      ),
      layers: closedObject(
        {
          from: { type: 'array', items: layerSchema },
          to: { type: 'array', items: layerSchema },
          common: { ...wholeNumber, description: 'How many from the bottom are the same.' },
          shared: closedObject({ count: wholeNumber, bytes: wholeNumber }),
          toPull: { ...wholeNumber, description: 'Bytes to fetch for who has the first image.' },
        },
        ['toPull'],
      ),
      config: {
        type: 'array',
        items: closedObject({ key: text, name: text, from: text, to: text }, ['name', 'from', 'to']),
        description: 'Settings; lists and objects as JSON; missing where it is not set.',
      },
      history: closedObject({ removed: stepsSchema, added: stepsSchema }),
      packages: { type: 'array', items: packageSchema, description: 'By name.' },
      files: closedObject({
        changes: { type: 'array', items: fileSchema, description: 'By path.' },
        timesOnly: { ...wholeNumber, description: 'Paths that differ in time alone.' },
      }),
      findings: {
        ...closedObject({ gained: findingsSchema, lost: findingsSchema }),
        description: 'Of the audit; missing with --no-audit.',
      },
      problems: { ...texts, description: 'What of the images can not be read.' },
    },
    ['findings'],
  ),
};

const programSchema: Schema = {
  type: 'array',
  items: closedObject({ fact: text, from: text, to: text }, ['from', 'to']),
  description: 'What a loader sees otherwise: soname, needed, versions-needed, hardening, ...',
};

/** `slimimage diff IMAGE IMAGE --path FILE --format json`; published in schema/. */
export const diffFileSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:diff-file',
  title: 'slimimage diff IMAGE IMAGE --path FILE --format json',
  description: 'What became of one file from one image to another.',
  ...closedObject(
    {
      path: { ...text, description: 'Absolute, as asked.' },
      same: { type: 'boolean' },
      from: imageSchema,
      to: imageSchema,
      aspects: aspectsSchema,
      before: { ...stateSchema, description: 'Missing where the first image has no such path.' },
      after: { ...stateSchema, description: 'Missing where the second has none.' },
      leads: {
        ...closedObject({ from: leadSchema, to: leadSchema }, ['from', 'to']),
        description:
          'Where links lead that differ: the files that content is about. Missing where there is no such link.',
      },
      content: {
        oneOf: [
          closedObject({ type: { const: 'same' } }),
          closedObject({
            type: { const: 'text' },
            patch: { ...text, description: 'Unified difference.' },
            shortest: { type: 'boolean' },
            struckOut: { type: 'boolean', description: 'Whether secrets were struck out of a text.' },
          }),
          closedObject({ type: { const: 'binary' }, program: programSchema }),
          closedObject({ type: { const: 'large' }, program: programSchema }),
        ],
      },
    },
    ['before', 'after', 'leads'],
  ),
};
