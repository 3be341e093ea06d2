import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { parseAllowList } from './allow-list.ts';

test('an allow-list is a list of entries', () => {
  const text = `
- rule: setuid-file
  path: /usr/bin/sudo
  because: administrators use it
  until: 2027-06-30
- { rule: secret-in-env, subject: TOKEN, package: x, because: public }
`;
  assert.deepEqual(parseAllowList(text, 'a.yaml'), [
    {
      rule: 'setuid-file',
      path: '/usr/bin/sudo',
      package: undefined,
      subject: undefined,
      because: 'administrators use it',
      until: '2027-06-30',
    },
    { rule: 'secret-in-env', path: undefined, package: 'x', subject: 'TOKEN', because: 'public', until: undefined },
  ]);
  for (const empty of ['', '\n', '# nothing yet\n', '[]']) assert.deepEqual(parseAllowList(empty, 'a.yaml'), []);
});

const refused: readonly (readonly [string, RegExp])[] = [
  [
    '- rule: setuid-fil\n  because: x',
    /^a\.yaml:1:9: \[0\]\.rule: there is no rule "setuid-fil"[\s\S]*Did you mean setuid-file\?/,
  ],
  [
    '- rule: shell\n  becuse: x',
    /^a\.yaml:1:3: \[0\]: because: is missing[\s\S]*a\.yaml:2:3: .*no key "becuse"[\s\S]*Did you mean because\?/,
  ],
  ['- rule: shell', /^a\.yaml:1:3: \[0\]: because: is missing/],
  ['- rule: shell\n  because: ""', /^a\.yaml:2:12: .*expected a text/],
  ['- rule: shell\n  because: x\n  path: bin/sh', /^a\.yaml:3:9: .*expected an absolute path/],
  ['- rule: shell\n  because: x\n  until: 2027-02-30', /^a\.yaml:3:10: .*expected a date such as 2027-06-30/],
  ['- rule: shell\n  because: x\n  until: soon', /^a\.yaml:3:10: .*expected a date/],
  ['rule: shell', /^a\.yaml:1:1: expected a list of entries/],
  ['- shell', /^a\.yaml:1:3: \[0\]: expected a map/],
  ['- [', /^a\.yaml:/],
];
for (const [text, message] of refused) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseAllowList(text, 'a.yaml'),
      (error) => isSlimimageError(error) && error.exitStatus === 2 && message.test(error.message),
    );
  });
}
