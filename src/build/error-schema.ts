/** JSON Schema of what commands print with `--format json` when they refuse; published in schema/. */
import { closedObject } from './answer-schemas.ts';
import { findingSchema } from './check/schema.ts';

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const position = { type: 'integer', minimum: 1 };
const conflicts = { type: 'array', items: { $ref: '#/definitions/conflict' } };

const relation = closedObject(
  {
    name: text,
    qualifier: text,
    operator: { enum: ['<<', '<=', '=', '>=', '>>'] },
    version: text,
  },
  ['qualifier', 'operator', 'version'],
);

const dependency = { type: 'array', items: relation, description: 'Alternatives.' };

const lookedElsewhere = {
  elsewhere: {
    type: 'array',
    items: closedObject({ suite: text, component: text, architecture: text, version: text, way: text }),
    description: 'Places that have it, and what to write to have it from there.',
  },
  unreachable: { ...texts, description: 'Places that could not be looked at, and why.' },
};
const looked = Object.keys(lookedElsewhere);

const clash = {
  a: { ...text, description: 'NAME VERSION of the package that declares relation.' },
  b: { ...text, description: 'NAME VERSION of the one that falls under it.' },
  relation,
  kind: { enum: ['conflicts', 'breaks', 'versions'] },
  chainA: { ...texts, description: 'From a request down to a; empty where it is installed already.' },
  chainB: texts,
};

const rejection = closedObject(
  {
    candidate: { ...text, description: 'NAME VERSION, or the name alone of what no archive has.' },
    suite: text,
    reason: text,
    because: { ...text, description: 'The reason in words.' },
    causes: conflicts,
    found: closedObject(lookedElsewhere, looked),
  },
  ['suite', 'found'],
);

const conflict = {
  oneOf: [
    closedObject(
      {
        type: { const: 'unknown' },
        request: text,
        name: text,
        nearest: { ...texts, description: 'What may have been meant.' },
        base: { const: true },
        foreign: closedObject({ asked: text, ours: text }),
        ...lookedElsewhere,
      },
      ['base', 'foreign', ...looked],
    ),
    closedObject(
      { type: { const: 'virtual' }, request: text, name: text, providers: texts, usual: text, leftOut: texts },
      ['usual', 'leftOut'],
    ),
    closedObject(
      {
        type: { const: 'version' },
        request: text,
        name: text,
        wanted: closedObject({ version: text, suite: text }, ['version', 'suite']),
        available: texts,
        ...lookedElsewhere,
      },
      looked,
    ),
    closedObject(
      {
        type: { const: 'unmet' },
        needs: dependency,
        by: { ...text, description: 'NAME VERSION of the package that needs it.' },
        chain: { ...texts, description: 'From the request down to by.' },
        rejected: { type: 'array', items: rejection },
      },
      ['needs'],
    ),
    closedObject(
      {
        type: { const: 'clash' },
        ...clash,
        needsA: dependency,
        needsB: dependency,
        also: { type: 'array', items: closedObject(clash) },
      },
      ['needsA', 'needsB', 'also'],
    ),
  ],
};

const problem = closedObject(
  {
    code: text,
    file: { ...text, description: 'Or the flag.' },
    line: position,
    column: position,
    path: { ...text, description: 'The key; empty for the document.' },
    message: text,
    hint: text,
    excerpt: text,
  },
  ['line', 'column', 'hint', 'excerpt'],
);

export const errorSchema: Readonly<Record<string, unknown>> = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:error',
  title: 'slimimage --format json, where it refuses',
  description: 'What failed, and what to do next. The exit status is not 0.',
  ...closedObject({
    error: {
      ...closedObject(
        {
          code: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$', description: 'For scripts: it does not change.' },
          message: { ...text, description: 'For people; may have several lines.' },
          hint: { ...text, description: 'What to do next.' },
          problems: { type: 'array', items: problem, description: 'Every mistake of a configuration.' },
          platform: { ...text, description: 'linux/amd64: for which there is no answer.' },
          conflicts: { ...conflicts, description: 'Why there is no answer: a tree.' },
          findings: { type: 'array', items: findingSchema, description: 'What would keep the image from running.' },
          status: { type: 'integer', description: 'Of an HTTP server.' },
          retryable: { type: 'boolean', description: 'Whether the same may work a little later.' },
          retryAfterMs: { type: 'number', minimum: 0 },
          causes: { ...texts, description: 'What led to it.' },
        },
        ['hint', 'problems', 'platform', 'conflicts', 'findings', 'status', 'retryable', 'retryAfterMs', 'causes'],
      ),
    },
  }),
  definitions: { conflict },
};
