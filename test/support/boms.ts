import fc from 'fast-check';
import type { BillOfMaterials, SbomFile, SbomPackage, SbomSource } from '../../src/sbom/types.ts';
import { sha1Hex, sha256Hex } from '../../src/util/digest.ts';

/** A bill as a build makes it, of what a test says and plain values for the rest. */
export function billOf(parts: Partial<BillOfMaterials> = {}): BillOfMaterials {
  return {
    name: 'app',
    digest: `sha256:${sha256Hex('manifest')}`,
    platform: { os: 'linux', architecture: 'amd64' },
    created: 1_767_323_045,
    toolVersion: '0.1.0',
    packages: [],
    files: [],
    sources: [],
    cuts: [],
    on: undefined,
    ...parts,
  };
}

export function sbomPackage(name: string, version: string, parts: Partial<SbomPackage> = {}): SbomPackage {
  return {
    name,
    version,
    architecture: 'amd64',
    source: { name, version },
    vendor: 'debian',
    codename: 'trixie',
    summary: `what ${name} is for`,
    homepage: `https://example.org/${name}`,
    maintainer: 'Example Team <team@lists.example.org>',
    section: 'libs',
    deb: {
      sha256: sha256Hex(`${name} ${version}`),
      size: 1234,
      archive: 'debian',
      suite: 'trixie',
      component: 'main',
      path: `pool/main/${name.charAt(0)}/${name}/${name}_${version.replace(/^\d+:/, '')}_amd64.deb`,
    },
    licence: { expression: 'MIT', references: {}, problem: undefined, copyrights: ['2020 Example'] },
    requested: false,
    dependencies: [],
    omittedDependencies: [],
    cutDependencies: [],
    omitted: [],
    scripts: [],
    stripped: [],
    ...parts,
  };
}

export function sbomFile(path: string, parts: Partial<SbomFile> = {}): SbomFile {
  return {
    path,
    sha256: sha256Hex(path),
    sha1: sha1Hex(path),
    size: 10,
    package: undefined,
    origin: undefined,
    source: undefined,
    ...parts,
  };
}

/** Epochs, `~` and `+`, names in other scripts, licences of their own, files of everybody, a base image. */
export const assortedBill: BillOfMaterials = billOf({
  name: 'team/app',
  packages: [
    sbomPackage('app', '1.0', {
      vendor: undefined,
      codename: undefined,
      maintainer: undefined,
      homepage: undefined,
      summary: '',
      section: '',
      deb: { sha256: sha256Hex('app'), size: 5, archive: '', suite: '', component: '', path: 'app_1.0_all.deb' },
      licence: { expression: undefined, references: {}, problem: 'It has no copyright file.', copyrights: [] },
      requested: true,
      dependencies: [
        { name: 'libstdc++6', type: 'depends' },
        { name: 'vim', type: 'recommends' },
      ],
      omittedDependencies: ['perl-base (= 5.40.1-6)'],
    }),
    sbomPackage('libstdc++6', '14.2.0-19+b1', {
      source: { name: 'gcc-14', version: '14.2.0-19' },
      maintainer: 'Debian GCC Maintainers <debian-gcc@lists.debian.org>',
      licence: {
        expression: 'GPL-3.0-or-later WITH GCC-exception-3.1 AND LicenseRef-custom',
        references: { 'LicenseRef-custom': { name: 'custom', text: 'Do what you want.' } },
        problem: undefined,
        copyrights: ['1986-2024 Free Software Foundation, Inc.'],
      },
      omitted: [{ reason: 'documentation', count: 1, bytes: 999 }],
    }),
    sbomPackage('libstdc++6', '14.2.0-19', {
      architecture: 'i386',
      deb: undefined,
      source: { name: 'gcc-14', version: '14.2.0-19' },
    }),
    sbomPackage('tzdata', '2025b-4+deb13u1', {
      source: { name: 'tzdata', version: '2025b-4+deb13u1' },
      architecture: 'all',
      maintainer: 'Jörg Müller-Łukasz 山田 <joerg@example.org>',
      licence: {
        expression: 'LicenseRef-custom OR LicenseRef-public-domain',
        references: {
          'LicenseRef-custom': { name: 'custom', text: 'Do nothing.' },
          'LicenseRef-public-domain': { name: 'public-domain', text: undefined },
        },
        problem: 'The paragraph for contrib/ names a licence without its text.',
        copyrights: [],
      },
    }),
    sbomPackage('vim', '2:9.1.1230-2~bpo12+1', {
      source: { name: 'vim', version: '2:9.1.1230-2' },
      deb: undefined,
      dependencies: [{ name: 'libstdc++6', type: 'pre-depends' }],
      scripts: ['postinst: covered by alternatives'],
      stripped: ['/usr/bin/vim mode 4755'],
      omitted: [
        { reason: 'documentation', count: 12, bytes: 34567 },
        { reason: 'man pages', count: 3, bytes: 100 },
      ],
    }),
  ],
  files: [
    sbomFile('app/main.py', { origin: 'files', source: 0 }),
    sbomFile('opt/tool', { origin: 'files', source: 1 }),
    sbomFile('usr/bin/vim', { package: 'vim' }),
    sbomFile('usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.33', { package: 'libstdc++6' }),
    sbomFile('usr/share/ä b/\udcff', { package: 'app' }),
    sbomFile('var/lib/dpkg/status.d/vim', { origin: 'dpkg metadata' }),
  ],
  sources: [
    {
      name: './app',
      path: '/app',
      git: { commit: '0123456789abcdef0123456789abcdef01234567', remote: 'git@git.example.org:team/app.git' },
      image: undefined,
    },
    {
      name: 'docker://registry.example.org/tool:1',
      path: '/opt',
      git: undefined,
      image: `sha256:${sha256Hex('tool')}`,
    },
  ],
  cuts: [{ name: 'adduser', version: '3.152', grade: 'no-evidence', because: 'a shell could start it' }],
  on: `sha256:${sha256Hex('base')}`,
});

/** Any bill that the types allow: one package a name, dependencies among them. */
export const anyBill: fc.Arbitrary<BillOfMaterials> = fc
  .uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,12}$/), { maxLength: 6 })
  .chain((names) =>
    fc.record({
      name: anyName,
      digest: hex.map((digits) => `sha256:${digits}` as const),
      platform: fc.constantFrom(
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ),
      created: fc.nat({ max: 4_000_000_000 }),
      toolVersion: fc.constantFrom('0.1.0', '1.0.0-rc.1+build'),
      packages: fc.tuple(...names.toSorted().map((name) => anyPackage(name, names))),
      files: fc.uniqueArray(anyFile(names), { selector: ({ path }) => path, maxLength: 8 }),
      sources: fc.array(anySource, { maxLength: 3 }),
      cuts: fc.array(
        fc.record({
          name: fc.constantFrom('debconf', 'perl-base'),
          version: debianVersion,
          grade: fc.constantFrom('proven' as const, 'no-evidence' as const),
          because: anyText,
        }),
        { maxLength: 2 },
      ),
      on: fc.option(
        hex.map((digits) => `sha256:${digits}` as const),
        { nil: undefined },
      ),
    }),
  );

// What is made once: to make one of them for every package takes longer than all that is tried with them.
const hex = fc.uint8Array({ maxLength: 4 }).map((bytes) => sha256Hex(bytes));
const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
const maybeText = fc.option(anyText, { nil: undefined });
const anyName = fc.oneof(fc.stringMatching(/^[a-z0-9]+([._/-][a-z0-9]+){0,2}$/), fc.string());
const anyHomepage = fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), maybeText);
const anyMaintainer = fc.oneof(
  fc.tuple(anyText, fc.emailAddress()).map(([who, mail]) => `${who} <${mail}>`),
  maybeText,
);
const anyPath = fc.oneof(fc.stringMatching(/^[a-z]+(\/[a-z~+ ]+){0,3}$/), fc.string({ minLength: 1, unit: 'binary' }));

function anyPackage(name: string, names: readonly string[]): fc.Arbitrary<SbomPackage> {
  return fc.record({
    name: fc.constant(name),
    version: debianVersion,
    architecture: fc.constantFrom('amd64', 'all'),
    source: fc.record({ name: fc.constantFrom(...names), version: debianVersion }),
    vendor: fc.constantFrom('debian', 'ubuntu', undefined),
    codename: fc.constantFrom('trixie', 'noble', undefined),
    summary: anyText,
    homepage: anyHomepage,
    maintainer: anyMaintainer,
    section: anyText,
    deb: fc.option(
      fc.record({ sha256: hex, size: fc.nat(), archive: anyText, suite: anyText, component: anyText, path: anyText }),
      { nil: undefined },
    ),
    licence: fc.record({
      expression: fc.constantFrom(undefined, 'MIT', 'LicenseRef-a AND MIT', 'LicenseRef-a OR LicenseRef-a-2'),
      references: fc
        .constantFrom({}, { 'LicenseRef-a': { name: 'a', text: undefined } })
        .chain((one) => anyText.map((text) => ({ ...one, 'LicenseRef-a-2': { name: 'b', text } }))),
      problem: maybeText,
      copyrights: fc.array(anyText, { maxLength: 2 }),
    }),
    requested: fc.boolean(),
    dependencies: fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        type: fc.constantFrom('depends' as const, 'pre-depends' as const, 'recommends' as const),
      }),
      { maxLength: 3 },
    ),
    omittedDependencies: fc.array(anyText, { maxLength: 2 }),
    cutDependencies: fc.array(anyText, { maxLength: 2 }),
    omitted: fc.array(fc.record({ reason: anyText, count: fc.nat(), bytes: fc.nat() }), { maxLength: 2 }),
    scripts: fc.array(anyText, { maxLength: 2 }),
    stripped: fc.array(anyText, { maxLength: 2 }),
  });
}

const debianVersion = fc.stringMatching(/^([0-9]{1,2}:)?[0-9][a-zA-Z0-9.+~]{0,8}(-[a-zA-Z0-9.+~]{1,6})?$/);

function anyFile(names: readonly string[]): fc.Arbitrary<SbomFile> {
  return fc.record({
    path: anyPath,
    sha256: hex,
    sha1: hex.map((digits) => digits.slice(0, 40)),
    size: fc.nat(),
    package: fc.constantFrom(...names, undefined),
    origin: maybeText,
    source: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
  });
}

const anySource: fc.Arbitrary<SbomSource> = fc.record({
  name: anyText,
  path: anyText,
  git: fc.option(
    fc.record({
      commit: hex.map((digits) => digits.slice(0, 40)),
      remote: fc.oneof(fc.constantFrom('git@example.org:a/b.git', '/srv/git/a.git', undefined), maybeText, fc.webUrl()),
    }),
    { nil: undefined },
  ),
  image: fc.option(
    hex.map((digits) => `sha256:${digits}` as const),
    { nil: undefined },
  ),
});
