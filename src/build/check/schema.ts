import { closedObject } from '../answer-schemas.ts';

const text = { type: 'string' };
const wholeNumber = { type: 'integer', minimum: 0 };

/** A finding as answers and refusals have it. */
export const findingSchema = closedObject(
  {
    type: {
      enum: [
        'library',
        'symbol-version',
        'architecture',
        'interpreter',
        'entrypoint',
        'permission',
        'dangling-link',
        'damaged',
      ],
    },
    severity: { enum: ['error', 'warning'] },
    path: { ...text, description: 'Of the file that can not work.' },
    package: { ...text, description: 'Whose file it is.' },
    missing: { ...text, description: 'What it lacks, as allow: names it.' },
    message: text,
    chain: { type: 'array', items: text, description: 'From what lacks it to what was asked for.' },
    fix: { ...text, description: 'What to add or change.' },
    allowed: { ...text, description: 'The reason in allow: that lets it pass.' },
  },
  ['package', 'fix', 'allowed'],
);

/** `slimimage check --format json`; published in schema/. */
export const checkSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:check',
  title: 'slimimage check --format json',
  description: 'Whether an image would run, and what is wrong with it.',
  ...closedObject(
    {
      image: { ...text, description: 'The name under which it was opened.' },
      platform: { ...text, description: 'linux/amd64; missing for a bare file tree.' },
      sound: { type: 'boolean', description: 'False: something is an error.' },
      findings: { type: 'array', items: findingSchema, description: 'Errors first, then by path.' },
      checked: closedObject({ elf: wholeNumber, scripts: wholeNumber, links: wholeNumber }),
    },
    ['platform'],
  ),
};
