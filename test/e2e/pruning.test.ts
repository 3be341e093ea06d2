/** `dependencies: runtime` as a user meets it: builds, questions, locks and papers. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { BuildResult } from '../../src/index.ts';
import type { DebRecipe } from '../support/deb-maker.ts';
import { type LockScene, old, startLockScene } from '../support/lock-scene.ts';

let scene: LockScene;

const program = { content: 'program', mode: 0o755 };

/** A server that debconf configures, and one whose script really runs ps. */
const servers = (shell: string): readonly DebRecipe[] => [
  { name: 'server', fields: { Depends: 'debconf | debconf-2.0, procps' }, files: { '/usr/bin/serve': program } },
  { name: 'debconf', version: '1.5', fields: { Depends: 'libdebconf' }, files: { '/usr/bin/debconf': program } },
  { name: 'libdebconf', files: { '/usr/share/libdebconf/data': 'data' } },
  { name: 'procps', files: { '/usr/bin/ps': program } },
  { name: 'shell', files: { [shell]: program } },
  {
    name: 'watcher',
    fields: { Depends: 'procps, shell' },
    files: { '/usr/bin/watch-it': { content: '#!/usr/bin/dash\nps aux\n', mode: 0o755 } },
  },
];

beforeEach(async () => {
  scene = await startLockScene();
  await scene.publish([...old, ...servers('/usr/bin/dash')]);
  await scene.configure(['server']);
});
afterEach(() => scene[Symbol.asyncDispose]());

async function built(argv: readonly string[] = []): Promise<BuildResult['platforms'][number]> {
  const { stdout } = await scene.user.succeed(['build', '--format', 'json', ...argv]);
  return (JSON.parse(stdout) as BuildResult).platforms[0] ?? assert.fail();
}

const names = (packages: readonly { readonly name: string }[]) => packages.map(({ name }) => name).join(' ');

test('packages for maintainer scripts are cut, and the summary says so', async () => {
  const { packages, pruning } = await built();
  assert.equal(names(packages), 'base-files server');
  assert.deepEqual(
    pruning.cuts.map((cut) => `${cut.package} ${cut.grade} ${cut.candidacy.type}`),
    ['debconf proven listed', 'libdebconf proven orphan', 'procps proven listed'],
  );
  const { stderr } = await scene.user.succeed(['build']);
  assert.match(stderr, /cut: 3 packages that only installation needs, \d+ B \(3 proven, 0 without/);
});

test('keep: and dependencies: full', async () => {
  assert.equal(names((await built(['--keep', 'debconf'])).packages), 'base-files debconf libdebconf server');
  assert.equal(
    names((await built(['--dependencies', 'full'])).packages),
    'base-files debconf libdebconf procps server',
  );
  const { stderr } = await scene.user.succeed(['build', '--keep', 'debcnof']);
  assert.match(stderr, /keep: debcnof is no package that the image would have/);
});

test('what a script runs stays, where its interpreter does', async () => {
  await scene.configure(['watcher']);
  const { packages, pruning } = await built();
  assert.equal(names(packages), 'base-files procps shell watcher');
  assert.deepEqual(
    pruning.kept.map(({ evidence }) => evidence.because),
    ['/usr/bin/watch-it runs ps'],
  );
  const { stderr } = await scene.user.succeed(['build']);
  assert.match(
    stderr,
    /cut: 0 packages that only installation needs, 0 B \(0 proven, 0 without evidence of use, 1 kept\)/,
  );
  await scene.publish([...old, ...servers('/usr/bin/other-shell')]);
  assert.equal(names((await built()).packages), 'base-files shell watcher');
});

test('why says that it was cut, why, and how to keep it', async () => {
  await scene.user.succeed(['lock']);
  for (const place of [[], ['slimimage.lock.json']]) {
    const { status, stdout } = await scene.user.run(['why', 'debconf', ...place]);
    assert.equal(status, 1);
    assert.match(stdout, /debconf 1\.5 was cut \(dependencies: runtime\): packages depend on it for their maintainer/);
    assert.match(stdout, /proven: nothing that stays can start its programs/);
    assert.match(stdout, /keep: \[debconf\], or --keep debconf/);
  }
  const { stdout: path } = await scene.user.run(['why', '/usr/bin/debconf']);
  assert.match(
    path,
    /not in the image: debconf has it, left out \(cut by dependencies: runtime, proven; keep: \[debconf\]/,
  );
  await scene.configure(['watcher']);
  assert.match((await scene.user.succeed(['why', 'procps'])).stdout, /procps could have been cut .*watch-it runs ps/);
  await scene.configure(['server']);
  await scene.user.succeed(['build', '-t', 'web:1']);
  const { status, stdout } = await scene.user.run(['why', 'debconf', 'store:web:1']);
  assert.equal(status, 1);
  assert.match(stdout, /debconf 1\.5 was cut \(dependencies: runtime\).*\n.*proven: nothing that stays can start/);
  assert.match(stdout, /keep: \[debconf\], or --keep debconf/);
});

test('a plan and resolve mark what may be cut, and fetch nothing for it', async () => {
  const { stdout: plan } = await scene.user.succeed(['build', '--dry-run']);
  assert.match(plan, /debconf +1\.5 .* for server, may be cut/);
  assert.doesNotMatch(plan, /server .*may be cut/);
  const { stdout: runtime } = await scene.user.succeed(['resolve', 'server', '--dependencies', 'runtime']);
  assert.match(runtime, /libdebconf .*may be cut/);
  assert.doesNotMatch((await scene.user.succeed(['resolve', 'server'])).stdout, /may be cut/);
});

test('the cuts of a lock decide, and no foreign lock cuts what is asked for', async () => {
  const digest = await scene.lockAndBuild();
  assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
  const [platform] = (await scene.readLock()).platforms;
  assert.deepEqual(
    platform?.cuts.map(({ name, grade, candidacy, neededBy }) => [name, grade, candidacy, ...neededBy].join(' ')),
    ['debconf proven listed', 'libdebconf proven orphan debconf', 'procps proven listed'],
  );
  await scene.edit(({ cuts }) => ({ cuts: cuts.slice(0, 2) }));
  assert.notEqual(await scene.build(['--locked']), digest, 'the lock decides, not what would be found today');
  const cut = { grade: 'proven', candidacy: 'listed', neededBy: [], because: 'it is said' } as const;
  for (const [name, problem] of [
    ['server', /it cuts server, which the configuration asks for/],
    ['base-files', /it cuts base-files, which images are made with/],
    ['libc6', /it cuts libc6, which it does not have/],
  ] as const) {
    await scene.edit(() => ({ cuts: [{ name, ...cut }] }));
    const { message } = await scene.user.refused({ code: 'LOCK_INVALID', status: 2 }, ['build', '--locked']);
    assert.match(message, problem);
  }
  for (const [name, forged, problem] of [
    ['libdebconf', cut, /it cuts libdebconf as one of the list/],
    ['libdebconf', { ...cut, candidacy: 'orphan' }, /debconf, which stays, needs it/],
    ['libdebconf', { ...cut, candidacy: 'scripts', grade: 'no-evidence' }, /libdebconf without a proof/],
    ['libdebconf', { ...cut, candidacy: 'scripts', neededBy: ['debconf'] }, /debconf, .* does not run it in its maint/],
  ] as const) {
    await scene.edit(() => ({ cuts: [{ name, ...forged }] }));
    const { message } = await scene.user.refused({ code: 'LOCK_INVALID', status: 2 }, ['build', '--locked']);
    assert.match(message, problem);
  }
  await scene.edit(() => ({ cuts: [{ name: 'debconf', ...cut }] }));
  await scene.configure(['server'], { keep: '[debconf]' });
  const { message } = await scene.user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['build', '--locked']);
  assert.match(message, /keep: debconf was added/);
});

test('a program that the image lacks because its package was cut: the refusal says so', async () => {
  const ask = { content: '#!/usr/bin/debconf\n', mode: 0o755 };
  await scene.publish([
    ...old,
    ...servers('/usr/bin/dash'),
    { name: 'asker', fields: { Depends: 'debconf' }, files: { '/usr/bin/ask': ask } },
    { name: 'above', fields: { Depends: 'asker' }, files: { '/usr/bin/over': program } },
  ]);
  await scene.configure(['asker'], { entrypoint: '[/usr/bin/ask]' });
  await cutDebconf();
  const { message, hint } = await scene.user.refused({ code: 'IMAGE_BROKEN', status: 2 }, ['build', '--locked']);
  assert.match(message, /it is in debconf, which was cut \(dependencies: runtime\): keep: \[debconf\]/);
  assert.match(hint ?? '', /^keep: \[debconf\] takes back what was cut/);
  assert.ok(scene.archive.server.requests.every(({ path }) => !path.includes('Contents')));

  await scene.configure(['above']);
  await cutDebconf();
  const { stderr } = await scene.user.succeed(['build', '--locked', '-t', 'above:1']);
  assert.match(
    stderr,
    /debconf was cut \(dependencies: runtime\): keep: \[debconf\]\. slimimage check store:above:1 lists/,
  );
});

/** As pruning of other days might have: no evidence is asked for by a locked build. */
async function cutDebconf(): Promise<void> {
  await scene.user.succeed(['lock']);
  const cut = { grade: 'proven', candidacy: 'listed', neededBy: [], because: 'it is said' } as const;
  await scene.edit(() => ({ cuts: [{ name: 'debconf', ...cut }] }));
}

test('the SBOM tells every cut, in each format', async () => {
  await scene.user.succeed(['build', '-t', 'web:1']);
  const { pruning } = await built(['-t', 'web:1']);
  const cuts = pruning.cuts.map(({ package: name }) => name);
  assert.deepEqual(cuts, ['debconf', 'libdebconf', 'procps']);
  for (const format of ['spdx', 'spdx-3', 'cyclonedx']) {
    const { stdout } = await scene.user.succeed(['sbom', 'store:web:1', '--format', format]);
    const told = format === 'cyclonedx' ? /"slimimage:cut",\s*"value": ?"(\S+)/g : /"slimimage:cut (\S+)/g;
    assert.deepEqual([...stdout.matchAll(told)].map(([, name]) => name).sort(), cuts, format);
  }
});
