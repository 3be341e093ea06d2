import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packTar, unpackTar } from 'modern-tar';
import { isSlimimageError } from '../../errors.ts';
import { encodeByteText } from '../../util/byte-text.ts';
import { decodeUtf8, encodeUtf8 } from '../../util/text.ts';
import { readTar, readTarSync } from './events.ts';
import { checksums, field } from './layout.ts';
import { writeOctal } from './numbers.ts';
import { encodePaxRecords } from './pax.ts';
import type { TarReaderOptions } from './reader.ts';
import type { TarHeader } from './types.ts';
import { encodeTarEntry, endOfTar, type TarEntryInput, tarPadding } from './writer.ts';

const plain = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 } as const;

interface Member {
  readonly header: TarHeader;
  readonly content: Uint8Array;
}

function pack(...members: readonly (readonly [TarEntryInput, (Uint8Array | string)?])[]): Uint8Array {
  const chunks = members.flatMap(([input, given = new Uint8Array(0)]) => {
    const content = typeof given === 'string' ? encodeUtf8(given) : given;
    return [encodeTarEntry({ ...input, size: content.length }), content, tarPadding(content.length)];
  });
  return Buffer.concat([...chunks, endOfTar()]);
}

function unpack(bytes: Uint8Array, options: TarReaderOptions & { readonly chunkSize?: number } = {}): Member[] {
  const chunkSize = options.chunkSize ?? bytes.length;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize));
  const members: { header: TarHeader; parts: Uint8Array[]; ended: boolean }[] = [];
  for (const event of readTarSync(chunks, options)) {
    if (event.type === 'entry') members.push({ header: event.header, parts: [], ended: false });
    const last = members.at(-1);
    assert(last !== undefined);
    if (event.type === 'data') last.parts.push(event.bytes.slice());
    if (event.type === 'entry-end') last.ended = true;
  }
  assert(members.every(({ ended }) => ended));
  return members.map(({ header, parts }) => ({ header, content: Buffer.concat(parts) }));
}

/** A header block with any field, checksum put right. */
function rawHeader(
  fields: Partial<Record<keyof typeof field, string | Uint8Array>>,
  options: { signed?: boolean } = {},
): Uint8Array {
  const block = new Uint8Array(512);
  const all = {
    name: 'x',
    mode: '0000644',
    uid: '0',
    gid: '0',
    size: '0',
    mtime: '0',
    typeflag: '0',
    magic: 'ustar\x0000',
    ...fields,
  };
  for (const [name, value] of Object.entries(all)) {
    block.set(typeof value === 'string' ? Buffer.from(value, 'latin1') : value, field[name as keyof typeof field][0]);
  }
  const sums = checksums(block);
  writeOctal(block, [field.checksum[0], 7], options.signed ? sums.signed : sums.unsigned);
  return block;
}

function withContent(header: Uint8Array, content: Uint8Array): Uint8Array {
  return Buffer.concat([header, content, tarPadding(content.length)]);
}

function tar(...blocks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([...blocks, endOfTar()]);
}

function paxHeader(records: Record<string, string>, typeflag = 'x'): Uint8Array {
  const content = encodePaxRecords(new Map(Object.entries(records).map(([key, value]) => [key, encodeUtf8(value)])));
  return withContent(rawHeader({ typeflag, size: content.length.toString(8) }), content);
}

function refused(code: string, pattern: RegExp) {
  return (error: unknown) => {
    assert(isSlimimageError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };
}

describe('what is written is read back', () => {
  const long = `${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(90)}`;
  const cases: readonly (readonly [string, Partial<TarEntryInput>, blocks: number])[] = [
    ['a plain file', { path: 'usr/bin/x', mode: 0o4755, uid: 33, gid: 34, mtime: 1700000000 }, 1],
    ['owner names', { path: 'a', userName: 'www-data', groupName: 'adm' }, 1],
    ['a name of 100 bytes', { path: 'n'.repeat(100) }, 1],
    ['a name of 101 bytes without a slash', { path: 'n'.repeat(101) }, 3],
    ['a path that fits prefix and name', { path: long }, 1],
    ['a path too long for ustar', { path: `${long}/${'g'.repeat(100)}` }, 3],
    ['a path with a slash where the prefix ends', { path: `${'p'.repeat(155)}/${'n'.repeat(100)}` }, 1],
    ['a path in UTF-8', { path: 'usr/share/Főtanúsítvány 证书.crt' }, 3],
    ['a path that is not UTF-8', { path: 'caf\udce9/\udcff\udc80x' }, 3],
    ['a path that begins with a slash', { path: `/${'n'.repeat(100)}` }, 3],
    ['a directory', { path: 'usr', type: 'directory', mode: 0o1777 }, 1],
    ['a directory of 100 bytes', { path: 'd'.repeat(100), type: 'directory' }, 3],
    ['a directory whose slash is byte 256', { path: `${'p'.repeat(155)}/${'n'.repeat(99)}`, type: 'directory' }, 1],
    ['a symlink', { path: 'bin', type: 'symlink', linkTarget: 'usr/bin', mode: 0o777 }, 1],
    ['a symlink with a long target', { path: 'l', type: 'symlink', linkTarget: 't'.repeat(101) }, 3],
    ['a symlink to bytes that are not UTF-8', { path: 'l', type: 'symlink', linkTarget: '\udcfe' }, 3],
    ['a hard link', { path: 'b', type: 'hardlink', linkTarget: 'a' }, 1],
    ['a device', { path: 'dev/null', type: 'character', deviceMajor: 1, deviceMinor: 3 }, 1],
    ['a block device', { path: 'dev/sda', type: 'block', deviceMajor: 8, deviceMinor: 1048575 }, 1],
    ['a fifo', { path: 'run/f', type: 'fifo' }, 1],
    ['the largest ids of ustar', { path: 'a', uid: 0o7777777, gid: 0o7777777 }, 1],
    ['ids beyond ustar', { path: 'a', uid: 0o10000000, gid: 4294967294 }, 3],
    ['a time before 1970', { path: 'a', mtime: -86400 }, 3],
    ['a time beyond ustar', { path: 'a', mtime: 0o100000000000 }, 3],
    ['a long owner name', { path: 'a', userName: 'u'.repeat(40), groupName: 'grüppe' }, 3],
    [
      'extended attributes',
      {
        path: 'bin/ping',
        xattrs: new Map([
          ['user.z=%', encodeUtf8('\n=\n')],
          ['security.capability', Uint8Array.of(1, 0, 0, 2, 0, 0x20, 0, 0, 0xff)],
          ['user.empty', new Uint8Array(0)],
        ]),
      },
      3,
    ],
  ];
  for (const [name, given, blocks] of cases) {
    test(name, () => {
      const input: TarEntryInput = { type: 'file', ...plain, path: '', ...given };
      const header = encodeTarEntry(input);
      assert.equal(header.length, blocks * 512);
      const [member, ...more] = unpack(tar(header));
      assert.deepEqual(more, []);
      assert.deepEqual(member?.header, {
        linkTarget: undefined,
        userName: '',
        groupName: '',
        deviceMajor: 0,
        deviceMinor: 0,
        xattrs: undefined,
        ...input,
      });
    });
  }

  test('a size beyond ustar, whose content never comes', () => {
    const size = 0o100000000000;
    const header = encodeTarEntry({ path: 'big', type: 'file', ...plain, size });
    assert.equal(header.length, 3 * 512);
    const events = readTarSync([header]);
    assert.equal(events.next().value?.type, 'entry');
    assert.throws(() => events.next(), refused('TAR_INVALID', /cut off/));
  });

  test('content, however the chunks are cut', () => {
    const content = encodeUtf8('0123456789'.repeat(200));
    const bytes = pack(
      [{ path: `${'long/'.repeat(60)}x`, type: 'file', ...plain }, content],
      [{ path: 'e', type: 'file', ...plain }],
    );
    for (const chunkSize of [1, 7, 511, 512, 513, 1000, bytes.length]) {
      const members = unpack(bytes, { chunkSize });
      assert.deepEqual(
        members.map(({ content: { length } }) => length),
        [2000, 0],
      );
      assert.deepEqual(members[0]?.content, Buffer.from(content));
    }
  });

  test('the root directory is ./', () => {
    assert.deepEqual(
      unpack(pack([{ path: '', type: 'directory', ...plain }])).map(({ header }) => header.path),
      ['.'],
    );
  });

  test('an asynchronous source', async () => {
    const types: string[] = [];
    for await (const event of readTar([pack([{ path: 'a', type: 'file', ...plain }, 'hello'])])) types.push(event.type);
    assert.deepEqual(types, ['entry', 'data', 'entry-end']);
  });
});

test('the bytes of a pax entry are fixed', () => {
  const bytes = encodeTarEntry({
    path: 'ü/é',
    type: 'directory',
    ...plain,
    mtime: -1,
    xattrs: new Map([['user.a', encodeUtf8('b')]]),
  });
  assert.equal(decodeUtf8(bytes.subarray(0, 13)), 'PaxHeaders/__');
  assert.equal(
    decodeUtf8(bytes.subarray(512, 1024)).replaceAll('\0', ''),
    '25 SCHILY.xattr.user.a=b\n12 mtime=-1\n15 path=ü/é/\n',
  );
  assert.equal(decodeUtf8(bytes.subarray(1024, 1030)), '__/__/');
  assert.deepEqual(
    encodeTarEntry({ path: 'a', type: 'file', ...plain }),
    encodeTarEntry({ path: 'a', type: 'file', ...plain }),
  );
});

describe('what the writer refuses', () => {
  const cases: readonly (readonly [string, Partial<TarEntryInput>])[] = [
    ['an empty name', { path: '' }],
    ['a file whose name ends with a slash', { path: 'a/' }],
    ['a NUL in a name', { path: 'a\0b' }],
    ['a link without a target', { type: 'symlink' }],
    ['a file with a target', { linkTarget: 'x' }],
    ['a mode beyond 0o7777', { mode: 0o100644 }],
    ['a negative uid', { uid: -1 }],
    ['a time that is no whole number', { mtime: 1.5 }],
    ['a device number beyond ustar', { type: 'block', deviceMajor: 0o10000000 }],
  ];
  for (const [name, given] of cases) {
    test(name, () => {
      const input: TarEntryInput = { path: 'a', type: 'file', ...plain, ...given };
      assert.throws(() => encodeTarEntry(input), refused('TAR_INVALID', /can't be written/));
    });
  }
});

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

describe('other implementations', {
  skip: spawnSync('tar', ['--version']).status === 0 ? false : 'GNU tar is missing',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-tar-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const names = [
    'plain',
    `${'d'.repeat(90)}/${'n'.repeat(90)}`,
    `${'x'.repeat(200)}`,
    'ünï',
    '\udcff\udcfe',
    `${'p'.repeat(200)}/${'q'.repeat(200)}`,
  ];

  for (const format of ['gnu', 'pax', 'ustar', 'v7', 'oldgnu']) {
    test(`GNU tar writes ${format}, we read`, () => {
      const base = join(folder, format);
      const fits = names.filter((name) => /gnu|pax/.test(format) || encodeByteText(name).length < 100);
      const shell = spawnSync('bash', ['-s', base], {
        input: Buffer.concat([
          encodeUtf8('set -e; mkdir -p "$1"; cd "$1"; for n in '),
          ...fits.flatMap((name) => [encodeUtf8("'"), encodeByteText(name), encodeUtf8("' ")]),
          encodeUtf8(
            '; do mkdir -p "$(dirname "$n")"; printf content > "$n"; ln -s "$n" l; mv l "$n.s"; touch -d @1000000000 "$n"; done\n',
          ),
        ]),
      });
      assert.equal(shell.status, 0, String(shell.stderr));
      const written = spawnSync('tar', [`--format=${format}`, '--sort=name', '-C', base, '-cf', `${base}.tar`, '.']);
      assert.equal(written.status, 0, String(written.stderr));
      const members = new Map(unpack(readFileSync(`${base}.tar`)).map((member) => [member.header.path, member]));
      for (const name of fits) {
        const file = members.get(`./${name}`);
        assert.equal(decodeUtf8(file?.content ?? new Uint8Array(0)), 'content');
        assert.equal(file?.header.mtime, 1000000000);
        assert.equal(members.get(`./${name}.s`)?.header.linkTarget, name);
      }
    });
  }

  test('we write, GNU tar lists and extracts the same', () => {
    const file = join(folder, 'ours.tar');
    writeFileSync(
      file,
      pack(
        ...names.map(
          (path) =>
            [
              { path, type: 'file', ...plain, mode: 0o640, uid: 123, gid: 3000000, mtime: -5 } as const,
              'hello',
            ] as const,
        ),
        [{ path: 'h', type: 'hardlink', ...plain, linkTarget: names[2] as string }],
        [{ path: 's', type: 'symlink', ...plain, linkTarget: `/${'t'.repeat(150)}` }],
        [{ path: 'd', type: 'directory', ...plain, mode: 0o2755 }],
      ),
    );
    const list = spawnSync('tar', ['--numeric-owner', '--full-time', '--utc', '--quoting-style=literal', '-tvf', file]);
    assert.equal(list.status, 0, String(list.stderr));
    assert.equal(String(list.stderr), '');
    const lines = list.stdout.toString('latin1').trimEnd().replaceAll(/ +/g, ' ').split('\n');
    assert.deepEqual(
      lines.slice(0, names.length),
      names.map(
        (name) =>
          `-rw-r----- 123/3000000 5 1969-12-31 23:59:55 ${Buffer.from(encodeByteText(name)).toString('latin1')}`,
      ),
    );
    assert.match(lines.at(-3) ?? '', new RegExp(` h link to ${'x'.repeat(200)}$`));
    assert.match(lines.at(-2) ?? '', new RegExp(` s -> /${'t'.repeat(150)}$`));
    assert.match(lines.at(-1) ?? '', /^drwxr-sr-x .* d\/$/);
    assert.equal(spawnSync('tar', ['-xOf', file, names[5] as string]).stdout.toString(), 'hello');
  });

  test('modern-tar reads ours, we read its', async () => {
    const ours = await unpackTar(
      pack([{ path: `${'d'.repeat(150)}/ü`, type: 'file', ...plain, mtime: 1700000000 }, 'hello']),
    );
    assert.deepEqual(
      ours.map(({ header, data }) => [header.name, header.mtime?.getTime(), decodeUtf8(data ?? new Uint8Array(0))]),
      [[`${'d'.repeat(150)}/ü`, 1700000000000, 'hello']],
    );
    const theirs = unpack(
      await packTar([
        {
          header: { name: `${'n'.repeat(300)}/é`, size: 5, mode: 0o600, mtime: new Date(1000), uid: 1, gid: 2 },
          body: 'hello',
        },
      ]),
    );
    assert.deepEqual(
      theirs.map(({ header, content }) => [header.path, header.mode, header.mtime, decodeUtf8(content)]),
      [[`${'n'.repeat(300)}/é`, 0o600, 1, 'hello']],
    );
  });
});
