import { closedObject } from '../answer-schemas.ts';
import {
  cutChangesSchema,
  imageChangesSchema,
  lockedDebSchema,
  packageChangeKinds,
  sizeChangeSchema,
} from '../lock/diff-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const cves = { type: 'array', items: { type: 'string', pattern: '^CVE-[0-9]{4}-[0-9]{4,}$' } };

const packagesSchema: Schema = {
  type: 'array',
  description: 'Sorted by name.',
  items: closedObject(
    {
      name: text,
      change: packageChangeKinds,
      from: { ...lockedDebSchema, description: 'The locked one; missing for added.' },
      to: { ...lockedDebSchema, description: 'The new one; missing for removed.' },
      security: { type: 'boolean', description: 'True where the new version comes from a security suite.' },
      fixes: { ...cves, description: 'What the changelog says that it fixes; see sources for whether it was read.' },
    },
    ['from', 'to'],
  ),
};

const platformSchema = closedObject(
  {
    platform: { ...text, description: 'linux/amd64' },
    on: {
      ...closedObject({ from: { type: ['string', 'null'] }, to: { type: ['string', 'null'] } }),
      description: 'The manifest of the image below; missing where it is the same.',
    },
    images: imageChangesSchema,
    cuts: cutChangesSchema,
    size: sizeChangeSchema,
    installedSize: sizeChangeSchema,
    packages: packagesSchema,
    donors: { ...packagesSchema, description: 'Packages that are read and not installed.' },
    held: {
      type: 'array',
      description: 'What a security suite has for packages of the lock and could not be taken.',
      items: closedObject({
        name: text,
        version: { ...text, description: 'What the lock has, or gets.' },
        available: { ...text, description: 'The newest version of a security suite.' },
        by: {
          enum: ['configuration', 'packages'],
          description: 'What stands against it: an exact version, a suite or a pin, or packages that stay.',
        },
        why: { ...text, description: 'The same in one line of words.' },
      }),
    },
  },
  ['on'],
);

export const updateSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:update',
  title: 'slimimage update --format json',
  description: 'What the archives have that a lock has not.',
  ...closedObject(
    {
      file: { ...text, description: "The lock's path, absolute." },
      securityOnly: { type: 'boolean' },
      outdated: {
        type: 'boolean',
        description:
          'True where there is something to update, and where packages hold a security update back, which --write does not change. What the configuration holds back is no reason, nor are packages that only moved.',
      },
      platforms: { type: 'array', items: platformSchema },
      sources: {
        type: 'array',
        description: 'Source packages with another version, sorted by name.',
        items: closedObject({
          name: text,
          from: { ...text, description: 'Version of the source package in the lock.' },
          to: { ...text, description: 'The new one.' },
          changelog: { enum: ['read', 'missing', 'skipped'] },
          fixes: cves,
        }),
      },
      warnings: { type: 'array', items: closedObject({ message: text, hint: text }, ['hint']) },
      written: {
        type: 'string',
        pattern: '^sha256:[0-9a-f]{64}$',
        description: 'The digest of the lock that was written; missing where none was.',
      },
    },
    ['written'],
  ),
};
