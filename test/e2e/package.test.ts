/** The tarball that npm publishes: what is in it, and that a user who installs it can build, import and compile. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildImage } from '../../src/index.ts';
import { lackingArchive } from '../support/builder.ts';
import { makeDeb } from '../support/deb-maker.ts';
import { supportedNodes } from '../support/nodes.ts';
import { installPacked } from '../support/packed.ts';
import { projectRoot } from '../support/source-code.ts';

const config = `packages: [./tool.deb]
base: none
dependencies: none
files: ["./app.txt:/app.txt"]
`;

let folder = '';
let user = '';
const installed = () => join(user, 'node_modules/slimimage');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-package-'));
  user = await installPacked(folder);
  await writeFile(join(user, 'slimimage.yaml'), config);
  await writeFile(join(user, 'app.txt'), 'application');
  const files = { '/usr/bin/tool': { content: 'tool', mode: 0o755 } };
  await writeFile(join(user, 'tool.deb'), await makeDeb({ name: 'tool', files }));
});

after(() => rm(folder, { recursive: true, force: true }));

describe('the published package', () => {
  test('holds the built program, keys, schema and examples, and no source or test', async () => {
    const all = await readdir(installed(), { recursive: true });
    const paths = new Set(all);
    const expected = [
      'bin/slimimage.js',
      'bin/start.js',
      'dist/bin/main.js',
      'dist/bin/worker.js',
      'dist/bin/LICENSES',
    ];
    expected.push('dist/index.js', 'dist/index.d.ts', 'dist/content/worker.js', 'schema/slimimage.schema.json');
    expected.push('keys/README.md', 'examples/python.yaml', 'docs/configuration.md', 'README.md', 'LICENSE');
    expected.push('keys/debian/debian-archive-trixie-stable.asc', 'keys/ubuntu/ubuntu-archive-2018.asc');
    assert.deepEqual(
      expected.filter((path) => !paths.has(path)),
      [],
    );
    const unwanted = all.filter((path) => /^(?:src|test|tools|node_modules)\/|\.test\.|(?<!\.d)\.ts$/.test(path));
    assert.deepEqual(unwanted, []);
  });

  test('builds the same image on every supported Node as the source does', async () => {
    const expected = await buildImage(
      { config: join(user, 'slimimage.yaml') },
      { store: join(folder, 'source-store'), cwd: user },
    );
    for (const { version, path } of supportedNodes()) {
      const built = run(path, ['node_modules/.bin/slimimage', 'build', '--quiet'], `store-${version}`);
      assert.deepEqual(built, { status: 0, stdout: `store:user@${expected.digest}\n`, stderr: '' }, `Node ${version}`);
    }
  });

  test('verifies a real archive with the keys that it carries', { skip: lackingArchive }, () => {
    const flags = ['--no-config', '--from', 'debian/trixie', '-p', 'base-files', '--dependencies', 'none'];
    const planned = run(
      process.execPath,
      ['node_modules/.bin/slimimage', 'build', '--dry-run', ...flags],
      'store-keys',
    );
    assert.equal(planned.status, 0, planned.stderr);
    assert.match(planned.stdout, /base-files +\S+ +debian\/trixie +requested/);
  });

  test('runs the example of the library', async () => {
    await cp(join(installed(), 'examples/library.mjs'), join(user, 'library.mjs'));
    const { status, stdout, stderr } = run(
      process.execPath,
      ['library.mjs', 'slimimage.yaml', './layout'],
      'store-library',
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^linux\/\w+: 1 packages, \d+ bytes compressed\n\d+ paths, sha256:[0-9a-f]{64}\n$/);
    assert.match(await readFile(join(user, 'layout/oci-layout'), 'utf8'), /imageLayoutVersion/);
  });

  test('has types that a strict program compiles against, and that tell its mistakes', async () => {
    const good = `import { buildImage, flagsToSpec, isSlimimageError, type SlimimageEvent } from 'slimimage';
const onEvent = (event: SlimimageEvent): void => console.log(event.type === 'warning' ? event.message : event.type);
const spec = flagsToSpec({ from: 'debian/trixie', package: ['nginx'] }, { cwd: process.cwd() });
try {
  const result = await buildImage(spec, { outputs: ['oci:out'], onEvent, signal: AbortSignal.timeout(1000) });
  console.log(result.digest, result.platforms[0]?.packages.length);
} catch (error) {
  if (isSlimimageError(error, 'UNSATISFIABLE')) console.error(error.hint);
}
`;
    assert.equal(await compile(good), '');
    assert.match(await compile("import { buildImage } from 'slimimage';\nbuildImage(3);\n"), /TS2345/);
  });
});

function run(node: string, args: readonly string[], store: string) {
  const env = { ...process.env, SLIMIMAGE_STORE: join(folder, store) };
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: user, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** What the compiler says. */
async function compile(source: string): Promise<string> {
  await writeFile(join(user, 'program.ts'), source);
  const types = join(projectRoot, 'node_modules/@types');
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    typeRoots: [types],
    types: ['node'],
  };
  await writeFile(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', user], { encoding: 'utf8' }).stdout;
}
