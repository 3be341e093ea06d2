/** Packages that a validly signed archive vouches for, and that are hostile all the same. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { type DebFile, type DebOptions, makeAr, makeDeb, makeTar } from '../support/deb.ts';
import type { DebRecipe } from '../support/deb-maker.ts';

let user: TestUser;
let archive: TestArchive;

beforeEach(async () => {
  user = await startUser();
  archive = await startArchive();
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

const publish = (debs: readonly DebRecipe[]) => archive.publish({ date: new Date(), components: { main: debs } });

/** The .deb that an archive lists as `evil` 1.0-1. */
const evil = (options: DebOptions) =>
  makeDeb({ name: 'evil', version: '1.0-1', architecture: 'amd64', compression: 'gzip', ...options });

const withFiles = (...files: readonly (readonly [string, DebFile])[]) => evil({ files });

/** A data tar of a GB of zeros: 30 kB as zstd, and beyond the ratio that is believed. */
function bomb(): Uint8Array {
  const head = makeTar([['control', 'Package: evil\nVersion: 1.0-1\nArchitecture: amd64\n']]);
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const frames = Array.from({ length: 16 }, () => zstdCompressSync(zeros));
  const file = makeTar([['zeros', '']]).subarray(0, 512);
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar', head],
    ['data.tar.zst', Buffer.concat([zstdCompressSync(sized(file, 16 * zeros.length)), ...frames])],
  ]);
}

/** The header of a tar with another size in it. */
function sized(header: Buffer, size: number): Buffer {
  const block = Buffer.from(header);
  block.write(`${size.toString(8).padStart(11, '0')} `, 124, 'latin1');
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A .deb whose data tar is `tar`. */
function withData(tar: Uint8Array): Uint8Array {
  const control = 'Package: evil\nVersion: 1.0-1\nArchitecture: amd64\n';
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar', makeTar([['control', control]])],
    ['data.tar', tar],
  ]);
}

const attacks: readonly (readonly [what: string, code: string, message: RegExp, bytes: () => Uint8Array])[] = [
  ['a path that climbs out', 'PATH_UNSAFE', /\.\./, () => withFiles(['!../../etc/cron.d/x', 'x'])],
  ['a path that climbs and comes back', 'PATH_UNSAFE', /\.\./, () => withFiles(['!./usr/../usr/x', 'x'])],
  ['a control member that climbs out', 'PATH_UNSAFE', /\.\./, () => evil({ scripts: { '!../../x': 'x' } })],
  [
    'a file through a symlink of its own',
    'PATH_UNSAFE',
    /\/usr\/x\/passwd lies below \/usr\/x, which is a symlink/,
    () => withFiles(['usr/x', { type: 'symlink', linkTarget: '/etc' }], ['usr/x/passwd', 'root::0:0::/:/bin/sh\n']),
  ],
  [
    'a hard link to a file of the host',
    'DEB_INVALID',
    /hard link to \/etc\/shadow/,
    () => withFiles(['usr/x', { type: 'hardlink', linkTarget: '/etc/shadow' }]),
  ],
  [
    'a hard link that climbs out',
    'PATH_UNSAFE',
    /\.\./,
    () => withFiles(['usr/x', { type: 'hardlink', linkTarget: '../../etc/shadow' }]),
  ],
  [
    'a hard link through a symlink',
    'DEB_INVALID',
    /hard link/,
    () =>
      withFiles(
        ['usr/x', { type: 'symlink', linkTarget: '/etc' }],
        ['usr/y', { type: 'hardlink', linkTarget: 'usr/x/shadow' }],
      ),
  ],
  [
    'a device node',
    'DEB_INVALID',
    /device/,
    () => withFiles(['dev/sda', { type: 'block', deviceMajor: 8, deviceMinor: 0 }]),
  ],
  ['one path twice', 'DEB_INVALID', /twice/, () => withFiles(['usr/x', 'a'], ['usr/x', 'b'])],
  ['a name of 5000 bytes', 'LIMIT_EXCEEDED', /4096 bytes/, () => withFiles([`usr/${'x'.repeat(5000)}`, 'a'])],
  ['a folder 300 deep', 'PATH_UNSAFE', /too deep/, () => withFiles([`${'x/'.repeat(300)}x`, 'a'])],
  ['a bomb', 'LIMIT_EXCEEDED', /bomb/, bomb],
  ['a .deb that is cut', 'AR_INVALID', /cut off/, () => withData(makeTar([['usr/x', 'x']])).subarray(0, -600)],
  ['a data tar that is cut', 'TAR_INVALID', /data\.tar/, () => withData(makeTar([['usr/x', 'x']]).subarray(0, 700))],
  ['no .deb at all', 'AR_INVALID', /not an ar file/, () => Buffer.from('<html>not a package</html>')],
  ['a control file that is none', 'DEB822_INVALID', /control file/, () => evil({ control: ['<html>', 'nonsense'] })],
];

for (const [what, code, message, bytes] of attacks) {
  test(`${what} (${code})`, async () => {
    const error = await refusedWith(code, bytes());
    assert.match(error.message, message);
    const held = (await user.stored()).filter((path) => !/^(?:memo|blobs)\//.test(path));
    assert.deepEqual(held, [], 'the .deb is what the archive says, and nothing was made of it');
  });
}

for (const [what, lie, own] of [
  ['name', { name: 'hello' }, 'hello 1.0-1 (amd64)'],
  ['version', { version: '9' }, 'evil 9 (amd64)'],
  ['architecture', { architecture: 'arm64' }, 'evil 1.0-1 (arm64)'],
] as const) {
  test(`another ${what} than the archive lists (DEB_INVALID), also when it was converted before`, async () => {
    const message = `The archive own lists evil 1.0-1 (amd64), but the .deb says that it is ${own}`;
    assert.equal((await refusedWith('DEB_INVALID', evil(lie))).message, message);
    assert.equal((await refusedWith('DEB_INVALID', evil(lie))).message, message);
  });
}

/** Builds with a .deb that a signed archive lists as it is; nothing may have been written. */
async function refusedWith(code: string, bytes: Uint8Array) {
  await publish([{ name: 'evil', bytes }]);
  await user.write('slimimage.yaml', archiveConfig(archive, ['evil']));
  const outputs = ['tar:out/root.tar', 'oci:out/layout', 'dir:out/rootfs', 'docker-archive:out/image.tar'];
  const argv = ['build', ...outputs.flatMap((output) => ['-o', output])];
  const error = await user.refused({ code, status: 3 }, argv);
  assert.match(error.message, /evil/, 'the package is named');
  assert.ok(!existsSync(join(user.folder, 'out')));
  assert.deepEqual(
    (await user.stored()).filter((path) => path.startsWith('tags/')),
    [],
  );
  return error;
}
