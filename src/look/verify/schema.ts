import { closedObject } from '../../build/answer-schemas.ts';

const text = { type: 'string' };
const wholeNumber = { type: 'integer', minimum: 0 };

const detailSchema = closedObject({
  status: {
    enum: ['failed', 'unproven', 'note'],
    description: 'A note is told beside the claim, and counts for nothing.',
  },
  about: { ...text, description: 'A digest, a path, a package.' },
  message: text,
});

const claimSchema = closedObject(
  {
    id: {
      enum: [
        'documents',
        'blobs',
        'layers',
        'packaged-files',
        'configuration-files',
        'unowned-programs',
        'metadata',
        'unowned-files',
        'locked-packages',
        'locked-files',
        'generated-files',
        'image-below',
        'own-files',
        'settings',
        'nothing-else',
        'papers',
        'provenance',
        'locked-materials',
        'releases',
        'listed-packages',
        'provenance-files',
        'image-signature',
        'paper-signatures',
      ],
    },
    status: { enum: ['proven', 'failed', 'unproven'], description: 'Unproven: nothing speaks against it.' },
    platform: { ...text, description: 'linux/amd64; missing where it speaks of all.' },
    claim: { ...text, description: 'What is claimed.' },
    by: { ...text, description: 'The evidence by which it was held, with its limits.' },
    reason: { ...text, description: 'Why it is not proven.' },
    counts: closedObject({ proven: wholeNumber, failed: wholeNumber, unproven: wholeNumber }),
    details: {
      type: 'array',
      items: detailSchema,
      description: 'What failed, what is not proven, notes; 10,000 of each at most.',
    },
  },
  ['platform', 'reason'],
);

/** `slimimage verify --format json`; published in schema/. */
export const verifySchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:verify',
  title: 'slimimage verify --format json',
  description: 'What of an image is proven, by what, and what is not.',
  ...closedObject(
    {
      image: { ...text, description: 'The name under which it was opened.' },
      digest: {
        type: 'string',
        pattern: '^sha256:[0-9a-f]{64}$',
        description: 'Missing where the form keeps no digests.',
      },
      verified: { type: 'boolean', description: 'Nothing failed, and what --lock and --key ask for is proven.' },
      against: {
        type: 'array',
        items: { enum: ['lock', 'key'] },
        description:
          'By what beside the image itself its origin is proven. Empty: whoever made it could have made it so.',
      },
      claims: { type: 'array', items: claimSchema },
    },
    ['digest'],
  ),
};
