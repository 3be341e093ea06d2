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
import { contentFiles, convertDeb } from './convert.ts';
import { defaultFilters } from './filters.ts';
import { decodeIndex } from './index-file.ts';
import type { ConvertOptions } from './types.ts';

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
    const written = await convertDeb(job, () => undefined);
    const fragment = readFileSync(join(folder, contentFiles.fragment));
    const compressed = readFileSync(join(folder, contentFiles.compressed));
    const whole = gunzipSync(Buffer.concat([gzipHeader(), compressed, gzipTrailer(written.crc32, written.size)]));
    assert.ok(whole.equals(fragment), 'the compressed fragment is the fragment');
    const index = decodeIndex(readFileSync(join(folder, contentFiles.index), 'utf8'), 'sample');
    return { index, fragment };
  } finally {
    rmSync(folder, { recursive: true });
  }
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

test('each offset points at its own header, each sha256 is of the content', async () => {
  const { index, fragment } = await convertLiteral({
    'opt/b': 'second',
    'opt/a': 'first',
    'opt/link': { type: 'symlink', linkTarget: 'a' },
  });
  for (const entry of index.entries) {
    const part = fragment.subarray(entry.offset, entry.offset + entry.length);
    assert.deepEqual(Object.keys(pictureOf(part)), [entry.path]);
  }
  assert.equal(index.entries[0]?.sha256, 'a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e');
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
    ['usr/share/doc/p', 'usr/share/doc/p/copyright'],
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
