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
      assert.deepEqual(await encodeSbom(format, structuredClone(bill)), bytes);
    });
  }
}

test('any bill is a valid document in every format, and lists its packages and files', async () => {
  await fc.assert(
    fc.asyncProperty(anyBill, async (bill) => {
      for (const format of formats) {
        const bytes = await encodeSbom(format, bill);
        assertValidSbom(format, bytes);
        assert.deepEqual(
          packagesOf(format, bytes),
          listOf(bill.packages.map(({ name, version }) => `${name} ${version}`)),
        );
        assert.deepEqual(filesOf(format, bytes), listOf(bill.files.map(({ path, sha256 }) => `${path} ${sha256}`)));
      }
    }),
    { numRuns: 50 },
  );
});

function listOf(lines: readonly string[]): readonly string[] {
  return lines.toSorted();
}
