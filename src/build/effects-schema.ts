import { closedObject } from './answer-schemas.ts';

const text = { type: 'string' };
const verdict = { enum: ['nothing', 'covered', 'irrelevant', 'not-reproduced'] };

const line = closedObject({
  line: { type: 'integer', minimum: 1, description: 'In the script as it is in the .deb.' },
  text: { ...text, description: 'The command as written, at most 200 characters.' },
  certainty: { enum: ['runs', 'may-run'], description: 'may-run: it hangs on a condition that nobody knows before.' },
  verdict,
  because: { ...text, description: 'The rule that judged it.' },
  paths: { type: 'array', items: text, description: 'Absolute paths that it would make, change or remove.' },
});

const script = closedObject({
  package: text,
  script: { enum: ['preinst', 'postinst', 'config', 'triggers'] },
  verdict,
  lines: { type: 'array', items: line, description: 'Those that do something, in the order of the script.' },
});

/** The answer of `slimimage effects --format json`. */
export const effectsSchema: Readonly<Record<string, unknown>> = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:slimimage:schema:effects',
  title: 'slimimage effects --format json',
  description: 'What becomes of the maintainer scripts of packages.',
  ...closedObject({
    platform: { ...text, description: 'linux/amd64' },
    packages: {
      type: 'array',
      description: 'Those that were asked for, sorted by name.',
      items: closedObject({
        name: text,
        version: text,
        architecture: { ...text, description: "Debian's name, or all." },
        verdict: { ...verdict, description: 'Of its worst script.' },
        scripts: { type: 'array', items: script, description: 'In the order in which they run.' },
      }),
    },
  }),
};
