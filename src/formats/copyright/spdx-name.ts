import spdxIds from 'spdx-license-ids/index.json' with { type: 'json' };

/**
 * The SPDX term of a licence's short name as Debian writes it (copyright-format 1.0, "Short name"): `GPL-2+` is `GPL-2.0-or-later`,
 * `Expat` is `MIT`. Undefined for names that SPDX does not have, or that mean several things: `BSD`, `GPL` without a version.
 */
export function spdxName(name: string): string | undefined {
  const key = name
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .replace(/-licen[cs]e$/, '');
  const gnu = gnuName(key);
  if (gnu !== undefined) return gnu;
  const alias = aliases[key];
  if (alias !== undefined) return alias;
  const later = key.endsWith('+');
  const plain = later ? key.slice(0, -1) : key;
  const id = aliases[plain] ?? idByKey.get(plain) ?? idByKey.get(`${plain}.0`);
  if (id === undefined || ambiguous.has(plain) || id.includes(' ')) return undefined;
  return later ? `${id}+` : id;
}

const idByKey: ReadonlyMap<string, string> = new Map(spdxIds.map((id) => [id.toLowerCase(), id]));

/** Names that Debian gives to other things than SPDX does. */
const ambiguous = new Set([
  'intel',
  'gpl',
  'lgpl',
  'agpl',
  'gfdl',
  'bsd',
  'doc',
  // vim's is the Open Publication License, SPDX's the Open Public License.
  'opl',
  'opl-1',
  'opl-1.0',
]);

const aliases: Readonly<Record<string, string>> = {
  __proto__: null as never,
  expat: 'MIT',
  'mit-expat': 'MIT',
  'mit/expat': 'MIT',
  'expat/mit': 'MIT',
  apache2: 'Apache-2.0',
  'apache2.0': 'Apache-2.0',
  // common-licenses/Artistic is the text that Perl has.
  artistic: 'Artistic-1.0-Perl',
  'artistic-1': 'Artistic-1.0-Perl',
  bsd2: 'BSD-2-Clause',
  'bsd-2': 'BSD-2-Clause',
  'bsd2-clause': 'BSD-2-Clause',
  'bsd-2clause': 'BSD-2-Clause',
  'bsd-2-clauses': 'BSD-2-Clause',
  bsd3: 'BSD-3-Clause',
  'bsd-3': 'BSD-3-Clause',
  'bsd3-clause': 'BSD-3-Clause',
  'bsd-3clause': 'BSD-3-Clause',
  'bsd-3-clauses': 'BSD-3-Clause',
  'bsd-4': 'BSD-4-Clause',
  cc0: 'CC0-1.0',
  'boost-1.0': 'BSL-1.0',
  'fsf-all-permissive': 'FSFAP',
  'sil-ofl-1.1': 'OFL-1.1',
  'wtfpl-2': 'WTFPL',
  'zlib/libpng': 'Zlib',
  perl: '(Artistic-1.0-Perl OR GPL-1.0-or-later)',
};

const gnuVersions: Readonly<Record<string, readonly string[]>> = {
  gpl: ['1.0', '2.0', '3.0'],
  lgpl: ['2.0', '2.1', '3.0'],
  agpl: ['1.0', '3.0'],
  gfdl: ['1.1', '1.2', '1.3'],
};

/** `lgpl-2.1+`, `gpl-v2-or-later`, `gfdl-niv-1.3+`, `gfdl-1.2-no-invariants-only`. */
function gnuName(key: string): string | undefined {
  const match =
    /^(?:gnu-)?(a?gpl|lgpl|gfdl|fdl)(-niv|-no-invariants)?(?:-?(?:version-|v\.?)?|-)([0-9](?:\.[0-9])?)(?:\.0)?(-no-invariants?|-invariants)?(\+|-or-later|-only)?(-no-invariants?)?$/.exec(
      key,
    );
  if (match === null) return undefined;
  const [, written = '', before, number = '', between, suffix, after] = match;
  const family = written === 'fdl' ? 'gfdl' : written;
  const version = number.includes('.') ? number : `${number}.0`;
  if (!gnuVersions[family]?.includes(version)) return undefined;
  const noInvariants = [before, between, after].some((part) => part !== undefined && part !== '-invariants');
  const invariants = noInvariants ? '-no-invariants' : (between ?? '');
  if (family !== 'gfdl' && invariants !== '') return undefined;
  const later = suffix === '+' || suffix === '-or-later';
  return `${family.toUpperCase()}-${version}${invariants}-${later ? 'or-later' : 'only'}`;
}

/** The SPDX exception that `with NAME exception` means for a licence; undefined where there is none, or several. */
export function spdxException(name: string, licence: string): string | undefined {
  const key = name
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .replace(/-exceptions?$/, '');
  if (key === 'bison' && licence.startsWith('GPL-3.0')) return 'Bison-exception-2.2';
  return exceptions.get(key);
}

/** Exceptions as SPDX calls them (its list of them is no package of its own). */
const exceptionIds = [
  'Autoconf-exception-2.0',
  'Autoconf-exception-3.0',
  'Autoconf-exception-generic',
  'Autoconf-exception-generic-3.0',
  'Autoconf-exception-macro',
  'Bison-exception-1.24',
  'Bison-exception-2.2',
  'Classpath-exception-2.0',
  'cryptsetup-OpenSSL-exception',
  'eCos-exception-2.0',
  'FLTK-exception',
  'Font-exception-2.0',
  'GCC-exception-2.0',
  'GCC-exception-3.1',
  'GNAT-exception',
  'GPL-CC-1.0',
  'GStreamer-exception-2005',
  'GStreamer-exception-2008',
  'LGPL-3.0-linking-exception',
  'Libtool-exception',
  'Linux-syscall-note',
  'LLVM-exception',
  'OCaml-LGPL-linking-exception',
  'OpenJDK-assembly-exception-1.0',
  'Qt-GPL-exception-1.0',
  'Qt-LGPL-exception-1.1',
  'stunnel-exception',
  'Swift-exception',
  'Texinfo-exception',
  'u-boot-exception-2.0',
  'Universal-FOSS-exception-1.0',
  'vsftpd-openssl-exception',
  'WxWindows-exception-3.1',
  'x11vnc-openssl-exception',
];

/**
 * By those names, by them without the word, and by short names that can mean one only. The text of others (`Autoconf`, `OpenSSL`) varies
 * from package to package.
 */
const exceptions: ReadonlyMap<string, string> = new Map([
  ...exceptionIds.flatMap((id): [string, string][] => {
    const key = id.toLowerCase();
    return [key, key.replace(/-exception$/, ''), key.replace('-exception-', '-')].map((name) => [name, id]);
  }),
  ['classpath', 'Classpath-exception-2.0'],
  ['font', 'Font-exception-2.0'],
  ['gcc-runtime-library', 'GCC-exception-3.1'],
  ['gcc-runtime-library-3.1', 'GCC-exception-3.1'],
  ['u-boot', 'u-boot-exception-2.0'],
  ['wxwindows', 'WxWindows-exception-3.1'],
]);
