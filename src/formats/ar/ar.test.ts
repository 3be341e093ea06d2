import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import type { ArMember } from './header.ts';
import { ArReader, type ArReaderOptions } from './reader.ts';

function member(
  name: string,
  content: string,
  fields: { readonly size?: string; readonly magic?: string } = {},
): string {
  const size = fields.size ?? String(content.length);
  const header = `${name.padEnd(16)}${'1700000000'.padEnd(12)}${'0'.padEnd(6)}${''.padEnd(6)}${'100644'.padEnd(8)}${size.padEnd(10)}`;
  return `${header}${fields.magic ?? '`\n'}${content}${content.length % 2 === 1 ? '\n' : ''}`;
}

function read(bytes: Uint8Array, options: ArReaderOptions & { readonly chunkSize?: number } = {}) {
  const found: { member: ArMember; content: string; ended: boolean }[] = [];
  const reader = new ArReader(
    {
      entry: (entry) => found.push({ member: entry, content: '', ended: false }),
      data: (slice) => {
        const last = found.at(-1);
        if (last !== undefined) last.content += Buffer.from(slice).toString('latin1');
      },
      entryEnd: () => {
        const last = found.at(-1);
        if (last !== undefined) last.ended = true;
      },
    },
    options,
  );
  const chunkSize = options.chunkSize ?? Math.max(bytes.length, 1);
  for (let at = 0; at < bytes.length; at += chunkSize) reader.push(bytes.subarray(at, at + chunkSize));
  reader.end();
  return found;
}

describe('what is read', () => {
  const bytes = Buffer.from(
    `!<arch>\n${member('debian-binary', '2.0\n')}${member('odd/', 'abc')}${member('empty', '')}`,
  );
  for (const chunkSize of [1, 3, 60, 61, 1000]) {
    test(`members in chunks of ${chunkSize}`, () => {
      const found = read(bytes, { chunkSize });
      assert.deepEqual(
        found.map(({ member: { name, size, offset }, content, ended }) => [name, size, offset, content, ended]),
        [
          ['debian-binary', 4, 68, '2.0\n', true],
          ['odd', 3, 132, 'abc', true],
          ['empty', 0, 196, '', true],
        ],
      );
      assert.deepEqual(
        [found[1]?.member.mtime, found[1]?.member.gid, found[1]?.member.mode],
        [1700000000, 0, 0o100644],
      );
    });
  }

  test('a last member without its padding', () => {
    assert.equal(read(Buffer.from(`!<arch>\n${member('a', 'abc')}`).subarray(0, -1)).length, 1);
  });

  test('what ar writes', { skip: spawnSync('ar', ['--version']).status === 0 ? false : 'ar is missing' }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'slimimage-ar-'));
    try {
      writeFileSync(join(folder, 'debian-binary'), '2.0\n');
      writeFileSync(join(folder, 'data.tar.xz'), 'x'.repeat(1001));
      const made = spawnSync('ar', ['qc', 'x.deb', 'debian-binary', 'data.tar.xz'], { cwd: folder });
      assert.equal(made.status, 0, String(made.stderr));
      const found = read(readFileSync(join(folder, 'x.deb')));
      assert.deepEqual(
        found.map(({ member: { name }, content: { length } }) => [name, length]),
        [
          ['debian-binary', 4],
          ['data.tar.xz', 1001],
        ],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /deb: not an ar file/],
    ['another format', 'PK\x03\x04....', /not an ar file/],
    ['half a magic number', '!<arc', /not an ar file/],
    ['half a header', `!<arch>\n${member('a', '').slice(0, 30)}`, /cut off in its header/],
    ['cut content', `!<arch>\n${member('a', 'abcd').slice(0, -1)}`, /cut off in a/],
    ['no header where one must be', `!<arch>\n${member('a', 'ab', { magic: 'xx' })}`, /byte 8: not a member header/],
    ['a size that is no number', `!<arch>\n${member('a', '', { size: '-1' })}`, /size is no number/],
    ['no size', `!<arch>\n${member('a', '', { size: '' })}`, /size is no number/],
    ['a GNU table of long names', `!<arch>\n${member('//', 'long/\n')}`, /the name "\/\/"/],
    ['a symbol table', `!<arch>\n${member('/', 'abcd')}`, /the name "\/"/],
    ['a long name of BSD', `!<arch>\n${member('#1/4', 'nameabcd')}`, /the name "#1\/4"/],
    ['a path as name', `!<arch>\n${member('../x', 'abcd')}`, /the name "..\/x"/],
    ['an empty name', `!<arch>\n${member('', 'abcd')}`, /the name ""/],
  ];
  for (const [name, text, pattern] of cases) {
    test(name, () => {
      assert.throws(
        () => read(Buffer.from(text, 'latin1'), { what: 'deb' }),
        (error) => isSlimimageError(error, 'AR_INVALID') && pattern.test(error.message),
      );
    });
  }

  test('more members than the limit', () => {
    const bytes = Buffer.from(`!<arch>\n${member('a', '').repeat(4)}`);
    assert.throws(
      () => read(bytes, { members: 3 }),
      (error) => isSlimimageError(error, 'LIMIT_EXCEEDED'),
    );
  });
});

test('any bytes: members or a typed error, never more content than input', () => {
  const pieces = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('a', 'debian-binary', 'x/', '//'),
        fc.string({ maxLength: 5 }),
        fc.constantFrom('', '1', '9999999999', '-3'),
      )
      .map(([name, content, size]) => member(name, content, size === '' ? {} : { size })),
    fc.string({ unit: 'binary-ascii', maxLength: 80 }),
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 4 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 90 }),
      (parts, magic, chunkSize) => {
        const bytes = Buffer.from((magic ? '!<arch>\n' : '') + parts.join(''), 'latin1');
        try {
          const found = read(bytes, { chunkSize });
          const total = found.reduce((sum, { content }) => sum + content.length, 0);
          assert(total <= bytes.length);
          assert(found.every(({ member: { size }, content, ended }) => ended && content.length === size));
        } catch (error) {
          assert(isSlimimageError(error), String(error));
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
