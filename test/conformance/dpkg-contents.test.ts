import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { flagsToSpec, planImage } from '../../src/index.ts';
import { buildAnyway } from '../support/build-anyway.ts';
import { lackingArchive } from '../support/builder.ts';
import { type ExpectedTree, expectedTree, type UnpackedPackage, writtenPictures } from '../support/expected-tree.ts';
import { assertLayerRules } from '../support/layer-rules.ts';
import { buildLongNamesDeb } from '../support/long-names-deb.ts';
import { lacking } from '../support/need.ts';
import { fileMembers, packagedMembers, type TarMember } from '../support/packaged-tree.ts';
import { type AssortedSuite, bookworm, trixie } from './assorted-packages.ts';

/**
 * What the image has and no package: by rule, each with the paths that it may make. Whatever else is in the image and
 * in no package is a difference.
 */
const generatedPaths: readonly { readonly rule: string; readonly paths: RegExp }[] = [
  { rule: 'accounts', paths: /^etc\/(passwd|group)$/ },
  { rule: 'dpkg metadata', paths: /^var\/lib\/dpkg\/status\.d(\/[a-z0-9.+-]+)?$/ },
  { rule: 'name service switch', paths: /^etc\/nsswitch\.conf$/ },
  { rule: 'login files', paths: /^(etc\/profile|etc\/motd|root\/\.profile|root\/\.bashrc)$/ },
  { rule: 'home of nonroot', paths: /^home\/nonroot$/ },
  {
    rule: 'certificates',
    paths: /^etc\/(ca-certificates\.conf|ssl\/certs\/(ca-certificates\.crt|.*\.pem|[0-9a-f]{8}\.\d+))$/,
  },
  { rule: 'library cache', paths: /^etc\/ld\.so\.cache$/ },
  { rule: 'locales', paths: /^usr\/lib\/locale(\/C\.utf8(\/LC_.*)?)?$/ },
  { rule: 'alternatives', paths: /^(etc|var\/lib\/dpkg)\/alternatives(\/.*)?$/ },
  { rule: 'merged /usr', paths: /^(bin|sbin|lib|lib32|lib64)$/ },
  { rule: 'terminfo', paths: /^usr\/(lib|share)\/terminfo(\/[dlx](\/(dumb|linux|xterm|xterm-256color))?)?$/ },
];

/** Empty folders of base-files that its own postinst makes links: in the image the link, in the package the folder. */
const replacedFolders = new Map([
  ['var/lock', '/run/lock'],
  ['var/run', '/run'],
]);

const needs = { commands: ['dpkg-deb', 'tar'] };

describe('tar: output equals what dpkg-deb unpacks', { skip: lackingArchive || lacking(needs) }, () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-contents-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  // Trixie needs two packages of bookworm: the order of these two matters.
  for (const suite of [bookworm, trixie]) {
    const count = Object.keys(suite.packages).length + suite.carriedOver.length;
    test(`${count} packages of ${suite.codename}`, async (t) => {
      const built = await buildSuite(suite, folder);
      const { tar, packages, created } = built;
      for (const name of Object.keys(suite.packages))
        assert.ok(
          packages.some((one) => one.name === name),
          name,
        );

      const features = featuresOf(packages);
      for (const [feature, count] of features) assert.ok(count > 0, `no ${feature} in any package: a test of nothing`);

      const expected = expectedOf(suite, built);
      assert.equal(created, expected.created, 'the time of the image');
      for (const rule of [...suite.diversions, ...suite.replacements]) {
        assert.ok(expected.used.has(rule), `nothing is decided by ${JSON.stringify(rule)}: a test of nothing`);
      }

      const written = await fileMembers(tar);
      const { differences, generated } = compare(written, { ...suite, expected });
      t.diagnostic(table(packages, { expected, generated, differences, features }));
      assert.deepEqual(differences.slice(0, 20), []);

      await assertLayerRules(createReadStream(tar), { created });
      assertGnuTarOrder(tar, written.length);
    });
  }
});

interface BuiltSuite {
  readonly tar: string;
  readonly packages: readonly UnpackedPackage[];
  readonly created: number;
  /** The .deb. */
  readonly basePasswd: string;
}

async function buildSuite(suite: AssortedSuite, folder: string): Promise<BuiltSuite> {
  const { codename, created } = suite;
  const tar = join(folder, `${codename}.tar`);
  const store = join(folder, 'store');
  const own = new Map(suite.carriedOver.map((name) => [name, join(folder, `${name}.deb`)]));
  if (codename === 'trixie') own.set('long-names', await buildLongNamesDeb(folder));
  const spec = flagsToSpec(
    {
      from: `debian/${codename}`,
      package: [...Object.keys(suite.packages), ...own.values()],
      dependencies: 'none',
      platform: ['linux/amd64'],
      include: ['/usr/share/doc/littler/**'],
      compression: suite.compression,
      // Divided into several, folders have a time of their own (docs/images.md).
      layers: 'single',
      ...(created === undefined ? {} : { created: String(created) }),
    },
    { cwd: folder },
  );
  // The variable would be the time of the image.
  const env = { ...process.env, SOURCE_DATE_EPOCH: undefined };
  const result = await buildAnyway(spec, { store, env, outputs: [`tar:${tar}`] });
  const plan = await planImage(spec, { store, env, offline: true });
  const packages: UnpackedPackage[] = [];
  let basePasswd = '';
  for (const { name, sha256 } of plan.platforms[0]?.packages ?? []) {
    const deb = own.get(name) ?? join(store, 'blobs/sha256', sha256);
    packages.push({ name, members: await packagedMembers(deb) });
    if (name === 'base-passwd') basePasswd = deb;
    if (trixie.carriedOver.includes(name) && codename === 'bookworm') await copyFile(deb, join(folder, `${name}.deb`));
  }
  return { tar, packages, created: result.created, basePasswd };
}

function expectedOf(suite: AssortedSuite, { packages, basePasswd }: BuiltSuite): ExpectedTree {
  return expectedTree(packages, {
    keptDocumentation: ['littler'],
    diversions: suite.diversions,
    replacements: suite.replacements,
    users: masterIds(basePasswd, 'passwd'),
    groups: masterIds(basePasswd, 'group'),
    created: suite.created,
  });
}

/** Name -> id of Debian's fixed accounts, from the file that its installation copies. */
function masterIds(deb: string, table: 'passwd' | 'group'): ReadonlyMap<string, number> {
  const command = `dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/share/base-passwd/$2.master"`;
  const answer = spawnSync('sh', ['-c', command, 'sh', deb, table], { encoding: 'utf8' });
  assert.equal(answer.status, 0, answer.stderr);
  const ids = new Map(
    answer.stdout.split('\n').flatMap((line) => {
      const [name, , id] = line.split(':');
      return name && id ? [[name, Number(id)] as const] : [];
    }),
  );
  assert.ok(ids.get('root') === 0 && ids.size > 15, `${table}.master has ${ids.size} names`);
  return ids;
}

function compare(
  written: readonly TarMember[],
  { expected, changedByScripts, madeByScripts }: Scripted & { readonly expected: ExpectedTree },
) {
  const found = writtenPictures(written);
  const types = new Map(written.map((member) => [member.path, member]));
  const differences: string[] = [];
  const generated = new Map<string, number>();
  const setAside = (rule: string) => generated.set(rule, (generated.get(rule) ?? 0) + 1);
  for (const [path, { package: owner, picture }] of expected.paths) {
    const target = replacedFolders.get(path);
    if (target !== undefined && types.get(path)?.linkTarget === target) setAside('links that base-files makes');
    else if (changedByScripts.includes(path)) {
      const same = found.get(path) !== picture && withoutOwner(found.get(path) ?? '') === withoutOwner(picture);
      if (same) setAside('modes and owners that scripts change');
      else
        differences.push(
          `${path} of ${owner}:\n  expected another mode or owner than ${picture}\n  found    ${found.get(path)}`,
        );
    } else if (found.get(path) !== picture) {
      differences.push(`${path} of ${owner}:\n  expected ${picture}\n  found    ${found.get(path)}`);
    }
  }
  for (const [path, picture] of found) {
    if (expected.paths.has(path)) continue;
    const rule = generatedPaths.find(({ paths }) => paths.test(path));
    if (rule !== undefined) setAside(rule.rule);
    else if (madeByScripts.some((pattern) => pattern.test(path))) setAside('made by scripts');
    else differences.push(`${path} is in no package: ${picture}`);
  }
  for (const pattern of madeByScripts) {
    if (![...found.keys()].some((path) => pattern.test(path)))
      differences.push(`nothing fits ${pattern}: a test of nothing`);
  }
  return { differences, generated };
}

type Scripted = Pick<AssortedSuite, 'changedByScripts' | 'madeByScripts'>;

/** `file 0755 0:0 ...` without mode and owner. */
function withoutOwner(picture: string): string {
  return picture.replace(/ \d{4} \d+:\d+/, '');
}

/** What the packages are here for, counted. */
function featuresOf(packages: readonly UnpackedPackage[]): ReadonlyMap<string, number> {
  const members = packages.flatMap((one) => one.members);
  const count = (test: (member: TarMember) => boolean) => members.filter(test).length;
  const bytes = ({ path }: TarMember) => Buffer.byteLength(path);
  return new Map([
    ['hard links', count(({ type }) => type === 'link')],
    ['symbolic links', count(({ type }) => type === 'symlink')],
    ['special permissions', count(({ type, mode }) => type !== 'symlink' && (mode & 0o6000) !== 0)],
    ['owners other than root', count(({ userName, groupName }) => userName !== 'root' || groupName !== 'root')],
    ['paths beyond 100 bytes', count((member) => bytes(member) > 100)],
  ]);
}

interface TableFacts {
  readonly expected: ExpectedTree;
  readonly generated: ReadonlyMap<string, number>;
  readonly differences: readonly string[];
  readonly features: ReadonlyMap<string, number>;
}

function table(
  packages: readonly UnpackedPackage[],
  { expected, generated, differences, features }: TableFacts,
): string {
  const paths = new Map(packages.map(({ name }) => [name, 0]));
  for (const { package: owner } of expected.paths.values()) paths.set(owner, (paths.get(owner) ?? 0) + 1);
  const lines = [...paths].map(([name, count]) => {
    const wrong = differences.filter((text) => text.includes(` of ${name}:`)).length;
    return `${name.padEnd(34)} ${String(count).padStart(6)} paths ${String(wrong).padStart(4)} different`;
  });
  const total = `${packages.length} packages`.padEnd(34);
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
  return [
    '',
    ...lines,
    `${total} ${String(expected.paths.size).padStart(6)} paths ${String(differences.length).padStart(4)} different`,
    `left out by the default filters: ${expected.leftOut} members`,
    `set aside: ${list(generated)}`,
    `in the packages: ${list(features)}`,
  ].join('\n');
}

/** GNU tar's own reading: no path twice, every folder before what lies in it. */
function assertGnuTarOrder(tar: string, entries: number): void {
  const answer = spawnSync('tar', ['--quoting-style=escape', '-tf', tar], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  assert.equal(answer.status, 0, answer.stderr);
  const names = answer.stdout.split('\n').filter((line) => line !== '');
  assert.equal(names.length, entries);
  const folders = new Set(['']);
  const seen = new Set<string>();
  for (const name of names) {
    const path = name.replace(/\/$/, '');
    assert.ok(!seen.has(path), `${path} is there twice`);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    assert.ok(folders.has(parent), `${path} comes before its folder`);
    seen.add(path);
    if (name.endsWith('/')) folders.add(path);
  }
}
