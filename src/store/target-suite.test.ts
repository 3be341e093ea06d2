import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { LocalStore } from './local-store.ts';
import { MemoryStore } from './memory-store.ts';
import { OciLayout } from './oci-layout.ts';
import { targetSuite } from './target-suite.ts';

let root = '';
let count = 0;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-targets-'));
});

after(() => rm(root, { recursive: true }));

targetSuite('MemoryStore', async () => new MemoryStore());
targetSuite('LocalStore', () => LocalStore.open(join(root, `store-${count++}`)));
targetSuite('OciLayout', () => OciLayout.create(join(root, `layout-${count++}`)));
