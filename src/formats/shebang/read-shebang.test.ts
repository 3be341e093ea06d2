import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeUtf8 } from '../../util/text.ts';
import { parseShebang, readShebang } from './read-shebang.ts';

test('the text after #! is read as the kernel reads it', () => {
  const read = (text: string) => readShebang(encodeUtf8(text));
  assert.equal(read('#!/bin/sh\necho'), '/bin/sh');
  assert.equal(read('#! \t/usr/bin/perl -w \nx'), '/usr/bin/perl -w');
  assert.equal(read('#!/bin/sh'), '/bin/sh');
  assert.equal(read('#!/bin/sh\r\n'), '/bin/sh\r', 'a carriage return is part of the path, and the kernel fails on it');
  assert.equal(read('#!\n'), undefined);
  assert.equal(read('#! \0\0\0'), undefined);
  assert.equal(read('# comment'), undefined);
  assert.equal(read(''), undefined);
  assert.equal(read(`#!/bin/${'x'.repeat(400)}\n`)?.length, 254);
});

test('interpreter, argument and the program that is meant', () => {
  assert.deepEqual(parseShebang('/bin/sh'), { interpreter: '/bin/sh', argument: undefined, program: '/bin/sh' });
  assert.deepEqual(parseShebang('/usr/bin/perl -w -T'), {
    interpreter: '/usr/bin/perl',
    argument: '-w -T',
    program: '/usr/bin/perl',
  });
  const program = (text: string) => parseShebang(text).program;
  assert.equal(program('/usr/bin/env python3'), 'python3');
  assert.equal(program('/usr/bin/env -S node --no-warnings'), 'node');
  assert.equal(program('/usr/bin/env LANG=C perl'), 'perl');
  assert.equal(program('/usr/bin/env'), '/usr/bin/env');
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
      const start = new Uint8Array(tail.length + 2);
      start.set([0x23, 0x21]);
      start.set(tail, 2);
      const text = readShebang(start);
      assert.ok(text === undefined || parseShebang(text).program.length > 0);
    }),
    { numRuns: 10_000 },
  );
});
