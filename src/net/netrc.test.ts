import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseNetrc } from './netrc.ts';

/** `machine login password` a line, for comparison. */
function picture(text: string): string[] {
  return parseNetrc(text).entries.map(
    ({ machine, login, password }) => `${machine ?? '*'} ${login ?? '-'} ${password?.reveal() ?? '-'}`,
  );
}

test('entries on one line or several, in any order of fields', () => {
  assert.deepEqual(picture('machine a.org login me password 1\nmachine b.org\n\tpassword 2\r\n  login you\n'), [
    'a.org me 1',
    'b.org you 2',
  ]);
  assert.deepEqual(picture('machine a.org password only default login anonymous password guest'), [
    'a.org - only',
    '* anonymous guest',
  ]);
  assert.deepEqual(picture(''), []);
});

test('comments, macros and accounts are passed over', () => {
  assert.deepEqual(
    picture(
      '# machine no.org login x\nmachine a.org login me # mine\nmacdef init\nmachine no.org\nput x\n\npassword 1',
    ),
    ['a.org me 1'],
  );
  assert.deepEqual(picture('machine a.org account x login me password 1'), ['a.org me 1']);
});

test('a value may look like a keyword or a comment', () => {
  assert.deepEqual(picture('machine a.org login machine password #1\nmachine macdef login default password macdef'), [
    'a.org machine #1',
    'macdef default macdef',
  ]);
});

test('values in quotation marks, as curl reads them', () => {
  assert.deepEqual(picture('machine a.org login "me too" password "a\\"b\\\\c\\td # e"'), [
    'a.org me too a"b\\c\td # e',
  ]);
  assert.deepEqual(parseNetrc('machine a.org password "open').problems, ['line 1: a quotation mark is not closed']);
});

test('the first value of a field counts', () => {
  assert.deepEqual(picture('machine a.org login me login you password 1 password 2'), ['a.org me 1']);
});

test('what is wrong is told by line, without a word of the file', () => {
  const { entries, problems } = parseNetrc('password hunter2\nmachine a.org\nlogin me pasword hunter2\nmachine');
  assert.equal(entries.length, 1);
  assert.deepEqual(problems, [
    'line 1: "password" before any "machine"',
    'line 3: a word that is none of machine, default, login, password, account, macdef',
    'line 3: a word that is none of machine, default, login, password, account, macdef',
    'the last line: "machine" without a value',
  ]);
});

test('entries written down are read back; any text at all is survived, and no password shows', () => {
  const word = fc.stringMatching(/^[!-~]{1,12}$/).filter((text) => !text.startsWith('"'));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { maxLength: 5 }), (entries) => {
      const text = entries.map(([m, l, p]) => `machine ${m} login ${l}\n password ${p}`).join('\n');
      assert.deepEqual(
        picture(text),
        entries.map((entry) => entry.join(' ')),
      );
    }),
  );
  const token = fc.constantFrom(
    'machine',
    'login',
    'password',
    'default',
    'macdef',
    '"',
    '\\',
    '#',
    '\n',
    ' ',
    'x',
    '\0',
    '\u{1f511}',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 200 }),
        fc.array(token, { maxLength: 60 }).map((all) => all.join(' ')),
      ),
      (text) => {
        const parsed = parseNetrc(text);
        assert.ok(parsed.entries.length + parsed.problems.length <= 2 * text.length);
        assert.doesNotThrow(() => JSON.stringify(parsed));
      },
    ),
    { numRuns: 10_000 },
  );
});
