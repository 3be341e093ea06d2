/** What `packages:` asks for and what comes of it: versions, suites, exclusions, and refusals that explain themselves. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import type { DebRecipe } from '../support/deb-maker.ts';

let user: TestUser;
let archive: TestArchive;

const old: readonly DebRecipe[] = [
  { name: 'tool', version: '1.0-1', files: { '/usr/share/tool': 'tool 1.0' } },
  { name: 'app', fields: { Depends: 'engine-a | engine-b' }, files: { '/usr/share/app': 'app' } },
  { name: 'engine-a', files: { '/usr/share/engine': 'a' } },
  { name: 'engine-b', files: { '/usr/share/engine': 'b' }, fields: { Conflicts: 'engine-a' } },
  { name: 'broken', fields: { Depends: 'middle' } },
  { name: 'middle', fields: { Depends: 'tool (>= 9), engine-a' } },
  { name: 'left', files: { '/usr/share/shared': 'left', '/usr/share/left': 'left' } },
  { name: 'right', files: { '/usr/share/shared': 'right' } },
  { name: 'heir', fields: { Replaces: 'left (<< 2)' }, files: { '/usr/share/shared': 'heir' } },
];
const updates: readonly DebRecipe[] = [{ name: 'tool', version: '1.1-1', files: { '/usr/share/tool': 'tool 1.1' } }];
const backports: readonly DebRecipe[] = [{ name: 'tool', version: '2.0-1', files: { '/usr/share/tool': 'tool 2.0' } }];

before(async () => {
  user = await startUser();
  archive = await startArchive();
  const date = new Date();
  await archive.publish({ date, components: { main: old } });
  await archive.publish({ suite: 'trixie-updates', date, components: { main: updates } });
  const fields = { NotAutomatic: 'yes', ButAutomaticUpgrades: 'yes' };
  await archive.publish({ suite: 'trixie-backports', date, components: { main: backports }, fields });
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

/** Configures these packages from all three suites. */
async function ask(...packages: readonly string[]): Promise<void> {
  const suites = '[trixie, trixie-updates, trixie-backports]';
  await user.write('slimimage.yaml', archiveConfig(archive, packages, { archive: { suites } }));
}

async function built(...packages: readonly string[]): Promise<readonly string[]> {
  await ask(...packages);
  await user.succeed(['build', '--quiet', '-o', 'tar:root.tar']);
  return Object.entries(await user.files('root.tar')).map(
    ([path, file]) => `${path} ${file.split(' ').slice(2).join(' ')}`,
  );
}

/** What a person reads. */
async function refusal(...packages: readonly string[]): Promise<string> {
  await ask(...packages);
  const { status, stdout, stderr } = await user.run(['build', '--quiet']);
  assert.deepEqual([status, stdout], [2, '']);
  return stderr;
}

test('of several suites the greatest version, but a NotAutomatic one only when it is asked for', async () => {
  assert.deepEqual(await built('tool'), ['usr/share/tool tool 1.1']);
});

test('name=version', async () => {
  assert.deepEqual(await built('tool=1.0-1'), ['usr/share/tool tool 1.0']);
  assert.equal(
    await refusal('tool=7.0-1'),
    `error: tool=7.0-1: no archive has version 7.0-1 of tool
  there is 1.1-1 (trixie-updates)
  there is 1.0-1 (trixie)
  there is 2.0-1 (trixie-backports)
hint: write tool=1.1-1, or tool for the version that is preferred
`,
  );
});

test('name/suite', async () => {
  assert.deepEqual(await built('tool/trixie-backports'), ['usr/share/tool tool 2.0']);
  assert.match(await refusal('tool/bookworm'), /^error: tool\/bookworm: /);
});

test('name-: another alternative is taken, or the refusal says what stands against it', async () => {
  assert.deepEqual(await built('app'), ['usr/share/app app', 'usr/share/engine a']);
  assert.deepEqual(await built('app', 'engine-a-'), ['usr/share/app app', 'usr/share/engine b']);
  assert.equal(
    await refusal('app', 'engine-a-', 'engine-b-'),
    `error: app 1.0-1 cannot be installed: it needs engine-a | engine-b
  engine-a 1.0-1 (trixie): the request "engine-a-" leaves it out
  engine-b 1.0-1 (trixie): the request "engine-b-" leaves it out
hint: take engine-a- out of packages:, or leave out app
`,
  );
});

test('name:arch', async () => {
  assert.deepEqual(await built('tool:amd64'), ['usr/share/tool tool 1.1']);
  assert.match(await refusal('tool:arm64'), /tool:arm64/);
});

test('an unknown package: the nearest names', async () => {
  assert.equal(await refusal('tol'), 'error: tol: no archive has a package of that name\n  did you mean tool?\n');
});

test('what cannot be satisfied: the tree of reasons', async () => {
  assert.equal(
    await refusal('broken'),
    `error: middle 1.0-1 cannot be installed: it needs tool (>= 9)
  middle comes in through broken -> middle
  tool 1.1-1 (trixie-updates): too old
  tool 1.0-1 (trixie): too old
  tool 2.0-1 (trixie-backports): too old
hint: name an archive that has tool (>= 9) under archives:, or leave out broken
`,
  );
});

test('packages that exclude each other', async () => {
  assert.equal(
    await refusal('engine-a', 'engine-b'),
    `error: engine-b 1.0-1 and engine-a 1.0-1 cannot be in one image
  engine-b conflicts with engine-a
hint: leave out engine-b or engine-a
`,
  );
});

test('machines get the conflicts as data', async () => {
  await ask('tol', 'engine-a');
  const { output } = await user.refused({ code: 'PACKAGE_UNKNOWN', status: 2 }, ['build', '--quiet']);
  const { error } = JSON.parse(output);
  assert.deepEqual(error.conflicts, [{ type: 'unknown', request: 'tol', name: 'tol', nearest: ['tool'] }]);
  assert.equal(error.platform, 'linux/amd64');
});

test('one file in two packages (FILE_CONFLICT names both), unless one Replaces the other', async () => {
  assert.equal(
    await refusal('left', 'right'),
    `error: /usr/share/shared is in both left and right, and neither Replaces the other
hint: Leave one of them out, or exclude the path of one: exclude: [{ right: /usr/share/shared }]
`,
  );
  assert.deepEqual(await built('left', 'heir'), ['usr/share/shared heir', 'usr/share/left left']);
});

test('the exclusion that the hint of a conflict proposes works', async () => {
  const suites = '[trixie]';
  const exclude = '[{ right: /usr/share/shared }]';
  const config = archiveConfig(archive, ['left', 'right'], { archive: { suites }, more: { exclude } });
  await user.write('slimimage.yaml', config);
  await user.succeed(['build', '--quiet', '-o', 'tar:root.tar']);
  assert.equal((await user.files('root.tar'))['usr/share/shared'], '0644 0:0 left');
});
