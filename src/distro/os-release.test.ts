import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeUtf8 } from '../util/text.ts';
import { parseOsRelease } from './os-release.ts';

const read = (text: string) => parseOsRelease(encodeUtf8(text));

test('an os-release says the distribution and the codename, quoted or not', () => {
  const debian = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n';
  assert.deepEqual(read(debian), { id: 'debian', codename: 'trixie', version: '13' });
  assert.deepEqual(read('ID="ubuntu"\nVERSION_CODENAME=\'noble\''), {
    id: 'ubuntu',
    codename: 'noble',
    version: undefined,
  });
  assert.deepEqual(read('ID_LIKE=debian\n'), { id: undefined, codename: undefined, version: undefined });
});

test('what no distribution is called is not said', () => {
  for (const id of ['', '$(id)', 'de bian', 'Debian/../x', `a${'b'.repeat(64)}`])
    assert.equal(read(`ID=${id}\n`).id, undefined, id);
});

test('fuzz: any bytes are read', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => parseOsRelease(bytes).id !== ''));
});
