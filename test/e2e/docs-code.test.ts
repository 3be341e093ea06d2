/** The programs in documents and examples run as they stand there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { codeBlocks, readDocuments } from '../support/documents.ts';
import { newer, startLockScene } from '../support/lock-scene.ts';
import { projectRoot } from '../support/source-code.ts';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-docs-'));
  await writeFile(join(folder, 'slimimage.yaml'), 'files: ["./app.txt:/app.txt"]\nspecial-permissions: [/missing]\n');
  await writeFile(join(folder, 'app.txt'), 'application');
});

after(() => rm(folder, { recursive: true }));

test("the README's program builds the image of ./slimimage.yaml", async () => {
  const [readme] = readDocuments('README.md');
  const [block, ...more] = codeBlocks(readme?.text ?? '').filter(({ language }) => language === 'js');
  assert.deepEqual(more, []);
  await writeFile(join(folder, 'readme.mjs'), block?.code ?? '');
  const { status, stdout, stderr } = await run(['readme.mjs']);
  assert.equal(stderr, 'special-permissions: nothing in the image is called /missing\n');
  assert.deepEqual([status, stdout.replace(/[0-9a-f]{64}/, 'SUM')], [0, 'sha256:SUM 0\n']);
  assert.match(await readFile(join(folder, 'layout/index.json'), 'utf8'), /sha256:/);
});

test('examples/library.mjs builds an image, and refuses as it should', async () => {
  await cp(join(projectRoot, 'examples/library.mjs'), join(folder, 'library.mjs'));
  const built = await run(['library.mjs', 'slimimage.yaml', './another']);
  assert.equal(built.status, 0, built.stderr);
  assert.match(built.stdout, /^linux\/\w+: 0 packages, \d+ bytes compressed\n\d+ paths, sha256:[0-9a-f]{64}\n$/);
  const refused = await run(['library.mjs', 'missing.yaml']);
  assert.deepEqual([refused.status, refused.stdout], [2, '']);
  assert.match(refused.stderr, /^CONFIG_NOT_FOUND: missing\.yaml does not exist\n/);
});

test('examples/locks.mjs resolves, locks, builds, explains and looks for what is newer', async () => {
  await using scene = await startLockScene();
  const { folder: cwd } = scene.user;
  await cp(join(projectRoot, 'examples/locks.mjs'), join(cwd, 'locks.mjs'));
  await scene.configure();

  const first = await run(['locks.mjs', 'slimimage.yaml', 'libtool'], cwd);
  assert.equal(first.stderr, 'There is no lock slimimage.lock.json\n');
  const built = /^linux\/amd64: 4 packages, \d+ bytes on disk\n(sha256:[0-9a-f]{64})\ntool -> libtool\n$/.exec(
    first.stdout,
  );
  assert.ok(built, first.stdout);

  await scene.publish(newer);
  const later = await run(['locks.mjs', 'slimimage.yaml', 'libtool'], cwd);
  assert.equal(later.stderr, '');
  assert.ok(later.stdout.includes(`\n${built[1]}\n`), 'the lock builds what it did');
  assert.match(later.stdout, /\nlibtool 1\.0-1 -> 2\.0-1\n[\s\S]*\ntool 1\.0-1 -> 1\.1-1\n[\s\S]*\ntool: 0 CVEs/);

  await scene.configure(['toll']);
  const refused = await run(['locks.mjs', 'slimimage.yaml', 'libtool'], cwd);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /^PACKAGE_UNKNOWN: toll[\s\S]*\nunknown on linux\/amd64\n$/);
});

/** Where `slimimage` is this source. */
async function run(args: readonly string[], cwd = folder) {
  const preload = pathToFileURL(join(projectRoot, 'test/support/preload/source-package.ts')).href;
  const env = { ...process.env, SLIMIMAGE_STORE: join(cwd, 'store') };
  const argv = ['--import', preload, ...args];
  return new Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(process.execPath, argv, { cwd, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}
