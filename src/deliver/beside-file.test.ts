import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideFile } from './beside-file.ts';

test('papers are called after the file of the image', () => {
  assert.equal(besideFile('oci-archive:web.tar', { kind: 'spdx' }), 'web.spdx.json');
  assert.equal(besideFile('docker-archive:out/web.tar.gz', { kind: 'cyclonedx' }), 'out/web.cdx.json');
  assert.equal(besideFile('docker-archive:/srv/web.tgz:web:1.0', { kind: 'provenance' }), '/srv/web.provenance.json');
  assert.equal(besideFile('tar:web.1.2', { kind: 'spdx-3' }), 'web.1.2.spdx3.json');
  const platform = 'linux/arm/v7';
  assert.equal(besideFile('oci-archive:web.tar', { kind: 'spdx', platform }), 'web.linux-arm-v7.spdx.json');
});

test('places that are no file have none', () => {
  for (const target of ['oci:web', 'dir:web', 'store:web', 'docker://registry.example/web'])
    assert.equal(besideFile(target, { kind: 'spdx' }), undefined);
});
