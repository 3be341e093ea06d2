/** JSON Schema of `slimimage catalog --format json`; published in schema/. */
import { closedObject } from './answer-schemas.ts';

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const wholeNumber = { type: 'integer', minimum: 0 };

export const catalogSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:catalog',
  title: 'slimimage catalog --format json',
  description: 'The images that slimimage brings, ready to build or to extend.',
  type: 'array',
  items: closedObject(
    {
      name: text,
      reference: { ...text, description: 'What build and extends take: catalog/nginx' },
      debug: { ...text, description: 'The same with a shell as the entrypoint: catalog/nginx-debug' },
      title: { ...text, description: 'What it is for.' },
      packages: { ...texts, description: 'As requested; their dependencies come along.' },
      user: text,
      ports: texts,
      volumes: texts,
      size: {
        ...closedObject({
          packages: { ...wholeNumber, description: 'With dependencies.' },
          bytes: { ...wholeNumber, description: 'Of all files, as docker images counts them.' },
        }),
        description: 'As measured for linux/amd64 when this version of slimimage was made.',
      },
    },
    ['size'],
  ),
};
