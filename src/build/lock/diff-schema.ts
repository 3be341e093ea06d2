import { closedObject } from '../answer-schemas.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const wholeNumber = { type: 'integer', minimum: 0 };

/** One .deb of a lock. */
export const lockedDebSchema = closedObject({
  name: text,
  version: text,
  architecture: text,
  source: closedObject({ name: text, version: text }),
  archive: { ...text, description: 'As the configuration or the preset calls it; file for a .deb of your own.' },
  suite: text,
  component: text,
  path: { ...text, description: "Below the archive's base URL." },
  size: { ...wholeNumber, description: 'Bytes of the .deb.' },
  installedSize: { ...wholeNumber, description: 'Bytes on disk, as the package declares them.' },
  sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
});

export const sizeChangeSchema: Schema = {
  ...closedObject({ from: wholeNumber, to: wholeNumber }),
  description: 'Bytes of all packages together.',
};

export const packageChangeKinds: Schema = {
  enum: ['added', 'removed', 'upgraded', 'downgraded', 'rebuilt', 'moved'],
  description: 'rebuilt: the same version, another .deb. moved: the same .deb, in another place of an archive.',
};

export const imageChangesSchema: Schema = {
  type: 'array',
  description:
    'Images that files are copied from, with another digest; without from or to: there was none, or is none.',
  items: closedObject({ image: text, from: text, to: text }, ['from', 'to']),
};

const packageChangesSchema: Schema = {
  type: 'array',
  description: 'Sorted by name.',
  items: closedObject(
    {
      name: text,
      change: packageChangeKinds,
      from: { ...lockedDebSchema, description: 'Missing for added.' },
      to: { ...lockedDebSchema, description: 'Missing for removed.' },
    },
    ['from', 'to'],
  ),
};

const cutSchema = closedObject({
  name: text,
  grade: { enum: ['proven', 'no-evidence'] },
  candidacy: { enum: ['listed', 'scripts', 'orphan'] },
  neededBy: texts,
  because: text,
});

export const cutChangesSchema: Schema = {
  type: 'array',
  description:
    'Packages that dependencies: runtime cuts otherwise than before; without from or to: it was not, or is not cut.',
  items: closedObject({ name: text, from: cutSchema, to: cutSchema }, ['from', 'to']),
};

const platformSchema = closedObject(
  {
    platform: { ...text, description: 'linux/amd64' },
    change: { enum: ['none', 'added', 'removed', 'changed'] },
    on: {
      ...closedObject({ from: { type: ['string', 'null'] }, to: { type: ['string', 'null'] } }),
      description: 'The manifest of the image below; missing where it is the same.',
    },
    images: imageChangesSchema,
    packages: packageChangesSchema,
    donors: { ...packageChangesSchema, description: 'Packages that are read and not installed.' },
    requests: {
      type: 'array',
      description: 'Packages that are asked for in other words than before.',
      items: closedObject({ name: text, from: texts, to: texts }),
    },
    accounts: {
      type: 'array',
      description: 'System accounts with another id; without from or to: there was none, or is none.',
      items: closedObject({ type: { enum: ['user', 'group'] }, name: text, from: wholeNumber, to: wholeNumber }, [
        'from',
        'to',
      ]),
    },
    cuts: cutChangesSchema,
    size: sizeChangeSchema,
    installedSize: sizeChangeSchema,
  },
  ['on'],
);

export const diffSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:diff',
  title: 'slimimage diff A.lock.json B.lock.json --format json',
  description: 'What changed from one lock to another.',
  ...closedObject({
    same: { type: 'boolean', description: 'True where nothing of all that follows has changed.' },
    inputs: { ...texts, description: 'Changes of the configuration that the locks were made from, in words.' },
    releases: {
      type: 'array',
      description: 'Suites whose Release is another one, with the dates of both sides.',
      items: closedObject({ archive: text, suite: text, from: texts, to: texts }),
    },
    platforms: { type: 'array', items: platformSchema },
  }),
};
