/** Pins: which version of several suites and archives goes into the image, and what is said where none may. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import type { DebRecipe } from '../support/deb-maker.ts';

let user: TestUser;
let archive: TestArchive;

const tool = (version: string): DebRecipe => ({
  name: 'tool',
  version,
  fields: { Source: 'tools' },
  files: { '/usr/share/tool': version },
});

before(async () => {
  user = await startUser();
  archive = await startArchive();
  const date = new Date();
  const app = { name: 'app', fields: { Depends: 'tool' }, files: { '/usr/share/app': 'app' } };
  await archive.publish({ date, components: { main: [tool('1.0'), tool('1.1'), app] } });
  const fields = { Suite: 'stable-backports', NotAutomatic: 'yes', ButAutomaticUpgrades: 'yes' };
  await archive.publish({ suite: 'trixie-backports', date, components: { main: [tool('2.0')] }, fields });
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

async function configure(pins: string, entry: Readonly<Record<string, string>> = {}): Promise<void> {
  const options = { archive: { suites: '[trixie, trixie-backports]', ...entry }, more: { pins } };
  await user.write('slimimage.yaml', archiveConfig(archive, ['app'], options));
}

/** The version of tool that app gets, and what is warned of. */
async function chosen(pins: string, ...flags: readonly string[]): Promise<string> {
  await configure(pins);
  const { stdout, stderr } = await user.succeed(['resolve', '--no-progress', '--format', 'json', ...flags]);
  const { packages } = JSON.parse(stdout) as { packages: readonly { name: string; version: string; suite: string }[] };
  const found = packages.find(({ name }) => name === 'tool');
  const warnings = stderr.split('\n').filter((line) => line.startsWith('warning'));
  return [found?.version, found?.suite, ...warnings].join(' ');
}

test('by version, by suite in all its names, by source, by field', async () => {
  assert.equal(await chosen('[]'), '1.1 trixie');
  assert.equal(await chosen('[tool=1.0]'), '1.0 trixie');
  assert.equal(await chosen('["tool=2*"]'), '2.0 trixie-backports');
  assert.equal(await chosen('[tool/trixie-backports]'), '2.0 trixie-backports');
  assert.equal(await chosen('[tool/stable-backports]'), '2.0 trixie-backports');
  assert.equal(
    await chosen('[{ packages: "src:tools", suite: stable-backports, priority: 501 }]'),
    '2.0 trixie-backports',
  );
  assert.equal(await chosen('[{ packages: "*", suite: trixie, priority: 99 }]'), '2.0 trixie-backports');
  assert.equal(
    await chosen('[{ release: { label: nothing } }, { packages: tool, archive: own }]'),
    [
      '2.0 trixie-backports',
      'warning: pins: *: label nothing, priority 990: no suite of this image fits (there are stable-backports, trixie, trixie-backports)',
    ].join(' '),
  );
});

test('a flag stands before the file; a typo gives a warning', async () => {
  const never = '[{ packages: tool, version: 1.0, priority: -1 }]';
  assert.equal(await chosen(never, '--pin', 'tool=1.0'), '1.0 trixie');
  assert.equal(
    await chosen('[tol=1.0]'),
    '1.1 trixie warning: pins: tol=1.0: no package is called that (did you mean tool?)',
  );
});

test('what is pinned away is not chosen, and the refusal names the pin', async () => {
  await configure('[{ packages: tool, version: "*", priority: -1 }]');
  const dependency = await user.run(['resolve']);
  assert.equal(dependency.status, 2);
  assert.match(dependency.stderr, /tool .*priority -1/);
  const request = await user.run(['resolve', 'tool']);
  assert.equal(request.status, 2);
  assert.match(request.stderr, /priority -1/);
  await user.succeed(['resolve', 'tool=1.0']);
});

test('the priority of an archive is the last pin', async () => {
  await configure('[{ packages: "*", suite: trixie-backports, priority: 400 }]', { priority: '300' });
  const { stdout } = await user.succeed(['resolve', '--format', 'json']);
  assert.match(stdout, /"version": "2.0"/);
});

test('essential: every essential package of the archives, but one that is left out', async () => {
  const date = new Date();
  const essential = { Essential: 'yes' };
  const shell = { name: 'shell', fields: { ...essential, Depends: 'lib' } };
  const recipes = [{ name: 'app' }, shell, { name: 'lib' }, { name: 'tar', fields: essential }, { name: 'other' }];
  await archive.publish({ suite: 'sid', date, components: { main: recipes } });
  const names = async (packages: readonly string[], ...flags: readonly string[]) => {
    const options = { archive: { suites: '[sid]' }, more: { essential: 'true' } };
    await user.write('slimimage.yaml', archiveConfig(archive, packages, options));
    const { stdout } = await user.succeed(['resolve', '--quiet', '--format', 'json', ...flags]);
    const { packages: found } = JSON.parse(stdout) as { packages: readonly { name: string }[] };
    return found.map(({ name }) => name).join(' ');
  };
  assert.equal(await names(['app']), 'app lib shell tar');
  assert.equal(await names(['app', 'shell-']), 'app tar');
  assert.equal(await names([]), 'lib shell tar');
  assert.equal(await names([], 'app'), 'app');
  assert.equal(await names([], 'app', '--essential'), 'app lib shell tar');
});
