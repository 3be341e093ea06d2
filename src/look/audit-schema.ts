import { closedObject } from '../build/answer-schemas.ts';

const text = { type: 'string' };
const wholeNumber = { type: 'integer', minimum: 0 };
const level = { enum: ['error', 'warning', 'info'] };
const day = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' };

const ruleSchema = closedObject({
  id: { ...text, description: 'Stable, as --only and allow-lists name it.' },
  level,
  title: { ...text, description: 'What it looks for.' },
  reason: { ...text, description: 'Why that matters.' },
  fix: { ...text, description: 'What to do about it.' },
  references: { type: 'array', items: text, description: 'Ids of CIS, dockle and CWE.' },
});

export const auditFindingSchema = closedObject(
  {
    rule: text,
    level: { ...level, description: "The rule's, or another where it counts for less or more there." },
    message: text,
    path: { ...text, description: 'Absolute, in the image.' },
    line: { type: 'integer', minimum: 1 },
    subject: { ...text, description: 'A variable, a label, an account, a port.' },
    package: { ...text, description: 'Whose file it is.' },
    layer: { type: 'integer', minimum: 1, description: 'The layer that wrote it, 1 the lowest.' },
    allowed: closedObject({ because: text, until: day }, ['until']),
  },
  ['path', 'line', 'subject', 'package', 'layer', 'allowed'],
);

const allowanceSchema = closedObject(
  {
    rule: text,
    path: { ...text, description: 'Pattern for absolute paths.' },
    package: text,
    subject: text,
    because: text,
    until: day,
    state: { enum: ['used', 'unused', 'expired'] },
    findings: { ...wholeNumber, description: 'How many it fits.' },
  },
  ['path', 'package', 'subject', 'until'],
);

const omittedSchema = closedObject({ rule: text, level, allowed: { type: 'boolean' }, count: wholeNumber });

/** `slimimage audit --rules --format json`; published in schema/. */
export const auditRulesSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:audit-rules',
  title: 'slimimage audit --rules --format json',
  description: 'What an audit looks for.',
  ...closedObject({ rules: { type: 'array', items: ruleSchema, description: 'Every rule, those of errors first.' } }),
};

/** `slimimage audit --format json`; published in schema/. */
export const auditSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:audit',
  title: 'slimimage audit --format json',
  description: 'What is wrong with an image, with the reason for every finding.',
  ...closedObject(
    {
      image: { ...text, description: 'The name under which it was opened.' },
      platform: { ...text, description: 'linux/amd64; missing for a bare file tree.' },
      findings: { type: 'array', items: auditFindingSchema, description: 'By level, then rule, then path.' },
      omitted: { type: 'array', items: omittedSchema, description: 'Rules that found more at a level than is listed.' },
      allowances: { type: 'array', items: allowanceSchema, description: 'The allow-list, and what became of it.' },
      rules: { type: 'array', items: ruleSchema, description: 'Every rule that was asked.' },
      counts: {
        ...closedObject({ error: wholeNumber, warning: wholeNumber, info: wholeNumber }),
        description: 'Findings that are not allowed.',
      },
    },
    ['platform'],
  ),
};
