import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha1Hex, sha256Hex } from '../util/digest.ts';
import { sha1Runs } from './sha1.ts';

test('SHA-1 of runs of bytes in files, of those that are still what they were', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-sha1-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const large = 'x'.repeat(3_000_000);
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  writeFileSync(one, `....first..${large}`);
  writeFileSync(two, '');
  const run = (file: string, offset: number, text: string) => ({
    file,
    offset,
    length: text.length,
    sha256: sha256Hex(text),
  });

  const runs = [run(one, 4, 'first'), run(one, 11, large), run(two, 0, ''), run(one, 0, 'other'), run(two, 0, 'gone')];

  assert.deepEqual(
    sha1Runs({ runs }, () => {}),
    [sha1Hex('first'), sha1Hex(large), sha1Hex(''), null, null],
  );
});
