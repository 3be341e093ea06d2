import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { SaxesParser } from 'saxes';
import { found } from '../../test/support/audited.ts';
import { decodeByteText } from '../util/byte-text.ts';
import { fails } from './fail-level.ts';
import { junitOf } from './junit.ts';
import { sarifOf } from './sarif.ts';

const wild = decodeByteText(Uint8Array.of(0x6f, 0xff, 0x20, 0x3c, 0x26, 0x22, 0x1b, 0x3a));
const allow = [
  {
    rule: 'setuid-file',
    path: '/opt/allowed',
    package: undefined,
    subject: undefined,
    because: 'a <test>',
    until: '2027-01-01',
  },
];
const { report } = found(
  [
    {
      [`opt/${wild}`]: { mode: 0o666 },
      'opt/allowed': { mode: 0o4755 },
      'etc/passwd': 'root:x:0:0::/:\ntoor:x:0:0::/:\n',
      'usr/bin/sh': { elf: {} },
    },
  ],
  { allow, today: '2026-06-30', name: 'docker://r.example:5000/a b:1', runtime: {} },
);

describe('SARIF', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../test/schemas/sarif-2.1.0.schema.json', import.meta.url), 'utf8'),
  );
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, formats: fullFormats });
  // Draft 4 but for its name: what it uses means the same in draft 7.
  const { $schema: _, id: __, ...rules } = schema;
  const validate = ajv.compile(rules);
  const document = JSON.parse(JSON.stringify(sarifOf(report, { version: '1.2.3' })));

  test('is what the schema of OASIS wants', () => {
    validate(document);
    assert.deepEqual(validate.errors, null);
    assert.equal(validate({ ...document, version: '2.0' }), false);
  });

  test('places results in the image, by their bytes, and what has no path at the image', () => {
    const places = document.runs[0].results.map(
      (result: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        `${result.ruleId} ${result.locations[0]?.physicalLocation.artifactLocation.uri}`,
    );
    assert.ok(places.includes('world-writable-file opt/o%FF%20%3C%26%22%1B%3A'));
    assert.ok(places.includes('root-user docker%3A//r.example%3A5000/a%20b%3A1'));
  });

  test('has levels, lines, every rule, and what is allowed as suppressed', () => {
    const [run] = document.runs;
    const of = (rule: string) => run.results.find(({ ruleId }: { ruleId: string }) => ruleId === rule);
    assert.equal(of('second-root').level, 'error');
    assert.equal(of('second-root').locations[0].physicalLocation.region.startLine, 2);
    assert.equal(of('shell').level, 'note');
    assert.equal(run.tool.driver.rules[of('shell').ruleIndex].id, 'shell');
    assert.deepEqual(of('setuid-file').suppressions, [
      { kind: 'external', justification: 'a <test> (until 2027-01-01)' },
    ]);
    assert.equal(run.tool.driver.rules.length, report.rules.length);
  });

  test('knows a finding again by what it is about', () => {
    const prints = document.runs[0].results.map((result: { partialFingerprints: object }) =>
      JSON.stringify(result.partialFingerprints),
    );
    assert.equal(new Set(prints).size, prints.length);
  });
});

describe('JUnit', () => {
  function read(failOn: Parameters<typeof junitOf>[1]['failOn']) {
    const parser = new SaxesParser();
    const failed: string[] = [];
    const cases: string[] = [];
    let suite: Readonly<Record<string, string>> = {};
    parser.on('opentag', ({ name, attributes }) => {
      if (name === 'testsuite') suite = attributes as Record<string, string>;
      if (name === 'testcase') cases.push(String(attributes['name']));
      if (name === 'failure') failed.push(cases.at(-1) ?? '');
    });
    parser.on('error', (error) => assert.fail(error));
    parser.write(junitOf(report, { failOn })).close();
    return { failed, cases, suite };
  }

  test('is well-formed, with a case for each rule', () => {
    const { cases, suite } = read('error');
    assert.equal(cases.length, report.rules.length);
    assert.equal(suite['tests'], String(cases.length));
    assert.equal(suite['failures'], '1');
  });

  test('fails from the level on, and not for what is allowed', () => {
    assert.deepEqual(read('error').failed, ['second-root']);
    assert.deepEqual(read('warning').failed, ['root-user', 'second-root', 'world-writable-file']);
    assert.ok(read('info').failed.includes('shell'));
    assert.deepEqual(read('none').failed, []);
  });

  test('the exit status goes the same way', () => {
    const counts = { error: 0, warning: 1, info: 0 };
    assert.deepEqual(
      (['error', 'warning', 'info', 'none'] as const).map((level) => fails({ counts }, level)),
      [false, true, true, false],
    );
  });
});
