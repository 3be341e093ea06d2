import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyBill, assortedBill, billOf, sbomFile } from '../../test/support/boms.ts';
import { filesOf, packagesOf } from '../../test/support/sbom-reader.ts';
import { assertValidSbom } from '../../test/support/sbom-schemas.ts';
import { encodeSbom } from './encode.ts';

const formats = ['spdx', 'spdx-3', 'cyclonedx'] as const;

const bills = {
  'packages, files, sources and a base': assortedBill,
  'nothing at all': billOf(),
  'files alone': billOf({ files: [sbomFile('app', { origin: 'files' })] }),
};

for (const format of formats) {
  for (const [what, bill] of Object.entries(bills)) {
    test(`${format}: ${what} is a valid document, and always the same one`, async () => {
      const bytes = await encodeSbom(format, bill);
      assertValidSbom(format, bytes);
      assertUniqueIds(bytes);
      assert.deepEqual(await encodeSbom(format, structuredClone(bill)), bytes);
    });
  }
}

// The schema of SPDX 3 is slow: 30 ms a document.
for (const [format, numRuns] of [
  ['spdx', 40],
  ['spdx-3', 8],
  ['cyclonedx', 40],
] as const) {
  test(`${format}: any bill is a valid document that lists its packages and files`, async () => {
    await fc.assert(
      fc.asyncProperty(anyBill, async (bill) => {
        const bytes = await encodeSbom(format, bill);
        assertValidSbom(format, bytes);
        const packages = bill.packages.map(({ name, version }) => `${name} ${version}`);
        const files = bill.files.map(({ path, sha256 }) => `${path} ${sha256}`);
        assert.deepEqual(packagesOf(format, bytes), packages.sort());
        assert.deepEqual(filesOf(format, bytes), files.sort());
      }),
      { numRuns },
    );
  });
}

/** Schemas can't say it: an identifier is given once, and what is referred to is there. */
function assertUniqueIds(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const given = [...text.matchAll(/"(?:SPDXID|spdxId|bom-ref|licenseId)": "([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(given, [...new Set(given)]);
  const named = [...text.matchAll(/"((?:SPDXRef-|package:|https:\/\/spdx\.org\/spdxdocs\/[^"]*#)[^"]*)"/g)].map(
    ([, id]) => id,
  );
  assert.deepEqual(
    [...new Set(named)].filter((id) => !given.includes(id)),
    [],
  );
}
