import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as CycloneDx from '@cyclonedx/cyclonedx-library';
import { assortedBill, billOf, sbomFile, sbomPackage } from '../../test/support/boms.ts';
import { cycloneDxDocument } from './cyclonedx.ts';

interface Document {
  readonly serialNumber: string;
  readonly components: readonly { readonly name: string; readonly [key: string]: unknown }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions: readonly { readonly aggregate: string; readonly dependencies: readonly string[] }[];
}

const document = cycloneDxDocument(assortedBill) as Document;

function componentOf(name: string): Readonly<Record<string, unknown>> {
  const found = document.components.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

test('what depends on what', () => {
  assert.deepEqual(
    document.dependencies.map(({ ref, dependsOn }) => `${ref}: ${dependsOn.join(' ')}`),
    [
      'image: package:app',
      'package:app: package:libstdc++6 package:vim',
      'package:libstdc++6: ',
      'package:libstdc++6:i386: ',
      'package:tzdata: ',
      'package:vim: package:libstdc++6',
    ],
  );
});

test('what a package needs is incomplete where dependencies were left out', () => {
  const { packages } = assortedBill;
  const { compositions } = cycloneDxDocument(billOf({ packages })) as Document;
  assert.deepEqual(
    compositions.map(({ aggregate, dependencies }) => [aggregate, dependencies.includes('package:app')]),
    [
      ['complete', false],
      ['incomplete', true],
    ],
  );
});

test('what no field is for is a property', () => {
  const lines = (name: string) =>
    (componentOf(name)['properties'] as { name: string; value: string }[]).map((one) => `${one.name} ${one.value}`);
  assert.deepEqual(lines('app'), [
    'slimimage:path app_1.0_all.deb',
    'slimimage:size 5',
    'slimimage:recommends vim',
    'slimimage:licence-problem It has no copyright file.',
    'slimimage:requested true',
    'slimimage:omitted-dependency perl-base (= 5.40.1-6)',
  ]);
  assert.deepEqual(lines('vim'), [
    'slimimage:section libs',
    'slimimage:omitted documentation: 12 files, 34567 bytes',
    'slimimage:omitted man pages: 3 files, 100 bytes',
    'slimimage:maintainer-script postinst: covered by alternatives',
    'slimimage:stripped /usr/bin/vim mode 4755',
  ]);
});

test('the texts of licences without a name lie beside the expression', () => {
  assert.deepEqual(componentOf('tzdata')['evidence'], {
    licenses: [
      { license: { name: 'LicenseRef-custom', text: { content: 'Do nothing.' } } },
      {
        license: {
          name: 'LicenseRef-public-domain',
          text: { content: 'The copyright file of tzdata names this licence "public-domain" and gives no text.' },
        },
      },
    ],
  });
});

test('a copied-in checkout has its commit and its remote, an image its digest', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const url = 'ssh://git.example.org/team/app.git';
  assert.deepEqual(componentOf('./app')['pedigree'], { commits: [{ uid: commit, url }] });
  assert.deepEqual(componentOf('./app')['externalReferences'], [{ type: 'vcs', url, comment: `commit ${commit}` }]);
  assert.equal(componentOf('docker://registry.example.org/tool:1')['version'], assortedBill.sources[1]?.image);
});

test('of the image below only packages are known, so the list is incomplete', () => {
  assert.equal(document.compositions[0]?.aggregate, 'incomplete');
  assert.equal((cycloneDxDocument(billOf()) as Document).compositions[0]?.aggregate, 'complete');
});

test('the serial number is a UUID of version 8', () => {
  assert.match(document.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a component is written as by CycloneDX's own library, as far as that goes", () => {
  const one = sbomPackage('libstdc++6', '1:14.2.0~rc1', { requested: true });
  const bill = billOf({ packages: [one], files: [sbomFile('usr/bin/x', { package: one.name })] });
  const [ours] = (cycloneDxDocument(bill) as Document).components;

  const component = new CycloneDx.Models.Component(CycloneDx.Enums.ComponentType.Library, one.name, {
    bomRef: `package:${one.name}`,
    version: one.version,
    description: one.summary,
    copyright: one.licence.copyrights.join('\n'),
    purl: 'pkg:deb/debian/libstdc%2B%2B6@1:14.2.0~rc1?arch=amd64&distro=trixie',
    hashes: new CycloneDx.Models.HashDictionary([[CycloneDx.Enums.HashAlgorithm['SHA-256'], one.deb?.sha256 ?? '']]),
    supplier: new CycloneDx.Models.OrganizationalEntity({
      name: 'Example Team',
      contact: new CycloneDx.Models.OrganizationalContactRepository([
        new CycloneDx.Models.OrganizationalContact({ email: 'team@lists.example.org' }),
      ]),
    }),
    externalReferences: new CycloneDx.Models.ExternalReferenceRepository([
      new CycloneDx.Models.ExternalReference(one.homepage ?? '', CycloneDx.Enums.ExternalReferenceType.Website),
    ]),
  });
  const licence = new CycloneDx.Models.LicenseExpression('MIT');
  licence.acknowledgement = CycloneDx.Enums.LicenseAcknowledgement.Declared;
  component.licenses.add(licence);
  const bom = new CycloneDx.Models.Bom();
  bom.components.add(component);
  const factory = new CycloneDx.Serialize.JSON.Normalize.Factory(CycloneDx.Spec.Spec1dot6);
  const theirs = JSON.parse(new CycloneDx.Serialize.JsonSerializer(factory).serialize(bom)).components[0];

  const shared = Object.fromEntries(Object.keys(theirs).map((key) => [key, ours?.[key]]));
  assert.deepEqual(JSON.parse(JSON.stringify(shared)), theirs);
  assert.deepEqual(
    Object.keys(JSON.parse(JSON.stringify(ours))).filter((key) => !(key in theirs)),
    ['pedigree', 'properties', 'components'],
  );
});
