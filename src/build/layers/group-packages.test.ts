import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupPackages, type LayeredPackage } from './group-packages.ts';

const mebibyte = 1024 * 1024;

/** `SOURCE MEBIBYTES! <- NEEDED BY`: `!` was asked for. */
function packagesOf(picture: Readonly<Record<string, string>>): readonly LayeredPackage[] {
  return Object.entries(picture).map(([name, text]) => {
    const [, source = '', size = '', asked = '', by = ''] = /^(\S+) ([0-9.]+)(!?)(?: <- (.+))?$/.exec(text) ?? [];
    const neededBy = by.split(' ').filter((part) => part !== '');
    return { name, source, installedBytes: Number(size) * mebibyte, requested: asked === '!', neededBy };
  });
}

const python = {
  'base-files': 'base-files 0.3',
  libc6: 'glibc 12 <- python3.13-minimal libexpat1 libpython3.13-stdlib libssl3t64 tiny',
  libexpat1: 'expat 0.4 <- python3.13-minimal',
  'libpython3.13-minimal': 'python3.13 5 <- python3.13-minimal',
  'libpython3.13-stdlib': 'python3.13 9 <- python3.13',
  libssl3t64: 'openssl 7 <- libpython3.13-minimal',
  'python3.13': 'python3.13 0.8 <- python3',
  'python3.13-minimal': 'python3.13 6 <- python3.13',
  python3: 'python3-defaults 0.1!',
  tiny: 'tiny 0.1!',
  tzdata: 'tzdata 1.5!',
} as const;

function groups(picture: Readonly<Record<string, string>>, options: Parameters<typeof groupPackages>[1]) {
  return groupPackages(packagesOf(picture), options).groups.map((names) => names.join(' '));
}

const pythonItself = 'libpython3.13-minimal libpython3.13-stdlib python3.13 python3.13-minimal';

test('the base, then what is needed by others, the largest sources alone, what was asked for last', () => {
  assert.deepEqual(groups(python, { by: 'stability', room: 6 }), [
    'base-files libc6',
    'libexpat1',
    'libssl3t64',
    pythonItself,
    'tzdata',
    'python3 tiny',
  ]);
});

test('with less room fewer are alone, down to one group', () => {
  const by = 'stability';
  assert.deepEqual(groups(python, { by, room: 4 }), [
    'base-files libc6',
    'libexpat1 libssl3t64',
    pythonItself,
    'python3 tiny tzdata',
  ]);
  assert.deepEqual(groups(python, { by, room: 2 })[0], 'base-files libc6');
  assert.equal(groups(python, { by, room: 2 }).length, 2);
  assert.equal(groups(python, { by, room: 1 }).length, 1);
});

test('more room than there is something to put into it makes no layer of less than a mebibyte', () => {
  assert.deepEqual(groups(python, { by: 'stability', room: 100 }), groups(python, { by: 'stability', room: 6 }));
});

test('one a package and one a source, in the order of stability', () => {
  const sources = groups(python, { by: 'source', room: 100 });
  assert.equal(sources.length, 8);
  assert.deepEqual(sources.slice(0, 2), ['libc6', 'base-files']);
  assert.ok(sources.includes(pythonItself));
  assert.equal(groups(python, { by: 'package', room: 100 }).length, 11);
});

test('where there are more packages than room the smallest share a layer, the last', () => {
  const { groups: made, crowded } = groupPackages(packagesOf(python), { by: 'package', room: 4 });
  assert.deepEqual(made.slice(0, 3).flat().sort(), ['libc6', 'libpython3.13-minimal', 'libpython3.13-stdlib']);
  assert.deepEqual([made.length, made.at(-1)?.length, crowded], [4, 8, 8]);
});

test('a package that grows and shrinks a little stays where it is', () => {
  for (const room of [1, 2, 3, 4, 5, 6, 8]) {
    for (const by of ['stability', 'package', 'source'] as const) {
      const before = groups(python, { by, room });
      for (const factor of [0.9, 1.1]) {
        const grown = packagesOf(python).map((item) => ({ ...item, installedBytes: item.installedBytes * factor }));
        assert.deepEqual(
          groupPackages(grown, { by, room }).groups.map((names) => names.join(' ')),
          before,
        );
      }
    }
  }
});

test('the order of the packages is of no account, and packages that need each other are no trouble', () => {
  const circle = { a: 'a 1 <- b', b: 'b 1 <- a', c: 'c 2!' };
  const packages = packagesOf(circle);
  const options = { by: 'stability', room: 6 } as const;
  assert.deepEqual(groupPackages([...packages].reverse(), options), groupPackages(packages, options));
});

test('no packages, no groups', () => {
  assert.deepEqual(groupPackages([], { by: 'stability', room: 6 }), { groups: [], crowded: 0 });
});
