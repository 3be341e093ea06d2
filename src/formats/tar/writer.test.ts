import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeUtf8, encodeUtf8 } from '../../util/text.ts';
import { readTar, readTarSync } from './events.ts';
import { pack, plain, refused, tar, unpack } from './tar-suite.ts';
import { encodeTarEntry, type TarEntryInput } from './writer.ts';

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
