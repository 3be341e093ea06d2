import { after, before } from 'node:test';
import { type MisbehavingRegistry, startMisbehavingRegistry } from '../../test/support/misbehaving-registry.ts';
import { startRepositories } from '../../test/support/registry-access.ts';
import { targetSuite } from '../store/target-suite.ts';

const repositories = startRepositories();
let listing: MisbehavingRegistry;
let plain: MisbehavingRegistry;
let count = 0;

before(async () => {
  listing = await startMisbehavingRegistry();
  plain = await startMisbehavingRegistry({ referrers: false });
});

after(async () => {
  await Promise.all([listing.close(), plain.close(), repositories[Symbol.asyncDispose]()]);
});

targetSuite('a repository that lists referrers', async () => repositories.open(listing.host, `team/app${count++}`));
targetSuite('a repository that does not', async () => repositories.open(plain.host, `team/app${count++}`));
