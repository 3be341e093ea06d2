import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeUtf8 } from '../../util/text.ts';
import { type Member, paxHeader, rawHeader, refused, tar, unpack, withContent } from './tar-suite.ts';

describe('headers of other writers', () => {
  test('v7: no magic, no owner names, a directory by its slash', () => {
    const block = rawHeader({ name: 'old/', typeflag: '\0', magic: '', userName: 'junk', prefix: 'junk' });
    const { header } = unpack(tar(block))[0] as Member;
    assert.deepEqual([header.path, header.type, header.userName], ['old', 'directory', '']);
  });

  test('signed checksum', () => {
    const name = Uint8Array.of(0xc3, 0xa9);
    assert.equal(unpack(tar(rawHeader({ name }, { signed: true })))[0]?.header.path, 'é');
  });

  test('base-256 numbers, negative time', () => {
    const mtime = new Uint8Array(12).fill(0xff);
    const uid = Uint8Array.of(0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe);
    const { header } = unpack(tar(rawHeader({ mtime, uid })))[0] as Member;
    assert.deepEqual([header.mtime, header.uid], [-1, 4294967294]);
  });

  test('numbers with leading spaces and without an end', () => {
    const { header } = unpack(tar(rawHeader({ mode: '  644 \0\0', mtime: '777777777777' })))[0] as Member;
    assert.deepEqual([header.mode, header.mtime], [0o644, 0o777777777777]);
  });

  test('type bits in the mode are dropped', () => {
    assert.equal(unpack(tar(rawHeader({ mode: '0104755' })))[0]?.header.mode, 0o4755);
  });

  test('GNU magic has no prefix', () => {
    const block = rawHeader({ name: 'n', magic: 'ustar  \0', prefix: '00000000000' });
    assert.equal(unpack(tar(block))[0]?.header.path, 'n');
  });

  test("star's prefix is shorter", () => {
    const block = rawHeader({ name: 'n', prefix: 'p'.repeat(131), starMagic: 'tar\0' });
    assert.equal(unpack(tar(block))[0]?.header.path, `${'p'.repeat(131)}/n`);
  });

  test('contiguous files are files; the size of a directory, link or device is ignored', () => {
    const data = encodeUtf8('12345');
    assert.equal(unpack(tar(withContent(rawHeader({ typeflag: '7', size: '5' }), data)))[0]?.content.length, 5);
    for (const typeflag of ['1', '2', '3', '4', '5', '6']) {
      const [member, next] = unpack(
        tar(rawHeader({ typeflag, size: '5', linkname: 't' }), rawHeader({ name: 'next' })),
      );
      assert.equal(member?.header.size, 0);
      assert.equal(next?.header.path, 'next');
    }
  });

  test('GNU long name and long target', () => {
    const long = (typeflag: string, text: string) =>
      withContent(rawHeader({ typeflag, size: (text.length + 1).toString(8) }), encodeUtf8(`${text}\0`));
    const [member, next] = unpack(
      tar(
        long('K', 't'.repeat(600)),
        long('L', 'n'.repeat(511)),
        rawHeader({ typeflag: '2', linkname: 'cut' }),
        rawHeader({ name: 'next' }),
      ),
    );
    assert.equal(member?.header.path, 'n'.repeat(511));
    assert.equal(member?.header.linkTarget, 't'.repeat(600));
    assert.equal(next?.header.path, 'next');
  });

  test('global pax headers last, local ones override them once, an empty value takes one back', () => {
    const members = unpack(
      tar(
        paxHeader({ uid: '7', gname: 'global', comment: 'x' }, 'g'),
        paxHeader({ uid: '8', size: '3', mtime: '-1.5' }),
        withContent(rawHeader({}), encodeUtf8('abc')),
        paxHeader({ uid: '' }),
        rawHeader({ uid: '5' }),
        rawHeader({}),
      ),
    );
    assert.deepEqual(
      members.map(({ header: { uid, groupName, size, mtime } }) => [uid, groupName, size, mtime]),
      [
        [8, 'global', 3, -2],
        [5, 'global', 0, 0],
        [7, 'global', 0, 0],
      ],
    );
  });

  test("libarchive's attributes are base64, the plain ones count", () => {
    const { header } = unpack(
      tar(
        paxHeader({ 'LIBARCHIVE.xattr.user.a': 'AP+A', 'LIBARCHIVE.xattr.user.b': 'Zg', 'SCHILY.xattr.user.b': 'g' }),
        rawHeader({}),
      ),
    )[0] as Member;
    assert.deepEqual(
      header.xattrs,
      new Map([
        ['user.a', Uint8Array.of(0, 255, 128)],
        ['user.b', encodeUtf8('g')],
      ]),
    );
  });

  test('bytes after the end are ignored; padding may hold anything', () => {
    const padded = withContent(rawHeader({ size: '1' }), encodeUtf8('a'));
    padded.fill(0x55, 513);
    assert.equal(unpack(Buffer.concat([tar(padded), Buffer.alloc(700, 0x41)])).length, 1);
  });
});

describe('what the reader refuses', () => {
  const entry = rawHeader({});
  const damaged = Uint8Array.from(entry);
  damaged[0] = 0x79;
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['a wrong checksum', tar(damaged), /header 1: a header with a wrong checksum/],
    ['a size that is no number', tar(rawHeader({ size: '12x' })), /size is no number/],
    ['a number of nines', tar(rawHeader({ uid: '99' })), /uid is no number/],
    ['a negative size', tar(rawHeader({ size: new Uint8Array(12).fill(0xff) })), /negative size/],
    [
      'a size beyond safe integers',
      tar(rawHeader({ size: Uint8Array.of(0x80, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0) })),
      /size is no number/,
    ],
    ['an entry without a name', tar(rawHeader({ name: '' })), /without a name/],
    ['a link without a target', tar(rawHeader({ typeflag: '2' })), /without a target/],
    ['an unknown type', tar(rawHeader({ typeflag: 'V' })), /unknown type "V"/],
    ['a GNU sparse file', tar(rawHeader({ typeflag: 'S', magic: 'ustar  \0' })), /sparse/],
    ['a pax sparse file', tar(paxHeader({ 'GNU.sparse.major': '1' }), entry), /sparse/],
    [
      'a malformed pax record',
      tar(withContent(rawHeader({ typeflag: 'x', size: '6' }), encodeUtf8('9 a=b\n')), entry),
      /malformed pax/,
    ],
    [
      'a pax record without a newline',
      tar(withContent(rawHeader({ typeflag: 'x', size: '6' }), encodeUtf8('6 a=bb')), entry),
      /malformed pax/,
    ],
    ['a pax path with a NUL', tar(paxHeader({ path: 'a\0b' }), entry), /NUL/],
    ['a pax size that is no number', tar(paxHeader({ size: '1e3' }), entry), /no number/],
    ['a pax time that is no time', tar(paxHeader({ mtime: 'now' }), entry), /no time/],
    ['an attribute that is not base64', tar(paxHeader({ 'LIBARCHIVE.xattr.a': '?' }), entry), /not base64/],
    ['two pax headers for one entry', tar(paxHeader({ uid: '1' }), paxHeader({ uid: '2' }), entry), /two pax headers/],
    ['an extended header at the end', tar(paxHeader({ uid: '1' })), /ends after an extended header/],
    ['a header after zeros', tar(entry, new Uint8Array(512), entry), /after a block of zeros/],
    ['nothing', new Uint8Array(0), /end marker/],
    ['no end marker', entry, /end marker/],
    ['half a header', entry.subarray(0, 300), /cut off/],
    ['cut content', rawHeader({ size: '1000' }), /cut off/],
    ['cut padding', Buffer.concat([rawHeader({ size: '5' }), encodeUtf8('12345')]), /cut off/],
  ];
  for (const [name, bytes, pattern] of cases) {
    test(name, () => assert.throws(() => unpack(bytes, { what: 'data.tar' }), refused('TAR_INVALID', pattern)));
  }

  test('more than the limits', () => {
    assert.throws(() => unpack(tar(entry, entry, entry), { entries: 2 }), refused('LIMIT_EXCEEDED', /2 entries/));
    assert.throws(
      () => unpack(tar(rawHeader({ name: 'n'.repeat(50) })), { pathBytes: 40 }),
      refused('LIMIT_EXCEEDED', /40 bytes/),
    );
    const global = paxHeader({ comment: 'c'.repeat(300) }, 'g');
    assert.throws(() => unpack(tar(global, global), { metadataBytes: 500 }), refused('LIMIT_EXCEEDED', /500 bytes/));
    const huge = rawHeader({ typeflag: 'L', size: '77777777777' });
    assert.throws(() => unpack(huge), refused('LIMIT_EXCEEDED', /extended headers/));
  });

  test('a missing end marker is accepted where the caller says so', () => {
    assert.equal(unpack(entry, { endOptional: true }).length, 1);
    assert.throws(() => unpack(entry.subarray(0, 511), { endOptional: true }), refused('TAR_INVALID', /cut off/));
  });
});
