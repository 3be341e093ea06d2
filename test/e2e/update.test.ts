/** `slimimage update` through the command line, with an archive that has newer versions, and security ones. */
import assert from 'node:assert/strict';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { updateSchema } from '../../src/build/update-schema.ts';
import type { LockDocument } from '../../src/lock/types.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { type PublishedSuite, startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { type DebRecipe, makeDeb } from '../support/deb-maker.ts';
import { status } from '../support/http-behaviours.ts';

interface Sketch {
  readonly fields?: Readonly<Record<string, string>>;
  /** Entries of the changelog, the newest first: version and change. */
  readonly changes?: readonly (readonly [version: string, change: string])[];
  /** Kilobytes on disk. */
  readonly installed?: number;
}

function deb(name: string, version: string, { fields = {}, changes, installed = 10 }: Sketch = {}): DebRecipe {
  const source = /^\S+/.exec(fields['Source'] ?? name)?.[0] ?? name;
  const entries = (changes ?? []).map(
    ([of, change]) =>
      `${source} (${of}) trixie; urgency=medium\n\n  * ${change}\n\n -- A <a@example.org>  Fri, 03 Apr 2026 10:00:00 +0000\n`,
  );
  const changelog = { [`/usr/share/doc/${name}/changelog.Debian.gz`]: gzipSync(entries.join('\n')) };
  return {
    name,
    version,
    fields: { 'Installed-Size': String(installed), ...fields },
    files: { [`/usr/lib/${name}`]: `${name} ${version}`, ...(changes === undefined ? {} : changelog) },
  };
}

const tool = (version: string) => deb('tool', version, { fields: { Depends: 'libtool1, libtool-data, service' } });
const fixed = [
  ['1.0-1+deb13u2', 'Fix CVE-2026-10000 and CVE-2026-2000. Closes: #1'],
  ['1.0-1+deb13u1', 'CVE-2026-1003: overflow'],
  ['1.0-1', 'Fix CVE-2025-7000'],
] as const;
const library = (version: string, sketch: Sketch = {}) => [
  deb('libtool1', version, {
    installed: 20,
    changes: fixed,
    ...sketch,
    fields: { Source: 'libtool', ...sketch.fields },
  }),
  deb('libtool-data', version, { fields: { Source: 'libtool' }, installed: 300, changes: fixed }),
];
const service = (version: string) => deb('service', version);

let user: TestUser;
let archive: TestArchive;

beforeEach(async () => {
  user = await startUser();
  archive = await startArchive();
  await publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-1')]);
  await publishSecurity([]);
  await user.write('slimimage.yaml', config());
  await user.succeed(['lock']);
  archive.server.forget();
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

const date = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
const publish = (main: readonly DebRecipe[]): Promise<PublishedSuite> =>
  archive.publish({ date, components: { main } });
const publishSecurity = (main: readonly DebRecipe[]): Promise<PublishedSuite> =>
  archive.publish({ suite: 'trixie-security', date, components: { main } });
const config = (packages: readonly string[] = ['tool']) =>
  archiveConfig(archive, packages, { archive: { suites: '[trixie, trixie-security]' } });
const fresh = () => ({ env: { SLIMIMAGE_STORE: join(user.folder, 'fresh') } });

/** The .debs that were asked for since the lock was made. */
const fetched = () =>
  archive.server.requests.flatMap(({ path }) => /\/([^/]+)_[^/]*\.deb$/.exec(path)?.[1] ?? []).sort();

async function lockedVersions(): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(user.folder, 'slimimage.lock.json'), 'utf8')) as LockDocument;
  return (lock.platforms[0]?.packages ?? []).map(({ name, version, suite }) => `${name} ${version} ${suite}`);
}

describe('update', () => {
  test('nothing newer: status 0, and no .deb is asked for', async () => {
    const { stdout } = await user.succeed(['update']);
    assert.equal(stdout, 'nothing to update in slimimage.lock.json\n');
    assert.deepEqual(fetched(), []);
  });

  test('a line a package with versions, size, suite and CVEs; one .deb for each source; status 1', async () => {
    await publish([
      tool('1.1-1'),
      ...library('1.0-1'),
      deb('service', '1.0-1', { fields: { Depends: 'new' } }),
      deb('new', '1'),
    ]);
    await publishSecurity(library('1.0-1+deb13u2', { installed: 25 }));
    archive.server.forget();
    const { status: code, stdout } = await user.run(['update']);
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
    assert.equal(fetched().filter((name) => name.startsWith('libtool')).length, 1);
    assert.deepEqual((await lockedVersions())[0], 'libtool-data 1.0-1 trixie');
  });

  test('a changelog behind a link: that of the package that has it', async () => {
    const linked = (version: string, changes: Sketch['changes'] = []): readonly DebRecipe[] => [
      { ...tool(version), files: { '/usr/share/doc/tool': '-> libtool1', '/usr/share/doc/x': '' } },
      deb('libtool1', version, { fields: { Source: 'tool' }, changes: [...changes, ['1.0-1', 'New']], installed: 900 }),
      deb('libtool-data', version, { fields: { Source: 'tool' }, changes: [['1.0-1', 'New']] }),
      service('1.0-1'),
    ];
    await publish(linked('1.0-1'));
    await user.succeed(['lock']);
    await publish(linked('1.0-2', [['1.0-2', `Fix CVE-2026-1234 ${'x'.repeat(3000)}`]]));
    assert.match((await user.run(['update'])).stdout, /libtool-data +1\.0-1 -> 1\.0-2 .*CVE-2026-1234/);
  });

  test('a changelog that is damaged is a warning that names the package', async () => {
    const damaged = tool('1.1-1');
    const files = { ...damaged.files, '/usr/share/doc/tool/changelog.Debian.gz': 'no gzip' };
    await publish([{ ...damaged, files }, ...library('1.0-1'), service('1.0-1')]);
    const { status: code, stdout, stderr } = await user.run(['update']);
    assert.equal(code, 1);
    assert.match(stdout, /tool +1\.0-1 -> 1\.1-1 .* no changelog/);
    const message =
      'what tool 1.1-1 fixes is not known: usr/share/doc/tool/changelog.Debian.gz of tool is not a sound gzip stream';
    assert.ok(stderr.includes(message), stderr);
    await user.succeed(['update', '--write']);
  });

  test('--no-changelogs fetches no .deb', async () => {
    await publish([tool('1.1-1'), ...library('1.0-1+deb13u1'), service('1.0-1')]);
    archive.server.forget();
    const { status: code, stdout } = await user.run(['update', '--no-changelogs']);
    assert.equal(code, 1);
    assert.match(stdout, /changelogs not read/);
    assert.doesNotMatch(stdout, /CVE-/);
    assert.deepEqual(fetched(), []);
  });

  test('--write: the lock that `slimimage lock` would write, status 0, and then there is nothing to do', async () => {
    await publish([tool('1.1-1'), ...library('2.0-1'), service('0.9-1')]);
    const { stdout } = await user.succeed(['update', '--write']);
    assert.match(stdout, /service +1\.0-1 -> 0\.9-1 \(downgraded\)/);
    assert.match(stdout, /^written .*slimimage\.lock\.json$/m);
    assert.deepEqual(await lockedVersions(), [
      'libtool-data 2.0-1 trixie',
      'libtool1 2.0-1 trixie',
      'service 0.9-1 trixie',
      'tool 1.1-1 trixie',
    ]);
    assert.match((await user.succeed(['lock'])).stderr, /nothing has changed/);
    const built = await user.succeed(['build']);
    assert.equal((await user.succeed(['build', '--locked'], fresh())).stdout, built.stdout);
    await utimes(join(user.folder, 'slimimage.lock.json'), 1, 1);
    await user.succeed(['update', '--write']);
    assert.equal((await stat(join(user.folder, 'slimimage.lock.json'))).mtimeMs, 1000);
  });

  test('a locked .deb that is gone from everywhere is no obstacle', async () => {
    const { debs } = await publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-1')]);
    await publish([tool('1.1-1'), ...library('1.0-1'), service('1.0-1')]);
    archive.server.on(archive.path(debs.get('tool') ?? ''), status(404));
    assert.match((await user.run(['update'], fresh())).stdout, /tool +1\.0-1 -> 1\.1-1/);
  });

  test('--format json is as its schema says', async () => {
    await publish([tool('1.1-1'), ...library('1.0-1'), service('1.0-1')]);
    await publishSecurity(library('1.0-1+deb13u1'));
    const planned = JSON.parse((await user.run(['update', '--format', 'json'])).stdout);
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
    const written = JSON.parse((await user.succeed(['update', '--write', '--format', 'json'])).stdout);
    assert.deepEqual([validate(written), validate.errors], [true, null]);
    assert.match(written.written, /^sha256:/);
  });

  test('an image below and own .debs are taken as they are now, also with --security-only', async () => {
    await user.write('below.yaml', archiveConfig(archive, ['service'], { more: { name: 'below' } }));
    await user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
    await user.write('own.deb', await makeDeb(deb('own', '1.0')));
    await user.write('slimimage.yaml', `${config(['tool', './own.deb'])}on: oci:./below\n`);
    await user.succeed(['lock']);
    assert.equal((await user.run(['update'])).status, 0);

    await publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-2')]);
    await user.succeed(['build', 'below.yaml', '-o', 'oci:below']);
    await user.write('own.deb', await makeDeb(deb('own', '1.1')));
    const { status: code, stdout } = await user.run(['update', '--security-only']);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /own +1\.0 -> 1\.1 +0 B +file +no changelog\n {2}image below: was sha256:[0-9a-f]{64}, is sha256:/,
    );
    await user.succeed(['update', '--write']);
    await user.succeed(['build', '--locked']);
  });

  test('without a lock, and with a configuration that has moved', async () => {
    await user.refused({ code: 'LOCK_NOT_FOUND', status: 2 }, ['update', '--lock-file', 'none.lock.json']);
    await user.write('slimimage.yaml', config(['tool', 'service']));
    const { message } = await user.refused({ code: 'LOCK_OUTDATED', status: 2 }, ['update']);
    assert.match(message, /packages: service was added/);
  });
});

describe('update --security-only', () => {
  test('takes what the security suite brings; everything else stays, though its .deb is in no index any more', async () => {
    const { debs } = await publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-1')]);
    await publish([tool('1.1-1'), ...library('2.0-1'), service('1.1-1')]);
    await publishSecurity(library('1.0-1+deb13u1'));
    const { stdout } = await user.run(['update', '--security-only']);
    assert.match(stdout, /^linux\/amd64 {2}2 upgraded;/);
    await user.succeed(['update', '--security-only', '--write'], fresh());
    assert.deepEqual(await lockedVersions(), [
      'libtool-data 1.0-1+deb13u1 trixie-security',
      'libtool1 1.0-1+deb13u1 trixie-security',
      'service 1.0-1 trixie',
      'tool 1.0-1 trixie',
    ]);
    const digest = (await user.succeed(['build', '--locked'])).stdout;
    assert.equal((await user.succeed(['build', '--locked'], fresh())).stdout, digest);
    assert.equal(
      (await user.succeed(['update', '--security-only'])).stdout,
      'no security update for slimimage.lock.json\n',
    );

    archive.server.on(archive.path(debs.get('tool') ?? ''), status(404));
    await publishSecurity(library('1.0-1+deb13u2'));
    const empty = { env: { SLIMIMAGE_STORE: join(user.folder, 'empty') } };
    const { message } = await user.refused({ code: 'HTTP_STATUS', status: 3 }, ['update', '--security-only'], empty);
    assert.match(message, /^tool 1\.0-1 \(amd64\)/);
  });

  test('no security update: status 0, whatever else is newer', async () => {
    await publish([tool('1.1-1'), ...library('2.0-1'), service('1.1-1')]);
    const { stdout } = await user.succeed(['update', '--security-only']);
    assert.equal(stdout, 'no security update for slimimage.lock.json\n');
  });

  test('a package that is new because of it may come from anywhere', async () => {
    await publish([tool('1.0-1'), ...library('1.0-1'), service('1.1-1'), deb('helper', '1')]);
    await publishSecurity(library('1.0-1+deb13u1', { fields: { Depends: 'helper' } }));
    await user.succeed(['update', '--security-only', '--write']);
    assert.deepEqual(await lockedVersions(), [
      'helper 1 trixie',
      'libtool-data 1.0-1+deb13u1 trixie-security',
      'libtool1 1.0-1+deb13u1 trixie-security',
      'service 1.0-1 trixie',
      'tool 1.0-1 trixie',
    ]);
  });

  test('what the configuration holds back is told, and no more: status 0', async () => {
    await user.write('slimimage.yaml', config(['tool=1.0-1']));
    await user.succeed(['lock']);
    await publishSecurity([tool('1.0-1+deb13u1')]);
    const { stdout } = await user.succeed(['update', '--security-only']);
    assert.match(stdout, /held back: tool 1\.0-1, not 1\.0-1\+deb13u1: the configuration asks for tool=1\.0-1\n/);
    assert.match(stdout, /^1 security update held back, nothing else for slimimage\.lock\.json$/m);
  });

  test('what does not go with the locked rest is held back and told; the others are taken', async () => {
    await publish([tool('1.0-1'), ...library('1.0-1'), service('2.0-1')]);
    const stuck = library('1.0-1+deb13u1', { fields: { Depends: 'service (>= 2)' } });
    await publishSecurity([...stuck, tool('1.0-1+deb13u1')]);
    const { stdout } = await user.succeed(['update', '--security-only', '--write']);
    const held = 'held back: libtool1 1.0-1, not 1.0-1+deb13u1: libtool1 1.0-1+deb13u1 cannot be installed';
    assert.ok(stdout.includes(`${held}: it needs service (>= 2)\n`), stdout);
    assert.match(stdout, /^1 package to update, .*, 2 held back\nwritten /m);
    assert.deepEqual(await lockedVersions(), [
      'libtool-data 1.0-1 trixie',
      'libtool1 1.0-1 trixie',
      'service 1.0-1 trixie',
      'tool 1.0-1+deb13u1 trixie-security',
    ]);
    const again = await user.run(['update', '--security-only']);
    assert.equal(again.status, 1);
    assert.match(again.stdout, /^2 security updates held back, nothing else for slimimage\.lock\.json$/m);
    const plan = JSON.parse((await user.run(['update', '--security-only', '--format', 'json'])).stdout);
    assert.equal(plan.outdated, true);
    assert.equal(plan.platforms[0].held[0].by, 'packages');
    assert.match(plan.platforms[0].held[0].why, /^libtool1 .* it needs service \(>= 2\)$/);
  });
});
