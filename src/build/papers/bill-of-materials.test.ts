import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type DebOptions, makeDeb } from '../../../test/support/deb.ts';
import { lacking } from '../../../test/support/need.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { BillOfMaterials, SbomPackage } from '../../sbom/types.ts';
import { assemblePlatform } from '../assemble-platform.ts';
import { build } from '../build.ts';
import { readInput } from '../read-input.ts';
import { openSession } from '../session.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { fileSources } from './sbom-sources.ts';

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-bill-'));
});
after(() => rm(root, { recursive: true, force: true }));

const mit =
  'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: 2020 A\nLicense: Expat\n';

interface Scene {
  readonly debs: readonly DebOptions[];
  /** Lines of the configuration, beside its packages. */
  readonly config?: string;
  /** Files of the configuration's folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Does something in the folder before the build. */
  readonly prepare?: (folder: string) => void;
}

async function billOf(name: string, scene: Scene): Promise<BillOfMaterials> {
  const file = await writeScene(name, scene);
  const session = await openSession({
    env: { PATH: process.env['PATH'], HOME: root },
    cwd: dirname(file),
    store: join(root, 'store'),
    jobs: 1,
  });
  try {
    const spec = await readInput({ config: file }, { cwd: dirname(file) });
    const platform = await assemblePlatform(spec, { platform: parsePlatform('linux/amd64'), session });
    const options = {
      spec,
      name: 'scene',
      platform,
      digest: `sha256:${'0'.repeat(64)}`,
      toolVersion: '1.2.3',
      session,
      sources: await fileSources(spec, platform, session),
    } as const;
    const first = await billOfMaterials(options);
    // What was remembered is what was read.
    assert.equal(JSON.stringify(await billOfMaterials(options), sortKeys), JSON.stringify(first, sortKeys));
    return first;
  } finally {
    await session.close();
  }
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function writeScene(name: string, { debs, config = '', files = {}, prepare }: Scene): Promise<string> {
  const folder = join(root, name);
  await mkdir(join(folder, 'debs'), { recursive: true });
  for (const deb of debs) await writeFile(join(folder, 'debs', `${deb.name}.deb`), makeDeb(deb));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const file = join(folder, 'slimimage.yaml');
  await writeFile(file, `name: scene\nbase: none\nplatforms: [linux/amd64]\npackages: [./debs/]\n${config}`);
  prepare?.(folder);
  return file;
}

function packageIn(bill: BillOfMaterials, name: string): SbomPackage {
  const found = bill.packages.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

test('packages come with what their control files say, what they need, and what was left out', async () => {
  const bill = await billOf('packages', {
    debs: [
      {
        name: 'app',
        version: '2-1',
        control: [
          'Source: app-source (3)',
          'Depends: lib, other | more',
          'Section: web',
          'Homepage: https://example.org/',
        ],
        files: {
          'usr/bin/app': { content: 'app', mode: 0o4755 },
          'usr/share/man/man1/app.1': 'manual',
          'usr/share/doc/app/copyright': mit,
        },
      },
      { name: 'lib', files: { 'usr/lib/lib.so': 'lib' } },
      { name: 'other', control: ['Depends: lib'], files: { 'usr/lib/other': 'other' } },
    ],
  });
  const { deb, licence, ...app } = packageIn(bill, 'app');
  assert.deepEqual(app, {
    name: 'app',
    version: '2-1',
    architecture: 'all',
    source: { name: 'app-source', version: '3' },
    summary: 'sample',
    homepage: 'https://example.org/',
    maintainer: 'A <a@example.org>',
    vendor: undefined,
    codename: undefined,
    section: 'web',
    requested: true,
    dependencies: [
      { name: 'lib', type: 'depends' },
      { name: 'other', type: 'depends' },
    ],
    omittedDependencies: [],
    cutDependencies: [],
    omitted: [{ reason: 'man pages', count: 1, bytes: 6 }],
    scripts: [],
    stripped: ['/usr/bin/app mode 4755'],
  });
  assert.equal(deb?.path, 'app.deb');
  assert.deepEqual([licence.expression, licence.copyrights], ['MIT', ['2020 A']]);
  assert.deepEqual(packageIn(bill, 'other').dependencies, [{ name: 'lib', type: 'depends' }]);
  assert.deepEqual(
    bill.packages.map(({ name }) => name),
    ['app', 'lib', 'other'],
  );
});

test('dependencies that were left out are told, and only those', async () => {
  const debs = [
    { name: 'app', control: ['Pre-Depends: lib', 'Depends: left (>= 2) | other, virtual', 'Recommends: gone'] },
    { name: 'lib', control: ['Depends: virtual (= 1)', 'Provides: virtual'] },
  ];
  const left = async (name: string, config: string) => {
    const bill = await billOf(name, { debs, config });
    return Object.fromEntries(bill.packages.map((one) => [one.name, one.omittedDependencies]));
  };
  const all = { app: ['left (>= 2) | other'], lib: ['virtual (= 1)'] };
  assert.deepEqual(await left('none', 'dependencies: none\n'), all);
  assert.deepEqual(await left('omit', 'omit: [left, other, virtual]\n'), all);
});

test('a licence is read where the copyright file is, and said to be missing where it is not', async () => {
  const doc = (name: string) => `usr/share/doc/${name}/copyright`;
  const bill = await billOf('licences', {
    debs: [
      { name: 'own', files: { [doc('own')]: mit } },
      { name: 'linked', files: { 'usr/share/doc/linked': { type: 'symlink', linkTarget: 'own' } } },
      { name: 'linked-file', files: { [doc('linked-file')]: { type: 'symlink', linkTarget: '../own/copyright' } } },
      { name: 'loop', files: { 'usr/share/doc/loop': { type: 'symlink', linkTarget: 'loop' } } },
      { name: 'replaced', files: { [doc('replaced')]: mit } },
      { name: 'silent', files: { 'usr/bin/silent': '' } },
    ],
    config: 'paths: [{ path: /usr/share/doc/replaced/copyright, type: file, content: "License: none" }]\n',
  });
  const read = bill.packages.map(({ name, licence }) => [name, licence.expression ?? licence.problem]);
  assert.deepEqual(Object.fromEntries(read), {
    own: 'MIT',
    linked: 'MIT',
    'linked-file': 'MIT',
    loop: 'The image has no copyright file of the package.',
    replaced: "The copyright file in the image is not the package's own.",
    silent: 'The image has no copyright file of the package.',
  });
});

test('every file has its digest, and its package, entry or rule', async () => {
  const bill = await billOf('files', {
    debs: [
      {
        name: 'own',
        files: {
          'opt/a': 'x',
          'opt/b': { type: 'hardlink', linkTarget: './opt/a' },
          'opt/c': { type: 'symlink', linkTarget: 'a' },
        },
      },
    ],
    files: { 'site/index.html': 'x', extra: 'x' },
    config: 'files: ["./site:/srv", "./extra:/srv/extra"]\npaths: [{ path: /etc/made, type: file, content: x }]\n',
  });
  const shown = bill.files.map((file) => [file.path, file.package ?? `${file.origin} ${file.source}`]);
  assert.deepEqual(Object.fromEntries(shown.filter(([path]) => !path?.startsWith('var/lib/dpkg'))), {
    'etc/made': 'paths undefined',
    'opt/a': 'own',
    'opt/b': 'own',
    'srv/extra': 'files 1',
    'srv/index.html': 'files 0',
    ...Object.fromEntries(shown.filter(([, owner]) => owner === 'accounts undefined')),
  });
  const x = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
  for (const path of ['etc/made', 'opt/a', 'opt/b', 'srv/extra'])
    assert.equal(bill.files.find((file) => file.path === path)?.sha256, x, path);
  assert.ok(bill.files.some(({ origin }) => origin === 'dpkg metadata'));
  assert.deepEqual(bill.sources, [
    { name: './site', path: '/srv', git: undefined, image: undefined },
    { name: './extra', path: '/srv/extra', git: undefined, image: undefined },
  ]);
});

const osRelease = 'ID=debian\nVERSION_CODENAME=trixie\n';

test('packages of the image below are there by what its status and its os-release say', async () => {
  const below = await writeScene('below', {
    debs: [{ name: 'runtime', version: '7', files: { 'opt/runtime': 'x', 'etc/os-release': osRelease } }],
    config: '',
  });
  await build(
    { config: below },
    { store: join(root, 'store'), env: {}, cwd: dirname(below), jobs: 1, tags: ['below'] },
  );
  const bill = await billOf('above', {
    debs: [{ name: 'app', control: ['Depends: runtime'], files: { 'opt/app': 'y' } }],
    config: 'on: store:below\n',
  });
  assert.match(bill.on ?? '', /^sha256:/);
  const { version, deb, licence, vendor, codename, summary } = packageIn(bill, 'runtime');
  assert.deepEqual([vendor, codename, summary], ['debian', 'trixie', 'sample']);
  // Built of a file of the user's own, on whatever.
  assert.equal(packageIn(bill, 'app').vendor, undefined);
  assert.deepEqual(
    [version, deb, licence.problem],
    ['7', undefined, 'The package is in the image below, whose files are not read.'],
  );
  assert.deepEqual(packageIn(bill, 'app').dependencies, [{ name: 'runtime', type: 'depends' }]);
  assert.deepEqual(
    bill.files.filter(({ path }) => path.startsWith('opt/')).map(({ path }) => path),
    ['opt/app'],
  );
});

describe('files of a git repository', { skip: lacking({ commands: ['git'] }) }, () => {
  let head = '';
  const commit = (folder: string) => {
    const git = (...args: readonly string[]) =>
      spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: root },
      }).stdout;
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'all');
    git('remote', 'add', 'origin', 'https://token@example.org/app.git');
    head = git('rev-parse', 'HEAD').trim();
  };

  test('come with its commit, also where a folder of files: is the whole repository', async () => {
    const { sources, files } = await billOf('repository', {
      debs: [{ name: 'own' }],
      files: { 'app/a': 'a' },
      config: 'files: ["./app:/app"]\n',
      prepare: (folder) => commit(join(folder, 'app')),
    });
    assert.deepEqual(
      sources.map((source) => source.git?.commit),
      [head],
    );
    assert.deepEqual(
      files.filter(({ path }) => path.startsWith('app/')).map(({ path }) => path),
      ['app/a'],
    );
  });

  test('come with its commit, until one of them is changed', async () => {
    const files = { 'app/a': 'a', 'app/.dockerignore': 'not\n', 'app/not': 'x', other: 'y' };
    const config = 'files: ["./app:/app", "./other:/etc/other"]\n';
    const clean = await billOf('git', { debs: [{ name: 'own' }], files, config, prepare: commit });
    const git = { commit: head, remote: 'https://example.org/app.git' };
    assert.deepEqual(
      clean.sources.map((source) => source.git),
      [git, git],
    );
    const changed = await billOf('git', { debs: [{ name: 'own' }], files: { 'app/new': 'n' }, config });
    assert.deepEqual(
      changed.sources.map((source) => source.git),
      [undefined, git],
    );
  });
});
