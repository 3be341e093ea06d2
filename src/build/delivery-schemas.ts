/** JSON Schemas of `slimimage copy` and `slimimage tags` with `--format json`; published in schema/. */
import { closedObject } from './answer-schemas.ts';

const text = { type: 'string' };
const wholeNumber = { type: 'integer', minimum: 0 };
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };

export const copySchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:copy',
  title: 'slimimage copy --format json',
  description: 'What was copied, and how it came there.',
  ...closedObject(
    {
      reference: { ...text, description: 'Where the image is now, without digest.' },
      digest: { ...digest, description: 'Of the manifest or index that was copied.' },
      mediaType: text,
      platforms: { type: 'array', items: text, description: 'Of the images that were copied: linux/amd64' },
      blobs: {
        ...closedObject({
          sent: wholeNumber,
          layers: {
            ...wholeNumber,
            description: 'Of those sent; the others are configurations, papers, manifests and indexes.',
          },
          skipped: { ...wholeNumber, description: 'They were there.' },
          mounted: { ...wholeNumber, description: 'The registry took them over from another repository of its own.' },
        }),
        description: 'Blobs and documents; missing for forms that are written anew as a whole.',
      },
      bytes: { ...wholeNumber, description: 'Sent or written; missing where nobody knows.' },
      referrers: { ...wholeNumber, description: 'SBOMs, provenance, signatures that went along.' },
      note: { ...text, description: 'What the form cannot carry.' },
    },
    ['blobs', 'bytes', 'note'],
  ),
};

export const tagsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:tags',
  title: 'slimimage tags --format json',
  description: 'The tags of a repository, or with --delete what was removed from it.',
  oneOf: [
    closedObject({
      repository: { ...text, description: 'registry.example/team/app' },
      tags: { type: 'array', items: text, description: 'In code-unit order.' },
      referrerTags: {
        type: 'array',
        items: text,
        description: 'sha256-HEX: what is attached to an image, where the registry keeps no lists of that.',
      },
    }),
    closedObject({
      repository: text,
      deleted: { ...text, description: 'The tag, or the digest of the image that went with all of its tags.' },
    }),
  ],
};
