/** `slimimage update` through the command line, with an archive that has newer versions, and security ones. */
import assert from 'node:assert/strict';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Ajv } from 'ajv';
import { updateSchema } from '../../src/build/update/schema.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { type DebRecipe, makeDeb } from '../support/deb-maker.ts';
import { status } from '../support/http-behaviours.ts';
import {
  deb,
  library,
  type Sketch,
  service,
  startUpdateScene,
  tool,
  type UpdateScene,
} from '../support/update-scene.ts';

let scene: UpdateScene;

beforeEach(async () => {
  scene = await startUpdateScene();
});

afterEach(() => scene[Symbol.asyncDispose]());

test('nothing newer: status 0, and no .deb is asked for', async () => {
  const { stdout } = await scene.user.succeed(['update']);
  assert.equal(stdout, 'nothing to update in slimimage.lock.json\n');
  assert.deepEqual(scene.fetched(), []);
});

test('a line a package with versions, size, suite and CVEs; one .deb for each source; status 1', async () => {
  await scene.publish([
    tool('1.1-1'),
    ...library('1.0-1'),
    deb('service', '1.0-1', { fields: { Depends: 'new' } }),
    deb('new', '1'),
  ]);
  await scene.publishSecurity(library('1.0-1+deb13u2', { installed: 25 }));
  scene.archive.server.forget();
  const { status: code, stdout } = await scene.user.run(['update']);
  assert.equal(code, 1);
  assert.equal(
    stdout.replace(/[\d.]+ kB to download \([+-][\d.]+ k?B\)/, 'N to download'),
    `linux/amd64  3 upgraded, 1 rebuilt, 1 added; N to download, 363.5 kB installed (+15.4 kB)
  libtool-data  1.0-1 -> 1.0-1+deb13u2       0 B  own/trixie-security  CVE-2026-1003, CVE-2026-2000, CVE-2026-10000
  libtool1      1.0-1 -> 1.0-1+deb13u2   +5.1 kB  own/trixie-security  as libtool-data
  new           1 (added)               +10.2 kB  own/trixie
  service       1.0-1 (rebuilt)              0 B  own/trixie
  tool          1.0-1 -> 1.1-1               0 B  own/trixie           no changelog
5 packages to update, 2 from a security suite, 3 CVEs fixed, the changelogs say
\`slimimage update --write\` puts it into slimimage.lock.json
`,
  );
  assert.equal(scene.fetched().filter((name) => name.startsWith('libtool')).length, 1);
  assert.deepEqual((await scene.lockedVersions())[0], 'libtool-data 1.0-1 trixie');
});

test('a changelog behind a link: that of the package that has it', async () => {
  const linked = (version: string, changes: Sketch['changes'] = []): readonly DebRecipe[] => [
    { ...tool(version), files: { '/usr/share/doc/tool': '-> libtool1', '/usr/share/doc/x': '' } },
    deb('libtool1', version, { fields: { Source: 'tool' }, changes: [...changes, ['1.0-1', 'New']], installed: 900 }),
    deb('libtool-data', version, { fields: { Source: 'tool' }, changes: [['1.0-1', 'New']] }),
    service('1.0-1'),
  ];
  await scene.publish(linked('1.0-1'));
  await scene.user.succeed(['lock']);
  await scene.publish(linked('1.0-2', [['1.0-2', `Fix CVE-2026-1234 ${'x'.repeat(3000)}`]]));
  assert.match((await scene.user.run(['update'])).stdout, /libtool-data +1\.0-1 -> 1\.0-2 .*CVE-2026-1234/);
});

test('a changelog that is damaged is a warning that names the package', async () => {
  const damaged = tool('1.1-1');
  const files = { ...damaged.files, '/usr/share/doc/tool/changelog.Debian.gz': 'no gzip' };
  await scene.publish([{ ...damaged, files }, ...library('1.0-1'), service('1.0-1')]);
  const { status: code, stdout, stderr } = await scene.user.run(['update']);
  assert.equal(code, 1);
  assert.match(stdout, /tool +1\.0-1 -> 1\.1-1 .* no changelog/);
  const message =
    'what tool 1.1-1 fixes is not known: usr/share/doc/tool/changelog.Debian.gz of tool is not a sound gzip stream';
  assert.ok(stderr.includes(message), stderr);
  await scene.user.succeed(['update', '--write']);
});

test('--no-changelogs fetches no .deb', async () => {
  await scene.publish([tool('1.1-1'), ...library('1.0-1+deb13u1'), service('1.0-1')]);
  scene.archive.server.forget();
  const { status: code, stdout } = await scene.user.run(['update', '--no-changelogs']);
  assert.equal(code, 1);
  assert.match(stdout, /changelogs not read/);
  assert.doesNotMatch(stdout, /CVE-/);
  assert.deepEqual(scene.fetched(), []);
});

test('--write: the lock that `slimimage lock` would write, status 0, and then there is nothing to do', async () => {
  await scene.publish([tool('1.1-1'), ...library('2.0-1'), service('0.9-1')]);
  const { stdout } = await scene.user.succeed(['update', '--write']);
  assert.match(stdout, /service +1\.0-1 -> 0\.9-1 \(downgraded\)/);
  assert.match(stdout, /^written .*slimimage\.lock\.json$/m);
  assert.deepEqual(await scene.lockedVersions(), [
    'libtool-data 2.0-1 trixie',
    'libtool1 2.0-1 trixie',
    'service 0.9-1 trixie',
    'tool 1.1-1 trixie',
  ]);
  assert.match((await scene.user.succeed(['lock'])).stderr, /nothing has changed/);
  const built = await scene.user.succeed(['build']);
  assert.equal((await scene.user.succeed(['build', '--locked'], scene.fresh())).stdout, built.stdout);
  await utimes(join(scene.user.folder, 'slimimage.lock.json'), 1, 1);
  await scene.user.succeed(['update', '--write']);
  assert.equal((await stat(join(scene.user.folder, 'slimimage.lock.json'))).mtimeMs, 1000);
});

test('a locked .deb that is gone from everywhere is no obstacle', async () => {
  const { debs } = await scene.publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-1')]);
  await scene.publish([tool('1.1-1'), ...library('1.0-1'), service('1.0-1')]);
  scene.archive.server.on(scene.archive.path(debs.get('tool') ?? ''), status(404));
  assert.match((await scene.user.run(['update'], scene.fresh())).stdout, /tool +1\.0-1 -> 1\.1-1/);
});

test('--format json is as its schema says', async () => {
  await scene.publish([tool('1.1-1'), ...library('1.0-1'), service('1.0-1')]);
  await scene.publishSecurity(library('1.0-1+deb13u1'));
  const planned = JSON.parse((await scene.user.run(['update', '--format', 'json'])).stdout);
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(updateSchema);
  assert.deepEqual([validate(planned), validate.errors], [true, null]);
  assert.deepEqual(planned.sources, [
    { name: 'libtool', from: '1.0-1', to: '1.0-1+deb13u1', changelog: 'read', fixes: ['CVE-2026-1003'] },
    { name: 'tool', from: '1.0-1', to: '1.1-1', changelog: 'missing', fixes: [] },
  ]);
  assert.deepEqual(
    planned.platforms[0].packages.map((one: Record<string, unknown>) => [one['name'], one['security'], one['fixes']]),
    [
      ['libtool-data', true, ['CVE-2026-1003']],
      ['libtool1', true, ['CVE-2026-1003']],
      ['tool', false, []],
    ],
  );
  const written = JSON.parse((await scene.user.succeed(['update', '--write', '--format', 'json'])).stdout);
  assert.deepEqual([validate(written), validate.errors], [true, null]);
  assert.match(written.written, /^sha256:/);
});

test('an image below and own .debs are taken as they are now, also with --security-only', async () => {
  await scene.user.write('below.yaml', archiveConfig(scene.archive, ['service'], { more: { name: 'below' } }));
  await scene.user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
  await scene.user.write('own.deb', await makeDeb(deb('own', '1.0')));
  await scene.user.write('slimimage.yaml', `${scene.config(['tool', './own.deb'])}on: oci:./below\n`);
  await scene.user.succeed(['lock']);
  assert.equal((await scene.user.run(['update'])).status, 0);

  await scene.publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-2')]);
  await scene.user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
  await scene.user.write('own.deb', await makeDeb(deb('own', '1.1')));
  const { status: code, stdout } = await scene.user.run(['update', '--security-only']);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /own +1\.0 -> 1\.1 +0 B +file +no changelog\n {2}image below: was sha256:[0-9a-f]{64}, is sha256:/,
  );
  await scene.user.succeed(['update', '--write']);
  await scene.user.succeed(['build', '--locked']);
});

test('without a lock, and with a configuration that has moved', async () => {
  await scene.user.refused({ code: 'LOCK_NOT_FOUND', status: 2 }, ['update', '--lock-file', 'none.lock.json']);
  await scene.user.write('slimimage.yaml', scene.config(['tool', 'service']));
  const { message } = await scene.user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['update']);
  assert.match(message, /packages: service was added/);
});
