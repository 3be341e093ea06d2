import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assortedBill, billOf, sbomFile, sbomPackage } from '../../test/support/boms.ts';
import { sha1Hex } from '../util/digest.ts';
import { spdx2Document } from './spdx2.ts';

interface Package {
  readonly SPDXID: string;
  readonly downloadLocation: string;
  readonly filesAnalyzed: boolean;
  readonly packageVerificationCode?: { readonly packageVerificationCodeValue: string };
  readonly annotations?: readonly { readonly comment: string }[];
  readonly [key: string]: unknown;
}

interface Document {
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly packages: readonly Package[];
  readonly files: readonly { readonly SPDXID: string; readonly fileName: string }[];
  readonly relationships: readonly Record<'spdxElementId' | 'relationshipType' | 'relatedSpdxElement', string>[];
  readonly hasExtractedLicensingInfos: readonly { readonly licenseId: string; readonly extractedText: string }[];
}

const document = spdx2Document(assortedBill) as Document;

function packageOf(id: string, from = document): Package {
  const found = from.packages.find(({ SPDXID }) => SPDXID === `SPDXRef-${id}`);
  assert.ok(found, id);
  return found;
}

test('what is related to what', () => {
  const paths = new Map(document.files.map(({ SPDXID, fileName }) => [SPDXID, fileName]));
  const short = (id: string) => paths.get(id) ?? id.replace('SPDXRef-', '').replaceAll('X2bX', '+');
  const lines = document.relationships.map(
    (one) => `${short(one.spdxElementId)} ${one.relationshipType} ${short(one.relatedSpdxElement)}`,
  );
  assert.deepEqual(lines, [
    'DOCUMENT DESCRIBES Image',
    'Image DESCENDANT_OF BaseImage',
    'Image CONTAINS Package-app',
    'Image DEPENDS_ON Package-app',
    'Package-app DEPENDS_ON Package-libstdc++6',
    'Package-vim OPTIONAL_DEPENDENCY_OF Package-app',
    'Package-app CONTAINS ./usr/share/ä b/\udcff',
    'Image CONTAINS Package-libstdc++6',
    'Package-libstdc++6 CONTAINS ./usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.33',
    'Image CONTAINS Package-libstdc++6X3aXi386',
    'Image CONTAINS Package-tzdata',
    'Image CONTAINS Package-vim',
    'Package-vim DEPENDS_ON Package-libstdc++6',
    'Package-vim CONTAINS ./usr/bin/vim',
    'Package-app GENERATED_FROM Source-1',
    'Package-libstdc++6 GENERATED_FROM Source-2',
    'Package-libstdc++6X3aXi386 GENERATED_FROM Source-2',
    'Package-tzdata GENERATED_FROM Source-3',
    'Package-vim GENERATED_FROM Source-4',
    'Image CONTAINS Files-1',
    'Files-1 CONTAINS ./app/main.py',
    'Image CONTAINS Files-2',
    'Files-2 CONTAINS ./opt/tool',
    'Image CONTAINS ./var/lib/dpkg/status.d/vim',
  ]);
});

test('a package says where its .deb lies without a mirror, who keeps it, and what it was built from', () => {
  const { name, versionInfo, packageFileName, supplier, downloadLocation, sourceInfo, comment } =
    packageOf('Package-libstdcX2bXX2bX6');
  assert.deepEqual(
    { name, versionInfo, packageFileName, supplier, downloadLocation, sourceInfo, comment },
    {
      name: 'libstdc++6',
      versionInfo: '14.2.0-19+b1',
      packageFileName: 'pool/main/l/libstdc++6/libstdc++6_14.2.0-19+b1_amd64.deb',
      supplier: 'Organization: Debian GCC Maintainers (debian-gcc@lists.debian.org)',
      downloadLocation: 'NOASSERTION',
      sourceInfo: 'built package from: gcc-14 14.2.0-19',
      comment: 'archive debian, suite trixie, component main, section libs',
    },
  );
});

test('two licences of one name are two, and an unread one is said', () => {
  assert.equal(
    packageOf('Package-libstdcX2bXX2bX6')['licenseDeclared'],
    'GPL-3.0-or-later WITH GCC-exception-3.1 AND LicenseRef-custom',
  );
  assert.equal(packageOf('Package-tzdata')['licenseDeclared'], 'LicenseRef-custom-2 OR LicenseRef-public-domain');
  assert.deepEqual(
    document.hasExtractedLicensingInfos.map(({ licenseId, extractedText }) => `${licenseId}: ${extractedText}`),
    [
      'LicenseRef-custom: Do what you want.',
      'LicenseRef-custom-2: Do nothing.',
      'LicenseRef-public-domain: The copyright file of tzdata names this licence "public-domain" and gives no text.',
    ],
  );
  const { licenseDeclared, licenseComments } = packageOf('Package-app');
  assert.deepEqual([licenseDeclared, licenseComments], ['NOASSERTION', 'It has no copyright file.']);
});

test('what was asked for, left out and taken away is annotated', () => {
  const comments = (id: string) => packageOf(id).annotations?.map(({ comment }) => comment);
  assert.deepEqual(comments('Package-app'), [
    'slimimage:requested true',
    'slimimage:omitted-dependency perl-base (= 5.40.1-6)',
  ]);
  assert.deepEqual(comments('Package-vim'), [
    'slimimage:omitted documentation: 12 files, 34567 bytes',
    'slimimage:omitted man pages: 3 files, 100 bytes',
    'slimimage:maintainer-script postinst: covered by alternatives',
    'slimimage:stripped /usr/bin/vim mode 4755',
  ]);
});

test('a clean checkout is named by its commit, and by its remote without user', () => {
  const { versionInfo, downloadLocation, externalRefs } = packageOf('Files-1');
  const commit = '0123456789abcdef0123456789abcdef01234567';
  assert.equal(versionInfo, commit);
  assert.equal(downloadLocation, `git+ssh://git.example.org/team/app.git@${commit}`);
  assert.match(JSON.stringify(externalRefs), new RegExp(`"gitoid:commit:sha1:${commit}"`));
});

test('the image has its own time, and its digest alone makes the identifier', () => {
  assert.deepEqual(document.creationInfo, { created: '2026-01-02T03:04:05Z', creators: ['Tool: slimimage-0.1.0'] });
  assert.match(
    document.documentNamespace,
    /^https:\/\/spdx\.org\/spdxdocs\/slimimage-team%2Fapp-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const other = spdx2Document({ ...assortedBill, digest: billOf({}).digest.replace(/.$/, '0') as `sha256:${string}` });
  assert.notEqual((other as Document).documentNamespace, document.documentNamespace);
});

test('a package with files has a code made of their SHA-1s; where one file has none no file is listed', () => {
  const files = [sbomFile('a', { package: 'one' }), sbomFile('b', { package: 'one' })];
  const bill = billOf({ packages: [sbomPackage('one', '1')], files });
  const sums = files.map(({ path }) => sha1Hex(path)).sort();
  const { packageVerificationCode } = packageOf('Package-one', spdx2Document(bill) as Document);
  assert.equal(packageVerificationCode?.packageVerificationCodeValue, sha1Hex(sums.join('')));

  const lacking = { ...bill, files: [...files, sbomFile('c', { sha1: undefined })] };
  const without = spdx2Document(lacking) as Document;
  assert.deepEqual(without.files, []);
  assert.equal(packageOf('Package-one', without).filesAnalyzed, false);
  assert.ok(!without.relationships.some(({ relatedSpdxElement }) => relatedSpdxElement.includes('File-')));
});
