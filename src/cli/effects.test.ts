import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { effectsSchema } from '../build/effects-schema.ts';
import type { ImageSpec, ScriptEffects } from '../index.ts';
import { runCaptured } from './testing.ts';

const about = { package: 'web', script: 'postinst' } as const;
const line = { certainty: 'runs', paths: [] } as const;
const answer: ScriptEffects = {
  platform: 'linux/amd64',
  packages: [
    { name: 'lib', version: '1.0', architecture: 'amd64', verdict: 'nothing', scripts: [] },
    {
      name: 'web',
      version: '2.0',
      architecture: 'all',
      verdict: 'not-reproduced',
      scripts: [
        {
          ...about,
          verdict: 'not-reproduced',
          lines: [
            { ...line, line: 3, text: 'adduser --system web', verdict: 'covered', because: 'accounts' },
            {
              ...line,
              line: 12,
              text: 'frobnicate',
              certainty: 'may-run',
              verdict: 'not-reproduced',
              because: 'unknown command frobnicate',
            },
          ],
        },
      ],
    },
  ],
};

test('every line that does something is shown, with what becomes of it', async () => {
  const asked: string[] = [];
  const explainScripts = async (spec: unknown) => {
    const { from, packages } = spec as ImageSpec;
    asked.push(`${from ?? ''} ${packages.join(' ')}`.trim());
    return answer;
  };
  const { stdout } = await runCaptured(['effects', 'web', 'lib'], { api: { explainScripts } });
  assert.equal(
    stdout,
    `lib 1.0: no maintainer scripts

web 2.0: not reproduced
  postinst: not reproduced
     3  covered         accounts                    adduser --system web
    12  not reproduced  unknown command frobnicate  (perhaps) frobnicate
`,
  );
  assert.deepEqual(asked, ['debian/trixie web lib']);
});

test('as JSON it follows its schema', async () => {
  const { stdout } = await runCaptured(['effects', 'web', '--format', 'json'], {
    api: { explainScripts: async () => answer },
  });
  const validate = new Ajv({ strict: true }).compile(effectsSchema);
  assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
});
