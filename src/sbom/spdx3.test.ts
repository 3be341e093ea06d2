import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assortedBill } from '../../test/support/boms.ts';
import { spdx3Document } from './spdx3.ts';

interface Element {
  readonly type: string;
  readonly spdxId: string;
  readonly name?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly relationshipType: string;
  readonly [key: string]: unknown;
}

const { '@graph': graph } = spdx3Document(assortedBill) as { readonly '@graph': readonly Element[] };
const partOf = (id: string) => id.slice(id.search(/[#/][^#/]*$/) + 1);
const byPart = new Map(graph.filter(({ spdxId }) => spdxId).map((one) => [partOf(one.spdxId), one]));

/** `LicenseRef` and expressions by what they say, files by their path, all else by identifier. */
function wordOf(id: string): string {
  const one = byPart.get(partOf(id));
  if (one?.type === 'software_File') return one.name ?? '';
  return String(one?.['simplelicensing_licenseExpression'] ?? partOf(id).replaceAll('X2bX', '+'));
}

test('what is related to what', () => {
  const lines = graph
    .filter(({ relationshipType }) => relationshipType)
    .map(({ relationshipType, from, to }) => `${wordOf(from)} ${relationshipType}: ${to.map(wordOf).join(', ')}`);
  assert.deepEqual(lines, [
    'Image descendantOf: BaseImage',
    'Package-app hasDeclaredLicense: NoAssertionLicense',
    'Package-libstdc++6 hasDeclaredLicense: GPL-3.0-or-later WITH GCC-exception-3.1 AND LicenseRef-custom',
    'Package-libstdc++6X3aXi386 hasDeclaredLicense: MIT',
    'Package-tzdata hasDeclaredLicense: LicenseRef-custom-2 OR LicenseRef-public-domain',
    'Package-vim hasDeclaredLicense: MIT',
    'Image contains: Package-app, Package-libstdc++6, Package-libstdc++6X3aXi386, Package-tzdata, Package-vim',
    'Image dependsOn: Package-app',
    'Package-app dependsOn: Package-libstdc++6',
    'Package-app hasOptionalDependency: Package-vim',
    'Package-vim dependsOn: Package-libstdc++6',
    'Source-1 generates: Package-app',
    'Source-2 generates: Package-libstdc++6, Package-libstdc++6X3aXi386',
    'Source-3 generates: Package-tzdata',
    'Source-4 generates: Package-vim',
    'Image contains: Files-1, Files-2',
    'Package-vim contains: /usr/bin/vim',
    'Package-libstdc++6 contains: /usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.33',
    'Package-app contains: /usr/share/ä b/\udcff',
    'Files-1 contains: /app/main.py',
    'Files-2 contains: /opt/tool',
    'Image contains: /var/lib/dpkg/status.d/vim',
  ]);
});

test('everything has the one creation: the time of the image, slimimage as agent and as tool', () => {
  const creation = graph.filter(({ type }) => type === 'CreationInfo');
  assert.deepEqual(
    creation.map(({ created, createdBy, createdUsing, specVersion }) => ({
      created,
      by: (createdBy as string[]).map((id) => byPart.get(partOf(id))?.name),
      using: (createdUsing as string[]).map((id) => byPart.get(partOf(id))?.name),
      specVersion,
    })),
    [{ created: '2026-01-02T03:04:05Z', by: ['slimimage'], using: ['slimimage-0.1.0'], specVersion: '3.0.1' }],
  );
  const others = graph.filter(({ type }) => type !== 'CreationInfo');
  assert.deepEqual([...new Set(others.map(({ creationInfo }) => creationInfo))], [creation[0]?.['@id']]);
});

test('a licence of its own is an element that the expression points to', () => {
  const expression = graph.find(
    (one) => one['simplelicensing_licenseExpression'] === 'LicenseRef-custom-2 OR LicenseRef-public-domain',
  );
  const custom = expression?.['simplelicensing_customIdToUri'] as { key: string; value: string }[];
  assert.deepEqual(
    custom.map(({ key, value }) => `${key}: ${byPart.get(partOf(value))?.['simplelicensing_licenseText']}`),
    [
      'LicenseRef-custom-2: Do nothing.',
      'LicenseRef-public-domain: The copyright file of tzdata names this licence "public-domain" and gives no text.',
    ],
  );
});

test('who keeps a package is an organisation or an agent that is not told further', () => {
  const suppliers = graph.filter(({ spdxId = '' }) => partOf(spdxId).startsWith('Supplier-'));
  assert.deepEqual(
    suppliers.map(({ type, name }) => `${type} ${name}`),
    ['Organization Debian GCC Maintainers', 'Organization Example Team', 'Agent Jörg Müller-Łukasz 山田'],
  );
});
