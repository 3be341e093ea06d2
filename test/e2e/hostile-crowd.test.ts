import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspectImage } from '../../src/look/inspect-image.ts';
import { listImageTree } from '../../src/look/list-image.ts';
import { Sha256 } from '../../src/util/digest.ts';
import { hostileLayout, raw } from '../support/hostile-images.ts';

/** A file of its own: it takes as long as all other hostile images. */
it('a million entries are listed and inspected in bounded memory', { timeout: 300_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-hostile-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const looking = { store: join(folder, 'store'), cwd: folder, env: {} };
  const whole = new Sha256();
  const members: Uint8Array[] = [];
  for (let part = 0; part < 100; part++) {
    const names = Array.from({ length: 10_000 }, (_, index) => raw(`d${part}/${index}`));
    const bytes = Buffer.concat(part === 99 ? [...names, Buffer.alloc(1024)] : names);
    whole.update(bytes);
    members.push(gzipSync(bytes, { level: 1 }));
  }
  const options = { blobs: [Buffer.concat(members)], diffIds: [whole.digest()] };
  const image = await hostileLayout(join(folder, 'million'), [], options);
  const { user, system } = process.cpuUsage();
  const entries = await listImageTree(image, looking);
  assert.equal(entries.length, 1_000_100);
  const inspection = await inspectImage(image, { ...looking, today: '2026-01-01' });
  assert.match(JSON.stringify(inspection), /1000000/);
  const used = process.cpuUsage({ user, system });
  assert.ok(used.user + used.system < 90_000_000, `${used.user + used.system} microseconds`);
  const { maxRSS } = process.resourceUsage();
  assert.ok(maxRSS < 2_500_000, `${maxRSS} kB`);
});
