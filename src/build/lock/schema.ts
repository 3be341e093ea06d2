import { closedObject } from '../answer-schemas.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const file = { ...text, description: 'Absolute path of the lock.' };

const written = closedObject({
  file,
  digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$', description: 'Of the file.' },
  changed: { type: 'boolean', description: 'False where the file said the same already.' },
  lock: { $ref: 'urn:slimimage:schema:lock' },
  warnings: { type: 'array', items: closedObject({ message: text, hint: text }, ['hint']) },
  timings: { type: 'array', items: closedObject({ phase: text, milliseconds: { type: 'integer', minimum: 0 } }) },
});

const check = closedObject({
  file,
  fits: { type: 'boolean', description: 'Whether the lock is there and fits the configuration.' },
  differences: { type: 'array', items: text, description: 'Why not, one line each.' },
});

export const lockAnswerSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:lock-answer',
  title: 'slimimage lock --format json',
  description: 'What was written, or with --check whether the lock fits.',
  oneOf: [written, check],
};
