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

/** Refused, changed as the refusal says, resolved: the packages then. */
async function follow(
  packages: readonly string[],
): Promise<{ readonly way: string; readonly names: readonly string[] }> {
  const config = archiveConfig(archive, packages);
  await user.write('slimimage.yaml', config);
  const refused = await user.run(['build', '--quiet']);
  const way = /: (?:write|build with) (.*)\n/.exec(refused.stderr)?.[1] ?? '';
  const [, key = 'x', list = ''] = /(suites|components): \[(.*?)\]/.exec(way) ?? [];
  const [, request] = /packages: (.*)$/.exec(way) ?? [];
  const [, platform = 'linux/amd64'] = /--platform (.*)$/.exec(way) ?? [];
  const asked = [...packages, ...(request === undefined ? [] : [request])];
  const changed = archiveConfig(archive, asked, { archive: key === 'x' ? {} : { [key]: `[${list}]` } });
  await user.write('slimimage.yaml', changed.replace('linux/amd64', platform));
  const { stdout, stderr } = await user.run(['resolve', '--quiet', '--format', 'json']);
  assert.equal(stderr, '');
  const answer: { packages: readonly { name: string }[] } = JSON.parse(stdout);
  return { way, names: answer.packages.map(({ name }) => name) };
}

test('whoever does what a refusal says has an answer, with all components that it takes', async () => {
  const fields = { NotAutomatic: 'yes', ButAutomaticUpgrades: 'yes' };
  await archive.publish({
    date: new Date(),
    architectures: ['amd64', 'arm64', 'i386'],
    components: {
      main: [
        { name: 'old', version: '1-1' },
        { name: 'arm-tool', architecture: 'arm64' },
        { name: 'half-tool', architecture: 'i386' },
        { name: 'needy', fields: { Depends: 'driver' } },
      ],
      contrib: [{ name: 'installer', fields: { Depends: 'firmware' } }],
      extra: [
        { name: 'driver', fields: { Depends: 'installer' } },
        { name: 'plain', fields: { Depends: 'old' } },
      ],
      firmware: [{ name: 'firmware' }],
      unused: [{ name: 'unused' }],
    },
  });
  const backports = [{ name: 'old', version: '2-1', fields: { Depends: 'newer' } }, { name: 'newer' }];
  await archive.publish({ suite: 'trixie-backports', date: new Date(), components: { main: backports }, fields });
  assert.deepEqual(await follow(['driver']), {
    way: 'components: [main, extra, contrib, firmware] for the archive own',
    names: ['driver', 'firmware', 'installer'],
  });
  assert.deepEqual(await follow(['needy']), {
    way: 'components: [main, extra, contrib, firmware] for the archive own',
    names: ['driver', 'firmware', 'installer', 'needy'],
  });
  assert.deepEqual(await follow(['plain']), {
    way: 'components: [main, extra] for the archive own',
    names: ['old', 'plain'],
  });
  assert.deepEqual(await follow(['old/trixie-backports']), {
    way: 'suites: [trixie, trixie-backports] for the archive own',
    names: ['newer', 'old'],
  });
  assert.deepEqual(await follow(['arm-tool']), { way: '--platform linux/arm64', names: ['arm-tool'] });
  assert.deepEqual(await follow(['half-tool']), { way: '--platform linux/386', names: ['half-tool'] });
  await archive[Symbol.asyncDispose]();
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
  could not look in own trixie (amd64): the server answered 403 Forbidden
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
