import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ViewedFiles } from '../../test/support/views.ts';
import { foldFiles } from './fold-files.ts';
import { compare, lineOf, packaged, picture } from './testing.ts';
import { aspectsText, foldedTexts } from './words.ts';

test('each way in which a path may differ', () => {
  const capability = new Map([['security.capability', Uint8Array.of(1, 0)]]);
  const before: ViewedFiles = [
    ['etc/', ''],
    ['etc/content', 'one'],
    ['etc/device', { type: 'character', deviceMajor: 1, deviceMinor: 3 }],
    ['etc/gone', 'gone'],
    ['etc/link', { type: 'symlink', linkTarget: 'a' }],
    ['etc/mode', { content: 'm', mode: 0o644 }],
    ['etc/owner', { content: 'o', uid: 1 }],
    ['etc/same', 'same'],
    ['etc/time', { content: 't', mtime: 1 }],
    ['etc/type', 'file'],
    ['etc/xattr', { content: 'x' }],
  ];
  const after: ViewedFiles = [
    ['etc/', { mode: 0o700 }],
    ['etc/content', { content: 'others', mtime: 5 }],
    ['etc/device', { type: 'character', deviceMajor: 1, deviceMinor: 5 }],
    ['etc/link', { type: 'symlink', linkTarget: 'b' }],
    ['etc/mode', { content: 'm', mode: 0o4755, gid: 7 }],
    ['etc/new', 'new'],
    ['etc/owner', { content: 'o', uid: 2 }],
    ['etc/same', 'same'],
    ['etc/time', { content: 't', mtime: 2 }],
    ['etc/type/', ''],
    ['etc/xattr', { content: 'x', xattrs: capability }],
  ];
  const expected = [
    'changed /etc (mode)',
    'changed /etc/content (content)',
    'changed /etc/device (device)',
    'removed /etc/gone',
    'changed /etc/link (link)',
    'changed /etc/mode (mode owner)',
    'added /etc/new',
    'changed /etc/owner (owner)',
    'changed /etc/type (type)',
    'changed /etc/xattr (attributes)',
  ];
  const difference = compare([before], [after]);
  assert.deepEqual(picture(difference), expected);
  assert.equal(difference.files.timesOnly, 1);
  assert.equal(difference.same, false);
  assert.deepEqual(difference.files.changes.at(-1)?.to?.attributes, { 'security.capability': '0100' });
  assert.deepEqual(picture(compare([before], [after], { times: true })), [
    ...expected
      .map((text) => (text.startsWith('changed /etc/content') ? 'changed /etc/content (time content)' : text))
      .slice(0, 8),
    'changed /etc/time (time)',
    ...expected.slice(8),
  ]);
});

test('files with equal content that went here and came there have moved, those of one name first', () => {
  const before: ViewedFiles = [
    ['a/x', 'same'],
    ['a/y', 'same'],
    ['a/empty', ''],
    ['a/z', 'z'],
  ];
  const after: ViewedFiles = [
    ['b/empty', ''],
    ['b/y', { content: 'same', mode: 0o755 }],
    ['b/other', 'same'],
    ['b/third', 'same'],
  ];
  assert.deepEqual(picture(compare([before], [after])), [
    'removed /a',
    'removed /a/empty',
    'removed /a/z',
    'added /b',
    'added /b/empty',
    'moved /b/other from /a/x',
    'added /b/third',
    'moved /b/y from /a/y (mode)',
  ]);
});

test('a folder that moved goes with all that says nothing alone', () => {
  const files = (folder: string, more: ViewedFiles = []): ViewedFiles => [
    [`${folder}/`, ''],
    [`${folder}/a`, 'aaaa'],
    [`${folder}/empty`, ''],
    [`${folder}/in/`, ''],
    [`${folder}/in/b`, 'bbbb'],
    [`${folder}/link`, { type: 'symlink', linkTarget: 'a' }],
    ...more,
  ];
  const difference = compare(
    [[['opt/', ''], ...files('opt/old', [['opt/old/note', 'one']])]],
    [[['opt/', ''], ...files('opt/new', [['opt/new/note', 'two']])]],
  );
  assert.deepEqual(picture(difference), [
    'moved /opt/new from /opt/old',
    'moved /opt/new/a from /opt/old/a',
    'moved /opt/new/empty from /opt/old/empty',
    'moved /opt/new/in from /opt/old/in',
    'moved /opt/new/in/b from /opt/old/in/b',
    'moved /opt/new/link from /opt/old/link',
    'added /opt/new/note',
    'removed /opt/old/note',
  ]);
  const folded = foldFiles(difference.files.changes).map((one) => [one.change.change, ...foldedTexts(one)].join(' '));
  assert.deepEqual(folded, [
    'moved /opt/old/ -> /opt/new/ 5 paths in it',
    'added /opt/new/note 3 B',
    'removed /opt/old/note 3 B',
  ]);
});

test('folders that were turned inside out, and such as went to two places, come to an end', () => {
  const inside = compare(
    [
      [
        ['o/', ''],
        ['o/x', 'xxx'],
        ['o/d/', ''],
        ['o/d/y', 'yyy'],
      ],
    ],
    [
      [
        ['n/', ''],
        ['n/y', 'yyy'],
        ['n/c/', ''],
        ['n/c/x', 'xxx'],
      ],
    ],
  );
  assert.ok(picture(inside).includes('moved /n/y from /o/d/y'));
  const divided = compare(
    [
      [
        ['o/', ''],
        ['o/x', 'xxx'],
        ['o/y', 'yyy'],
      ],
    ],
    [
      [
        ['m/', ''],
        ['m/x', 'xxx'],
        ['n/', ''],
        ['n/y', 'yyy'],
      ],
    ],
  );
  assert.deepEqual(picture(divided), [
    'added /m',
    'moved /m/x from /o/x',
    'added /n',
    'moved /n/y from /o/y',
    'removed /o',
  ]);
});

test('names of one file that became files of their own', () => {
  const linked: ViewedFiles = [
    ['bin/', ''],
    ['bin/a', 'x'],
    ['bin/b', { type: 'hardlink', linkTarget: 'bin/a' }],
    ['bin/c', { type: 'hardlink', linkTarget: 'bin/a' }],
  ];
  const apart: ViewedFiles = [
    ['bin/', ''],
    ['bin/a', 'x'],
    ['bin/b', 'x'],
  ];
  const difference = compare([linked], [apart]);
  assert.deepEqual(picture(difference), ['changed /bin/b (hard-link)', 'removed /bin/c']);
  const [change] = difference.files.changes;
  assert.equal(change && aspectsText(change), 'the same file as /bin/a -> a file of its own');
  assert.deepEqual(picture(compare([linked], [linked])), []);
});

test('a link to the folder of a changed package is explained, and the folder that bears its name', () => {
  const image = (version: string, link: boolean): ViewedFiles => [
    ...packaged(`gcc ${version} amd64: usr/share/doc/gcc/copyright=${version}`),
    ...(link ? ([['usr/share/doc/libgcc', { type: 'symlink', linkTarget: 'gcc' }]] as const) : []),
    ...(link ? ([['usr/lib/gcc', { type: 'symlink', linkTarget: '/usr/share/doc/gcc' }]] as const) : []),
  ];
  const difference = compare([image('1', false)], [image('2', true)]);
  const links = difference.files.changes.filter(({ to }) => to?.type === 'symlink');
  assert.deepEqual(links.map(lineOf), ['added /usr/lib/gcc by gcc', 'added /usr/share/doc/libgcc by gcc']);
});

test('what no list of checksums names goes with the package: empty folders in its own, alternatives, links of compilers', () => {
  const libc = packaged('libc6 1 amd64: usr/lib/libz.so.1=libc').map(([path, content]): ViewedFiles[number] =>
    path.endsWith('/libc6') ? [path, `${String(content)}Source: glibc\n`] : [path, content],
  );
  const more: ViewedFiles = [
    ...packaged('libc6-dev 1 amd64: usr/share/dev/file=dev usr/bin/c99-gcc=c99').map(
      ([path, content]): ViewedFiles[number] =>
        path.endsWith('/libc6-dev') ? [path, `${String(content)}Source: glibc\n`] : [path, content],
    ),
    ['usr/share/dev/none/', ''],
    ['usr/share/dev/none/at-all/', ''],
    ['usr/share/other/', ''],
    ['usr/lib/libz.so', { type: 'symlink', linkTarget: 'libz.so.1' }],
    ['usr/lib/libz.so.2', { type: 'symlink', linkTarget: 'libz.so.1' }],
    ['etc/alternatives/c99', { type: 'symlink', linkTarget: '/usr/bin/c99-gcc' }],
    ['var/lib/dpkg/alternatives/c99', 'auto'],
    ['var/lib/dpkg/alternatives/else', 'auto'],
  ];
  const base: ViewedFiles = [
    ...libc,
    ...['etc/', 'etc/alternatives/', 'usr/bin/', 'usr/share/', 'var/lib/dpkg/alternatives/'].map(
      (path) => [path, ''] as const,
    ),
  ];
  const { changes } = compare([base], [[...base, ...more]]).files;
  assert.deepEqual(
    changes.filter(({ explainedBy }) => explainedBy === undefined).map(({ path }) => path),
    ['/usr/lib/libz.so.2', '/usr/share/other', '/var/lib/dpkg/alternatives/else'],
  );
});
