import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFilters, defaultFilters, extendFilters } from './filters.ts';

const kept = [
  'usr/bin/man',
  'usr/share/doc/bash',
  'usr/share/doc/bash/copyright',
  'usr/share/docs/x',
  'usr/share/manual/x',
  'usr/lib/locale/C.utf8/LC_CTYPE',
  'usr/local/share/man/x',
  'opt/usr/share/man/man1/x.1',
  'etc/.hidden',
];

const left = [
  'usr/share/doc/bash/README',
  'usr/share/doc/bash/examples/copyright',
  'usr/share/doc/bash/.hidden',
  'usr/share/doc-base/bash.info',
  'usr/share/gtk-doc/html/x',
  'usr/share/help/de/x',
  'usr/share/info/bash.info.gz',
  'usr/share/lintian/overrides/bash',
  'usr/share/locale/de/LC_MESSAGES/bash.mo',
  'usr/share/man/man1/bash.1.gz',
  'usr/share/man/.cache',
];

test('by default documentation and its like go, copyright files and links to documentation folders stay', () => {
  const keeps = compileFilters(defaultFilters);
  assert.deepEqual(
    kept.filter((path) => !keeps(path)),
    [],
  );
  assert.deepEqual(left.filter(keeps), []);
});

test('no excludes, nothing goes', () => {
  assert.deepEqual(
    [...kept, ...left].filter((path) => !compileFilters({ exclude: [], include: [] })(path)),
    [],
  );
});

test("a configuration's globs come on top, with or without leading slash, and its include beats every exclude", () => {
  const filters = extendFilters(defaultFilters, {
    exclude: ['/usr/lib/**/*.a', '/srv/**'],
    include: ['/usr/share/man/man1/bash.*', '/usr/lib/keep/**'],
  });
  const keeps = compileFilters(filters);
  const picture = Object.fromEntries(
    [
      'usr/lib/libx.a',
      'usr/lib/x86_64-linux-gnu/deep/libx.a',
      'usr/lib/libx.so',
      'usr/lib/keep/liby.a',
      'srv/x',
      'srv/.x/y',
      'usr/share/man/man1/bash.1.gz',
      'usr/share/man/man1/sh.1.gz',
      'usr/share/doc/bash/copyright',
    ].map((path) => [path, keeps(path)]),
  );
  assert.deepEqual(picture, {
    'usr/lib/libx.a': false,
    'usr/lib/x86_64-linux-gnu/deep/libx.a': false,
    'usr/lib/libx.so': true,
    'usr/lib/keep/liby.a': true,
    'srv/x': false,
    'srv/.x/y': false,
    'usr/share/man/man1/bash.1.gz': true,
    'usr/share/man/man1/sh.1.gz': false,
    'usr/share/doc/bash/copyright': true,
  });
});

test('a folder that is named goes with what is in it, and comes back with it', () => {
  const keeps = compileFilters(
    extendFilters(defaultFilters, { exclude: ['/opt'], include: ['usr/share/man/de/', 'opt/keep'] }),
  );
  const paths = [
    'opt',
    'opt/x',
    'opt/x/y',
    'opt/keep',
    'opt/keep/z',
    'optional',
    'usr/share/man/de/man1/x',
    'usr/share/man/fr',
  ];
  assert.deepEqual(paths.filter(keeps), ['opt/keep', 'opt/keep/z', 'optional', 'usr/share/man/de/man1/x']);
});
