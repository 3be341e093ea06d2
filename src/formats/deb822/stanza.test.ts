import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { formatStanza, parseStanza, parseStanzas } from './stanza.ts';

test('fields keep their order and are found without regard to case', () => {
  const stanza = parseStanza('Package: a\nVERSION:1\nDescription: short\n long\n .\n\tmore \nEmpty:\n');
  assert.deepEqual(stanza.fields, [
    { name: 'Package', value: 'a' },
    { name: 'VERSION', value: '1' },
    { name: 'Description', value: 'short\n long\n .\n\tmore' },
    { name: 'Empty', value: '' },
  ]);
  assert.equal(stanza.get('version'), '1');
  assert.equal(stanza.get('none'), undefined);
});

test('lists of lines', () => {
  const stanza = parseStanza('SHA256:\n aa 1 x\n bb 2 y\nTag: z\n');
  assert.deepEqual(stanza.lines('sha256'), ['aa 1 x', 'bb 2 y']);
  assert.deepEqual([stanza.lines('Tag'), stanza.lines('none')], [['z'], []]);
});

test('stanzas are separated by any number of blank lines; CRLF is read', () => {
  const names = (text: string) => parseStanzas(text).map((stanza) => stanza.get('P'));
  assert.deepEqual(names('\n\nP: a\n\n\n \t\nP: b'), ['a', 'b']);
  assert.deepEqual(names('P: a\r\n\r\nP: b\r\n'), ['a', 'b']);
  assert.deepEqual(names(''), []);
});

test('comments only where they are legal', () => {
  assert.equal(parseStanza('# note\nA: 1\n# inside\n 2\n', { comments: true }).get('a'), '1\n 2');
  assert.throws(
    () => parseStanza('# note\nA: 1\n'),
    (error) => isSlimimageError(error, 'DEB822_INVALID'),
  );
});

test('what is no stanza is refused, with the line', () => {
  const refusals: Record<string, RegExp> = {
    '': /no fields/,
    'A: 1\n\nB: 2\n': /blank line/,
    ' A: 1\n': /continues no field in line 1/,
    'A: 1\nno colon\n': /line 2/,
    'A: 1\na: 2\n': /twice/,
    '-A: 1\n': /no field name/,
    'A B: 1\n': /no field name/,
    ': 1\n': /no field name/,
  };
  for (const [text, message] of Object.entries(refusals)) {
    assert.throws(
      () => parseStanza(text),
      (error) => isSlimimageError(error, 'DEB822_INVALID') && message.test(error.message),
      JSON.stringify(text),
    );
  }
});

test('a stanza above the limit is refused, a file of small ones is not', () => {
  const small = { limits: { stanzaBytes: 20 } };
  assert.equal(parseStanzas('A: 1\n\n'.repeat(100), small).length, 100);
  assert.throws(
    () => parseStanzas(`A: ${'x'.repeat(30)}`, small),
    (error) => isSlimimageError(error, 'LIMIT_EXCEEDED'),
  );
  assert.throws(
    () => parseStanzas(`A: 1\n${' x\n'.repeat(30)}`, small),
    (error) => isSlimimageError(error, 'LIMIT_EXCEEDED'),
  );
});

test('any bytes are read or refused, and what was read comes back', () => {
  const piece = fc.constantFrom('A', 'b-', ':', ' ', '\n', '\n\n', '\t', '#', '\r\n', 'x', '\u00e9', '\u0000', ' .');
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string(),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (input, comments) => {
      try {
        for (const stanza of parseStanzas(new TextEncoder().encode(input), { comments })) {
          assert.deepEqual(parseStanza(formatStanza(stanza.fields)).fields, stanza.fields);
        }
      } catch (error) {
        assert.ok(isSlimimageError(error, 'DEB822_INVALID'), String(error));
      }
    }),
    { numRuns: 10_000 },
  );
});
