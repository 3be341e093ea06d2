/** The programs in documents and examples run as they stand there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { codeBlocks, readDocuments } from '../support/documents.ts';
import { projectRoot } from '../support/source-code.ts';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-docs-'));
  await writeFile(join(folder, 'slimimage.yaml'), 'files: ["./app.txt:/app.txt"]\nentrypoint: [/missing]\n');
  await writeFile(join(folder, 'app.txt'), 'application');
});

after(() => rm(folder, { recursive: true }));

test("the README's program builds the image of ./slimimage.yaml", async () => {
  const [readme] = readDocuments('README.md');
  const [block, ...more] = codeBlocks(readme?.text ?? '').filter(({ language }) => language === 'js');
  assert.deepEqual(more, []);
  await writeFile(join(folder, 'readme.mjs'), block?.code ?? '');
  const { status, stdout, stderr } = run('readme.mjs');
  assert.equal(stderr, 'entrypoint: nothing in the image is called /missing\n');
  assert.deepEqual([status, stdout.replace(/[0-9a-f]{64}/, 'SUM')], [0, 'sha256:SUM 0\n']);
  assert.match(await readFile(join(folder, 'layout/index.json'), 'utf8'), /sha256:/);
});

test('examples/library.mjs builds an image, and refuses as it should', async () => {
  await cp(join(projectRoot, 'examples/library.mjs'), join(folder, 'library.mjs'));
  const built = run('library.mjs', 'slimimage.yaml', './another');
  assert.equal(built.status, 0, built.stderr);
  assert.match(built.stdout, /^linux\/\w+: 0 packages, \d+ bytes compressed\n\d+ paths, sha256:[0-9a-f]{64}\n$/);
  const refused = run('library.mjs', 'missing.yaml');
  assert.deepEqual([refused.status, refused.stdout], [2, '']);
  assert.match(refused.stderr, /^CONFIG_NOT_FOUND: missing\.yaml does not exist\n/);
});

/** In `folder`, where `slimimage` is this source. */
function run(...args: readonly string[]) {
  const preload = pathToFileURL(join(projectRoot, 'test/support/preload/source-package.ts')).href;
  const env = { ...process.env, SLIMIMAGE_STORE: join(folder, 'store') };
  return spawnSync(process.execPath, ['--import', preload, ...args], { cwd: folder, env, encoding: 'utf8' });
}
