import { after, before, describe } from 'node:test';
import { targetSuite } from '../../src/store/target-suite.ts';
import { lackingRegistry, startRegistry, type TestRegistry } from '../support/registry.ts';
import { startRepositories } from '../support/registry-access.ts';

describe('with the real docker-registry', { skip: lackingRegistry }, () => {
  const repositories = startRepositories();
  let registry: TestRegistry;
  let count = 0;

  before(async () => {
    registry = await startRegistry(undefined);
  });

  after(async () => {
    await registry.close();
    await repositories[Symbol.asyncDispose]();
  });

  targetSuite('a repository', async () => repositories.open(registry.host, `team/app${count++}`));
});
