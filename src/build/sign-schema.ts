/** JSON Schema of `slimimage sign --format json`; published in schema/. */
import { closedObject } from './answer-schemas.ts';

const text = { type: 'string' };
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };

export const signSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:sign',
  title: 'slimimage sign --format json',
  description: 'What of an image is signed by a key.',
  ...closedObject({
    digest: { ...digest, description: 'Of the image that was named.' },
    key: closedObject({
      scheme: { ...text, description: 'How it signs: ecdsa-p256-sha256, ed25519, ...' },
      hint: { ...text, description: 'sha256 of the public key as DER, in base64: what a bundle calls it.' },
      publicKey: { ...text, description: 'PEM, as cosign verify --key takes it.' },
    }),
    signatures: {
      type: 'array',
      description: 'The image first, then its platforms; of each its own signature, then those of its papers.',
      items: closedObject(
        {
          subject: { ...digest, description: 'What is spoken of.' },
          platform: { ...text, description: 'linux/amd64; missing for what is no part of an index.' },
          predicateType: { ...text, description: 'What is said of it.' },
          referrer: { ...digest, description: 'The manifest that keeps the signature.' },
          outcome: { enum: ['signed', 'present'], description: 'present: the key had signed the same before.' },
        },
        ['platform'],
      ),
    },
  }),
};
