import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { detectCompression } from '../compression/detect.ts';
import { locateDebParts } from './locate.ts';
import { DebMembers } from './members.ts';

type Member = readonly [name: string, content: string];
const version: Member = ['debian-binary', '2.0\n'];
const control: Member = ['control.tar.xz', 'control'];
const data: Member = ['data.tar.zst', 'data!'];

function ar(members: readonly Member[]): Uint8Array {
  const parts = members.map(([name, content]) => {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
    return `${header}${content}${content.length % 2 === 1 ? '\n' : ''}`;
  });
  return encodeUtf8(`!<arch>\n${parts.join('')}`);
}

function locate(bytes: Uint8Array) {
  return locateDebParts({
    what: 'x.deb',
    size: bytes.length,
    read: (offset, length) => {
      assert(offset >= 0 && length >= 0 && offset + length <= bytes.length, `read ${length} at ${offset}`);
      return bytes.subarray(offset, offset + length);
    },
  });
}

function contents(bytes: Uint8Array): string[] {
  const parts = locate(bytes);
  return [parts.control, parts.data].map(
    ({ offset, size, compression }) =>
      `${compression}: ${Buffer.from(bytes).toString('latin1', offset, offset + size)}`,
  );
}

describe('where the tars are', () => {
  const cases: readonly (readonly [string, readonly Member[], readonly string[]])[] = [
    ['the usual order', [version, control, data], ['xz: control', 'zstd: data!']],
    ['a later minor version', [['debian-binary', '2.1\nmore\n'], control, data], ['xz: control', 'zstd: data!']],
    [
      'names with a slash at the end',
      [
        ['debian-binary/', '2.0\n'],
        ['control.tar.gz/', 'c'],
        ['data.tar/', 'd'],
      ],
      ['gzip: c', 'none: d'],
    ],
    [
      'underscored members',
      [version, ['_a', '1'], control, ['_b', '2'], data, ['_gpgorigin', '3']],
      ['xz: control', 'zstd: data!'],
    ],
    ['anything after data.tar', [version, control, data, ['future', 'x']], ['xz: control', 'zstd: data!']],
    ['bzip2', [version, ['control.tar', 'c'], ['data.tar.bz2', 'd']], ['none: c', 'bzip2: d']],
    ['lzma', [version, ['control.tar.zst', 'c'], ['data.tar.lzma', 'd']], ['zstd: c', 'lzma: d']],
  ];
  for (const [name, members, expected] of cases) {
    test(name, () => assert.deepEqual(contents(ar(members)), expected));
  }

  test('what dpkg-deb builds', {
    skip: spawnSync('dpkg-deb', ['--version']).status === 0 ? false : 'dpkg-deb is missing',
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'slimimage-deb-'));
    try {
      mkdirSync(join(folder, 'p/DEBIAN'), { recursive: true, mode: 0o755 });
      writeFileSync(
        join(folder, 'p/DEBIAN/control'),
        'Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m <m@example.org>\nDescription: d\n',
      );
      for (const type of ['xz', 'gzip', 'none']) {
        const file = join(folder, `${type}.deb`);
        const made = spawnSync('dpkg-deb', [
          '--root-owner-group',
          '--uniform-compression',
          `-Z${type}`,
          '-b',
          join(folder, 'p'),
          file,
        ]);
        assert.equal(made.status, 0, String(made.stderr));
        const bytes = readFileSync(file);
        const parts = locate(bytes);
        for (const part of [parts.control, parts.data]) {
          assert.equal(part.compression, type);
          assert.equal(detectCompression(bytes.subarray(part.offset)), type);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [string, readonly Member[], RegExp])[] = [
    ['nothing inside', [], /it is empty/],
    ['another first member', [control, data], /first member is "control.tar.xz", not debian-binary/],
    ['an underscored first member', [['_x', ''], version, control, data], /first member is "_x"/],
    ['version 3', [['debian-binary', '3.0\n'], control, data], /format version is "3.0"/],
    ['no version', [['debian-binary', ''], control, data], /format version is ""/],
    ['data before control', [version, data, control], /data.tar.zst comes before control.tar/],
    ['two control tars', [version, control, ['control.tar.gz', ''], data], /control.tar.gz comes after another/],
    ['two data tars', [version, control, data, ['data.tar', '']], /data.tar comes after another/],
    ['a control tar after the data', [version, control, data, control], /control.tar.xz comes after another/],
    ['no control', [version], /control.tar is missing/],
    ['no data', [version, control], /data.tar is missing/],
    ['an unknown member before data.tar', [version, control, ['future', ''], data], /unknown member "future"/],
    ['a control tar in bzip2', [version, ['control.tar.bz2', ''], data], /control.tar.bz2 is compressed in a way/],
    ['a data tar in something new', [version, control, ['data.tar.br', '']], /data.tar.br is compressed in a way/],
  ];
  for (const [name, members, pattern] of cases) {
    test(name, () => {
      assert.throws(
        () => locate(ar(members)),
        (error) =>
          isSlimimageError(error, 'DEB_INVALID') && pattern.test(error.message) && /^x.deb/.test(error.message),
      );
    });
  }

  test('a package cut anywhere', () => {
    const bytes = ar([version, control, ['data.tar', 'even']]);
    for (let size = 0; size < bytes.length; size++) {
      assert.throws(
        () => locate(bytes.subarray(0, size)),
        (error) => isSlimimageError(error, 'AR_INVALID') || isSlimimageError(error, 'DEB_INVALID'),
      );
    }
  });

  test('members without end', () => {
    const many = Array.from({ length: 1001 }, (): Member => ['_', '']);
    assert.throws(
      () => locate(ar([version, ...many])),
      (error) => isSlimimageError(error, 'LIMIT_EXCEEDED'),
    );
  });
});

describe('any order of members and any bytes', () => {
  const names = [
    'debian-binary',
    'control.tar',
    'control.tar.xz',
    'data.tar',
    'data.tar.lzma',
    '_x',
    'y',
    'control.tar.',
    'data.tar.gz',
  ];

  test('one control before one data, or a typed error', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 6 }), (order) => {
        const members = new DebMembers();
        try {
          const types = order.map((name) => members.next(name).type).filter((type) => type !== 'ignored');
          members.end();
          assert.deepEqual(types, ['version', 'control', 'data']);
        } catch (error) {
          assert(isSlimimageError(error, 'DEB_INVALID'), String(error));
        }
      }),
      { numRuns: 10_000 },
    );
  });

  test('a damaged package reads within its bounds', () => {
    const whole = ar([version, control, data]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(whole.length),
        (changes, size) => {
          const bytes = whole.slice(0, size < 20 ? whole.length : size);
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          try {
            const { control: found } = locate(bytes);
            assert(found.offset + found.size <= bytes.length);
          } catch (error) {
            assert(isSlimimageError(error), String(error));
          }
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
