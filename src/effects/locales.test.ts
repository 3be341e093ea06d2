import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compiledLocales } from './locales.ts';
import { effectInput, literalDonorTree, picture, type TreeLiteral } from './testing.ts';

const libc = [{ name: 'libc6' }];
const libcBin = {
  'usr/lib/locale/C.utf8/LC_CTYPE': 'ctype',
  'usr/lib/locale/C.utf8/LC_MESSAGES/SYS_LC_MESSAGES': 'yes',
};
const localesAll = {
  'usr/lib/locale/de_DE.utf8/LC_NAME': 'name',
  'usr/lib/locale/de_DE.utf8/LC_CTYPE': { type: 'symlink', linkTarget: '../aa_DJ.utf8/LC_CTYPE' },
  'usr/lib/locale/de_DE.utf8/LC_MESSAGES/SYS_LC_MESSAGES': {
    type: 'symlink',
    linkTarget: '../../aa_DJ.utf8/LC_MESSAGES/SYS_LC_MESSAGES',
  },
  'usr/lib/locale/aa_DJ.utf8/LC_CTYPE': 'all letters',
  'usr/lib/locale/aa_DJ.utf8/LC_MESSAGES/SYS_LC_MESSAGES': 'ja',
  'usr/lib/locale/de_DE@euro/LC_NAME': 'euro',
} as const satisfies TreeLiteral;

describe('locales', () => {
  test('C.UTF-8 is in every image with libc6', () => {
    assert.deepEqual(made({ packages: libc }), {
      'usr/lib/locale/C.utf8/LC_CTYPE': 'file 0644 ctype',
      'usr/lib/locale/C.utf8/LC_MESSAGES/SYS_LC_MESSAGES': 'file 0644 yes',
    });
    assert.deepEqual(made({}), {});
    assert.deepEqual(made({ packages: libc, tree: libcBin }), {}, 'libc-bin is installed');
  });

  test('wanted ones are files of locales-all, its links followed', () => {
    const tree = libcBin;
    assert.deepEqual(made({ packages: libc, tree, locales: ['de_DE.UTF-8', 'C.UTF-8', 'POSIX', 'de_DE@euro'] }), {
      'usr/lib/locale/de_DE.utf8/LC_CTYPE': 'file 0644 all letters',
      'usr/lib/locale/de_DE.utf8/LC_MESSAGES/SYS_LC_MESSAGES': 'file 0644 ja',
      'usr/lib/locale/de_DE.utf8/LC_NAME': 'file 0644 name',
      'usr/lib/locale/de_DE@euro/LC_NAME': 'file 0644 euro',
    });
    const installed = { ...libcBin, 'usr/lib/locale/de_DE.utf8/LC_CTYPE': 'own' };
    assert.deepEqual(made({ packages: libc, tree: installed, locales: ['de_DE.utf8'] }), {});
  });

  test('one that the suite does not have is refused with the nearest names', () => {
    assert.throws(() => made({ packages: libc, locales: ['de_DW.UTF-8'] }), {
      code: 'CONFIG_INVALID',
      message: 'locales: the suite has no locale de_DW.UTF-8',
      hint: /^There is de_DE\.UTF-8/,
    });
    assert.throws(
      () => made({ packages: libc, locales: ['de_DE.UTF-8'], donors: false }),
      /locales-all, which no archive/,
    );
  });
});

function made(options: {
  readonly packages?: readonly { readonly name: string }[];
  readonly tree?: TreeLiteral;
  readonly locales?: readonly string[];
  readonly donors?: boolean;
}) {
  const { packages = [], tree = {}, locales = [], donors = true } = options;
  const input = effectInput({ packages, tree, donors: { 'libc-bin': libcBin }, settings: { locales } });
  const all = donors ? [['locales-all', literalDonorTree(localesAll)] as const] : [];
  return picture(compiledLocales({ ...input, donors: new Map([...input.donors, ...all]) }));
}
