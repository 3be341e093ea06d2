import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type DebOptions, makeAr, makeDeb } from '../../test/support/deb.ts';
import { gzipHeader, gzipTrailer } from '../codecs/fragment.ts';
import { isSlimimageError } from '../errors.ts';
import { readTarSync } from '../formats/tar/events.ts';
import { sha256Hex } from '../util/digest.ts';
import { convertDeb } from './convert.ts';
import { defaultFilters } from './filters.ts';
import { contentFiles } from './folders.ts';
import { decodeIndex, readCompressed } from './index-file.ts';
import type { ConvertOptions, FileRange } from './types.ts';

async function convert(deb: Uint8Array, options: Partial<ConvertOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-convert-'));
  try {
    const file = join(folder, 'sample.deb');
    writeFileSync(file, deb);
    const job = {
      label: 'sample.deb',
      deb: file,
      sha256: '',
      folder,
      compressedFolder: folder,
      layout: 'merged' as const,
      filters: { exclude: [], include: [] },
      compression: { algorithm: 'gzip' as const, level: 6 },
      ...options,
    };
    await convertDeb(job, () => undefined);
    const index = decodeIndex(readFileSync(join(folder, contentFiles.index), 'utf8'), 'sample');
    const stored = readFileSync(join(folder, contentFiles.fragment));
    const fragment = inRanges(stored, index.fragment.ranges);
    const { file: compressedFile, ranges } = await readCompressed(folder);
    const compressed = inRanges(readFileSync(compressedFile), ranges);
    const { crc32, size } = index.fragment;
    const whole = gunzipSync(Buffer.concat([gzipHeader(), compressed, gzipTrailer(crc32, size)]));
    assert.ok(whole.equals(fragment), 'the compressed fragment is the fragment');
    for (const entry of index.entries) {
      if (entry.type !== 'file') continue;
      const content = stored.subarray(entry.offset, entry.offset + entry.size);
      assert.equal(sha256Hex(content), entry.sha256, `${entry.path} lies where the index says`);
    }
    return { index, fragment };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inRanges(bytes: Buffer, ranges: readonly FileRange[]): Buffer {
  return Buffer.concat(ranges.map(([offset, length]) => bytes.subarray(offset, offset + length)));
}

/** path -> what a tar reader finds in the fragment. */
function pictureOf(fragment: Uint8Array): Record<string, string> {
  const picture: Record<string, string> = {};
  let path = '';
  for (const event of readTarSync([fragment], { endOptional: true })) {
    if (event.type === 'entry') {
      const { header } = event;
      path = header.path;
      const link = header.linkTarget === undefined ? '' : ` -> ${header.linkTarget}`;
      picture[path] = `${header.type} ${header.mode.toString(8)}${link}`;
    } else if (event.type === 'data') {
      picture[path] += ` ${Buffer.from(event.bytes).toString()}`;
    }
  }
  return picture;
}

const convertLiteral = async (files: DebOptions['files'], options?: Partial<ConvertOptions>) =>
  convert(makeDeb({ ...(files ? { files } : {}) }), options);

test('entries are sorted, folders live in the index only', async () => {
  const { index, fragment } = await convertLiteral({ 'usr/': { mode: 0o755 }, 'usr/b': 'B', 'usr/a': 'A' });
  assert.deepEqual(Object.entries(pictureOf(fragment)), [
    ['usr/a', 'file 644 A'],
    ['usr/b', 'file 644 B'],
  ]);
  assert.deepEqual(
    index.entries.map(({ path, type }) => `${path} ${type}`),
    ['usr directory', 'usr/a file', 'usr/b file'],
  );
});

test('large files lie where they arrived and are read where they belong', async () => {
  const large = (letter: string) => letter.repeat(300 * 1024);
  const files = { 'opt/d': large('d'), 'opt/c': 'c', 'opt/b': large('b'), 'opt/a': 'a' };
  const { index, fragment } = await convertLiteral(files);
  assert.deepEqual(Object.keys(pictureOf(fragment)), ['opt/a', 'opt/b', 'opt/c', 'opt/d']);
  const offsets = Object.fromEntries(index.entries.map(({ path, offset }) => [path, offset]));
  assert.ok((offsets['opt/d'] as number) < (offsets['opt/b'] as number));
  assert.equal(index.fragment.ranges.length, 4);
});

test('the bytes do not depend on the order in which the files arrive', async () => {
  const files = { 'opt/a': 'a', 'opt/b': 'b'.repeat(300 * 1024), 'opt/c': 'c', 'opt/d': 'd'.repeat(300 * 1024) };
  const one = await convertLiteral(Object.entries(files));
  const other = await convertLiteral(Object.entries(files).reverse());
  assert.ok(one.fragment.equals(other.fragment));
});

test('a merged layout keeps /bin, /sbin and /lib below /usr', async () => {
  const files = {
    'lib/': {},
    'lib/x.so': 'x',
    'bin/a': 'a',
    lib32: { type: 'symlink', linkTarget: 'usr/lib32' },
  } as const;
  assert.deepEqual(Object.keys(pictureOf((await convertLiteral(files)).fragment)), [
    'lib32',
    'usr/bin/a',
    'usr/lib/x.so',
  ]);
  assert.deepEqual(Object.keys(pictureOf((await convertLiteral(files, { layout: 'split' })).fragment)), [
    'bin/a',
    'lib/x.so',
    'lib32',
  ]);
});

test('hard links keep sharing, the first path that stays carries the bytes', async () => {
  const files = {
    'usr/share/man/m': 'shared',
    'usr/b': { type: 'hardlink', linkTarget: './usr/share/man/m' },
    'usr/c': { type: 'hardlink', linkTarget: './usr/b' },
  } as const;
  const { fragment, index } = await convertLiteral(files, { filters: defaultFilters });
  assert.deepEqual(pictureOf(fragment), { 'usr/b': 'file 644 shared', 'usr/c': 'hardlink 644 -> usr/b' });
  assert.deepEqual(index.omitted, [{ path: 'usr/share/man/m', size: 6, type: 'file' }]);
});

test('special permissions stay out of the fragment and in the index', async () => {
  const capability = new Uint8Array([1, 0, 0, 2]);
  const { fragment, index } = await convertLiteral({
    'usr/su': { content: 'x', mode: 0o4755 },
    'usr/ping': { content: 'y', mode: 0o755, xattrs: new Map([['security.capability', capability]]) },
    'var/mail/': { mode: 0o2775 },
  });
  assert.equal(pictureOf(fragment)['usr/su'], 'file 755 x');
  const stripped = Object.fromEntries(
    index.entries.filter((entry) => entry.stripped).map((entry) => [entry.path, entry.stripped]),
  );
  assert.deepEqual(stripped, {
    'usr/ping': { capability: '01000002' },
    'usr/su': { mode: 0o4755 },
    'var/mail': { mode: 0o2775 },
  });
});

test('documentation goes, copyright files stay', async () => {
  const { index } = await convertLiteral(
    {
      'usr/share/doc/': {},
      'usr/share/doc/p/': {},
      'usr/share/doc/p/copyright': 'c',
      'usr/share/doc/p/README': 'r',
      'usr/share/man/man1/': {},
      'usr/share/man/man1/p.1': 'm',
    },
    { filters: defaultFilters },
  );
  assert.deepEqual(
    index.entries.map(({ path }) => path),
    ['usr/share/doc', 'usr/share/doc/p', 'usr/share/doc/p/copyright'],
  );
});

test('names that are not UTF-8 and long names survive', async () => {
  const long = `usr/${'x'.repeat(120)}/${'y'.repeat(120)}`;
  const { fragment, index } = await convertLiteral({ [long]: 'l', 'usr/\udcff': 'latin' });
  assert.deepEqual(pictureOf(fragment), { [long]: 'file 644 l', 'usr/\udcff': 'file 644 latin' });
  assert.deepEqual(
    index.entries.map(({ path }) => path),
    [long, 'usr/\udcff'],
  );
});

test('script interpreters and missing md5sums are found', async () => {
  const { index } = await convertLiteral({ 'usr/bin/x': '#!/usr/bin/python3 -E\nprint()\n' });
  assert.equal(index.entries[0]?.shebang, '/usr/bin/python3 -E');
  assert.match(index.md5sums['usr/bin/x'] ?? '', /^[0-9a-f]{32}$/);
});

const refused: readonly { readonly what: string; readonly deb: Uint8Array; readonly code: string }[] = [
  { what: 'a path that leaves the root', deb: makeDeb({ files: { '!../etc/passwd': 'x' } }), code: 'PATH_UNSAFE' },
  { what: 'a dot-dot inside', deb: makeDeb({ files: { '!./usr/../../etc/passwd': 'x' } }), code: 'PATH_UNSAFE' },
  {
    what: 'a file behind a link to outside',
    deb: makeDeb({ files: { 'usr/x': { type: 'symlink', linkTarget: '/etc' }, 'usr/x/passwd': 'x' } }),
    code: 'PATH_UNSAFE',
  },
  {
    what: 'a hard link out of the package',
    deb: makeDeb({ files: { 'usr/x': { type: 'hardlink', linkTarget: '/etc/shadow' } } }),
    code: 'DEB_INVALID',
  },
  { what: 'a device node', deb: makeDeb({ files: { 'dev/sda': { type: 'block' } } }), code: 'DEB_INVALID' },
  {
    what: 'a path twice',
    deb: makeDeb({
      files: [
        ['usr/x', '1'],
        ['usr/x', '2'],
      ],
    }),
    code: 'DEB_INVALID',
  },
  { what: 'a file below a file', deb: makeDeb({ files: { 'usr/x': '1', 'usr/x/y': '2' } }), code: 'PATH_UNSAFE' },
  {
    what: 'a cut package',
    deb: makeDeb({ files: { 'usr/x': 'x'.repeat(2000) } }).subarray(0, 3000),
    code: 'AR_INVALID',
  },
  {
    what: 'no control file',
    deb: makeAr([
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar', Buffer.alloc(1024)],
      ['data.tar', Buffer.alloc(1024)],
    ]),
    code: 'DEB_INVALID',
  },
];

for (const { what, deb, code } of refused) {
  test(`${what} is refused`, async () => {
    await assert.rejects(
      convert(deb),
      (error) => isSlimimageError(error) && error.code === code && error.message.length > 10,
    );
  });
}
