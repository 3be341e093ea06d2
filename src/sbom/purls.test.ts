import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PackageURL } from 'packageurl-js';
import { billOf, sbomPackage } from '../../test/support/boms.ts';
import { imagePurl, packagePurl, sourcePurl } from './purls.ts';
import type { SbomPackage } from './types.ts';

const cases: readonly (readonly [what: string, one: SbomPackage, purl: string])[] = [
  ['a package', sbomPackage('curl', '8.14.1-2'), 'pkg:deb/debian/curl@8.14.1-2?arch=amd64&distro=trixie'],
  [
    'plus signs in name and version',
    sbomPackage('libstdc++6', '14.2.0-19+b1'),
    'pkg:deb/debian/libstdc%2B%2B6@14.2.0-19%2Bb1?arch=amd64&distro=trixie',
  ],
  [
    'an epoch and a tilde',
    sbomPackage('vim', '2:9.1.1230-2~bpo12+1', { codename: undefined }),
    'pkg:deb/debian/vim@2:9.1.1230-2~bpo12%2B1?arch=amd64',
  ],
  [
    "another distribution's",
    sbomPackage('bash', '5.2.21-2ubuntu4', { vendor: 'ubuntu', codename: 'noble' }),
    'pkg:deb/ubuntu/bash@5.2.21-2ubuntu4?arch=amd64&distro=noble',
  ],
  [
    "nobody's, without a .deb",
    sbomPackage('app', '1.0', { vendor: undefined, codename: undefined, deb: undefined }),
    'pkg:generic/app@1.0?arch=amd64',
  ],
];

for (const [what, one, purl] of cases) {
  test(`purl of ${what}`, () => {
    assert.equal(packagePurl(one), purl);
    const { name, version } = PackageURL.fromString(purl);
    assert.deepEqual([name, version], [one.name, one.version]);
  });
}

test('a .deb of nobody is known by its hash', () => {
  const one = sbomPackage('app', '1.0', { vendor: undefined, codename: undefined });
  assert.equal(packagePurl(one), `pkg:generic/app@1.0?arch=amd64&checksum=sha256:${one.deb?.sha256}`);
});

test('purl of a source', () => {
  const one = sbomPackage('libc6', '2.41-12+b1', { source: { name: 'glibc', version: '2.41-12' } });
  assert.equal(sourcePurl(one), 'pkg:deb/debian/glibc@2.41-12?arch=source&distro=trixie');
});

test('purl of an image: the last part of its name, and its digest', () => {
  const bill = billOf({ name: 'team/App', platform: { os: 'linux', architecture: 'arm64' } });
  assert.equal(imagePurl(bill), `pkg:oci/app@${bill.digest}?arch=arm64`);
  assert.match(imagePurl({ ...bill, name: '' }), /^pkg:oci\/image@/);
});
