/** A package that is not where the configuration looks, and is somewhere near: the refusal says where, and what to write. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { status } from '../support/http-behaviours.ts';

let user: TestUser;
let archive: TestArchive;

before(async () => {
  user = await startUser();
});

beforeEach(async () => {
  archive = await startArchive();
  await archive.publish({
    date: new Date(),
    architectures: ['amd64', 'arm64'],
    components: {
      main: [
        { name: 'tool', fields: { Depends: 'driver' } },
        { name: 'machine-tool', architecture: 'arm64' },
      ],
      extra: [{ name: 'driver', version: '550-1' }],
    },
  });
});

after(async () => {
  await user[Symbol.asyncDispose]();
});

async function refusal(packages: readonly string[], ...flags: readonly string[]): Promise<string> {
  await user.write('slimimage.yaml', archiveConfig(archive, packages));
  const { stderr } = await user.run(['build', '--quiet', ...flags]);
  await archive[Symbol.asyncDispose]();
  return stderr;
}

test('in another component', async () => {
  assert.equal(
    await refusal(['driver']),
    `error: driver: no archive has a package of that name
  trixie/extra has 550-1 for amd64: write components: [main, extra] for the archive own
`,
  );
});

test('in another component, where a dependency needs it', async () => {
  assert.equal(
    await refusal(['tool']),
    `error: tool 1.0-1 cannot be installed: it needs driver
  driver: no archive has it
    trixie/extra has 550-1 for amd64: write components: [main, extra] for the archive own
`,
  );
});

test('for another architecture', async () => {
  assert.equal(
    await refusal(['machine-tool']),
    `error: machine-tool: no archive has a package of that name
  trixie/main has 1.0-1 for arm64: build with --platform linux/arm64
`,
  );
});

test('an archive that breaks down in the meantime does not hide the refusal', async () => {
  // With an index that the store does not hold yet.
  const components = { main: [{ name: 'tool' }], extra: [{ name: 'driver', version: '551-1' }] };
  const published = await archive.publish({ date: new Date(), components });
  const extra = published.indexes.find((path) => path.includes('/extra/'));
  archive.server.on(archive.path(extra ?? ''), status(403));
  assert.equal(
    await refusal(['driver']),
    `error: driver: no archive has a package of that name
  could not look in own trixie (amd64)
hint: check the name, or name the archive that has driver under archives:
`,
  );
});

test('offline, with what the store has', async () => {
  await user.write('slimimage.yaml', archiveConfig(archive, ['tol']));
  await user.run(['build', '--quiet']);
  const asked = archive.server.requests.length;
  assert.match(
    await refusal(['driver'], '--offline'),
    /^error: driver: no archive has a package of that name\n {2}trixie\/extra has/,
  );
  assert.equal(archive.server.requests.length, asked);
});
