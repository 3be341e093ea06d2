import assert from 'node:assert/strict';
import { test } from 'node:test';
import { billOf, sbomPackage } from '../../test/support/boms.ts';
import { documentNamespace, documentUuid } from './identity.ts';

test('a document has the identifier of what it says: another one of the same image has another', () => {
  const bill = billOf({ packages: [sbomPackage('curl', '8.14.1-2')] });
  const uuid = documentUuid(bill, 'spdx-2.3');
  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  // As it comes back from the store.
  assert.equal(documentUuid(JSON.parse(JSON.stringify(bill)), 'spdx-2.3'), uuid);
  const others = [
    documentUuid(bill, 'cyclonedx-1.6'),
    documentUuid({ ...bill, name: 'other' }, 'spdx-2.3'),
    documentUuid({ ...bill, packages: [sbomPackage('curl', '8.14.1-2', { section: 'web' })] }, 'spdx-2.3'),
    documentUuid({ ...bill, toolVersion: '0.2.0' }, 'spdx-2.3'),
  ];
  assert.equal(new Set([uuid, ...others]).size, 5);
  assert.equal(documentNamespace(bill, 'spdx-2.3'), `https://spdx.org/spdxdocs/slimimage-app-${uuid}`);
});
