/** The papers of an image, through the command line: what they say, that it is so, where they go, and what is never in them. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { runCommand } from '../../src/engine/command.ts';
import type { BuildResult } from '../../src/index.ts';
import { sigstoreBundleType } from '../../src/oci/papers.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { digestOf, sha256Hex } from '../../src/util/digest.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive } from '../support/archive-server.ts';
import { lackingArchive } from '../support/builder.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { basic, content, requireLogin } from '../support/http-behaviours.ts';
import { type LockScene, startLockScene } from '../support/lock-scene.ts';
import { lacking } from '../support/need.ts';
import { lackingRegistry, startRegistry } from '../support/registry.ts';
import { filesOf, packagesOf } from '../support/sbom-reader.ts';
import { assertValidSbom } from '../support/sbom-schemas.ts';
import { projectRoot } from '../support/source-code.ts';
import { scanImage } from '../support/status-d-reader.ts';
import { filesOfTar } from '../support/tar-files.ts';

const formats = ['spdx', 'spdx-3', 'cyclonedx'] as const;

async function build(user: TestUser, argv: readonly string[] = [], options = {}): Promise<BuildResult> {
  const { stdout } = await user.succeed(['build', '--format', 'json', ...argv], options);
  return JSON.parse(stdout);
}

const paperDigests = ({ papers }: BuildResult) => papers.map(({ kind, digest }) => `${kind} ${digest}`);

describe('a real image', { skip: lackingArchive }, () => {
  test('its SBOMs are valid, and list the packages and files that are in it', async () => {
    await using user = await startUser();
    await user.write(
      'slimimage.yaml',
      'name: app\nfrom: debian/trixie\npackages: [python3]\nfiles: ["./app:/app"]\nplatforms: [linux/amd64]\n',
    );
    await user.write('app/main.py', 'print("it runs")\n');
    const sboms = formats.flatMap((format) => ['--sbom', format]);
    const result = await build(user, [...sboms, '-o', 'tar:root.tar', '-o', 'oci-archive:out/app.tar']);
    const packages = result.platforms[0]?.packages.map(({ name, version }) => `${name} ${version}`).sort() ?? [];
    const files = await filesOfTar(join(user.folder, 'root.tar'));
    assert.deepEqual(
      scanImage(files).packages.map(({ name, version }) => `${name} ${version}`),
      packages,
    );
    const hashed = new Set([...files].map(([path, bytes]) => `${path} ${sha256Hex(bytes)}`));
    for (const [format, suffix] of [
      ['spdx', 'spdx.json'],
      ['spdx-3', 'spdx3.json'],
      ['cyclonedx', 'cdx.json'],
    ] as const) {
      const bytes = await readFile(join(user.folder, `out/app.${suffix}`));
      assertValidSbom(format, bytes);
      assert.deepEqual(packagesOf(format, bytes), packages, format);
      const listed = filesOf(format, bytes);
      assert.deepEqual(
        [...hashed].filter((line) => !listed.includes(line)),
        [],
        format,
      );
      const { stdout } = await user.succeed(['sbom', 'store:app', '--format', format]);
      assert.equal(digestOf(stdout), digestOf(bytes));
      assert.equal(digestOf(stdout), result.papers.find(({ kind }) => kind === format)?.digest);
    }
  });
});

let scene: LockScene;

describe('papers', () => {
  beforeEach(async () => {
    scene = await startLockScene();
    await scene.configure();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  test('the same for another user, in another folder, in another store', async () => {
    await using other = await startUser();
    const result = await build(scene.user);
    await other.write('deep/down/slimimage.yaml', scene.config());
    const umask = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    const env = { USER: 'somebody', LANG: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu' };
    const again = await build(other, ['deep/down', '--jobs', '1'], { under: umask, env });
    assert.equal(again.digest, result.digest);
    assert.deepEqual(paperDigests(again), paperDigests(result));
  });

  test('the summary names them, and what is left out on request is not there', async () => {
    const { stderr } = await scene.user.succeed(['build']);
    assert.match(stderr, /\npapers: SPDX [\d.]+ kB, CycloneDX [\d.]+ kB, provenance [\d.]+ kB\n/);
    const none = await scene.user.succeed(['build', '--sbom', 'none', '--no-provenance', '-t', 'bare']);
    assert.ok(!none.stderr.includes('papers'));
    await scene.user.refused({ code: 'USAGE', status: 2 }, ['build', '--sbom', 'none', '--sbom', 'spdx']);
  });

  test('beside archives they are files, beside folders and devices there are none', async () => {
    const outputs = [
      'tar:a.tar',
      'docker-archive:b.tar',
      'oci-archive:c.tar',
      'dir:root',
      'oci:layout',
      'tar:/dev/null',
    ];
    const { stderr } = await scene.user.succeed(['build', ...outputs.flatMap((output) => ['-o', output])]);
    const suffixes = ['spdx.json', 'cdx.json', 'provenance.json'];
    for (const name of ['a', 'b', 'c'])
      for (const suffix of suffixes) assert.ok(stderr.includes(`written ${name}.${suffix} (`), stderr);
    assert.equal(stderr.match(/written \S+\.json/g)?.length, 9);
    const layout = JSON.parse(await readFile(join(scene.user.folder, 'layout/index.json'), 'utf8'));
    assert.equal(layout.manifests.length, 1);
    const { stdout } = await scene.user.succeed(['sbom', 'tar:a.tar', '--provenance'], scene.fresh());
    assert.equal(stdout, await readFile(join(scene.user.folder, 'b.provenance.json'), 'utf8'));
  });

  test('--attach puts them into a layout, which skopeo reads by its tag; without, by its folder alone', {
    skip: lacking({ commands: ['skopeo'] }),
  }, async () => {
    await scene.user.succeed(['build', '-t', 'web:1', '-o', 'oci:plain']);
    const { digest } = await build(scene.user, ['-t', 'web:1', '-o', 'oci:full', '--attach']);
    const skopeo = async (image: string) => {
      const { stdout, stderr } = await runCommand('skopeo', ['inspect', '--raw', image], {
        env: process.env,
        cwd: scene.user.folder,
      });
      return stdout === '' ? stderr : digestOf(stdout);
    };
    assert.equal(await skopeo('oci:plain'), digest);
    assert.equal(await skopeo('oci:full:1'), digest);
    const { stdout } = await scene.user.succeed(['sbom', 'oci:full:1'], scene.fresh());
    assert.equal(packagesOf('spdx', Buffer.from(stdout)).length, 4);
    const refused = ['build', '--attach', '-o', 'tar:a.tar'];
    await scene.user.refused({ code: 'USAGE', status: 2 }, refused);
  });

  test('of a locked build: the same SBOM, and a provenance that names the lock', async () => {
    const free = await build(scene.user);
    await scene.user.succeed(['lock']);
    const locked = await build(scene.user, ['--locked'], scene.fresh());
    assert.equal(locked.digest, free.digest);
    const digestsOf = (result: BuildResult) => paperDigests(result).slice(0, 2);
    assert.deepEqual(digestsOf(locked), digestsOf(free));
    const parse = async (options = {}) =>
      JSON.parse((await scene.user.succeed(['sbom', 'store:sample', '--provenance'], options)).stdout).predicate
        .buildDefinition;
    const [unlocked, fromLock] = [await parse(), await parse(scene.fresh())];
    const bytes = await readFile(join(scene.user.folder, 'slimimage.lock.json'));
    assert.equal(`sha256:${fromLock.externalParameters.lock.sha256}`, digestOf(bytes));
    const { lock: _, ...parameters } = fromLock.externalParameters;
    assert.deepEqual(parameters, unlocked.externalParameters);
    assert.deepEqual(fromLock.resolvedDependencies, unlocked.resolvedDependencies);
    assert.ok(fromLock.resolvedDependencies.some(({ name }: { name: string }) => name === 'InRelease'));
  });

  test('they go to a registry and come back from it, by the fallback tag and with every copy', {
    skip: lackingRegistry,
  }, async (t) => {
    const registry = await startRegistry(t);
    const image = `docker://${registry.host}/team/app:1`;
    const { digest, papers } = await build(scene.user, ['-o', image]);
    const tag = digest.replace(':', '-');
    const list = await fetch(`${registry.origin}/v2/team/app/manifests/${tag}`, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    const { manifests } = (await list.json()) as { manifests: readonly { readonly artifactType: string }[] };
    assert.deepEqual(manifests.map(({ artifactType }) => artifactType).sort(), [
      'application/spdx+json',
      'application/vnd.cyclonedx+json',
      'application/vnd.in-toto+json',
    ]);
    const wanted = papers.find(({ kind }) => kind === 'cyclonedx')?.digest;
    const sbom = async (from: string, options = {}) =>
      digestOf((await scene.user.succeed(['sbom', from, '--format', 'cyclonedx'], options)).stdout);
    assert.equal(await sbom(image, scene.fresh('reader')), wanted);
    await scene.user.succeed(['copy', image, 'oci:copied:1'], scene.fresh('copier'));
    assert.equal(await sbom('oci:copied:1', scene.fresh('reader')), wanted);
    await scene.user.succeed(['copy', 'oci:copied:1', 'store:back'], scene.fresh('third'));
    assert.equal(await sbom('store:back', scene.fresh('third')), wanted);
  });

  test('--sign signs image and papers once, whatever the number of builds', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await scene.user.write('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
    const { digest, papers, signatures } = await build(scene.user, ['--sign', 'key.pem']);
    assert.deepEqual(
      signatures.map(({ subject, outcome }) => `${subject} ${outcome}`),
      ['image', ...papers].map(() => `${digest} signed`),
    );
    await build(scene.user, ['--sign', 'key.pem']);
    await using store = await LocalStore.open(join(scene.user.folder, 'store'));
    assert.equal((await store.referrers(digest, sigstoreBundleType)).length, 4);
    const started = await scene.user.refused({ code: 'KEY_INVALID', status: 2 }, ['build', '--sign', 'none.pem']);
    assert.ok(!started.output.includes('download'));
  });
});

describe('secrets', { skip: lackingRegistry }, () => {
  const login = 'mole';
  const password = 'Hunter2:W0rd%Sign';
  const keyPassword = 'Key-Pass-7193';

  test('no password, mirror, folder or user shows in papers, output, layout, registry or store', async (t) => {
    await using user = await startUser();
    await using archive = await startArchive();
    const registry = await startRegistry(t, { auth: 'basic' });
    const copyright = { '/usr/share/doc/hello/copyright': 'free' };
    const hello = { name: 'hello', files: { '/usr/bin/hello': 'hello', ...copyright } };
    const published = await archive.publish({ date: new Date(), components: { main: [hello] } });
    for (const [path, bytes] of published.files)
      archive.server.on(archive.path(path), requireLogin(login, password, content(bytes)));
    const url = archive.url.replace('://', `://${login}:${encodeURIComponent(password)}@`);
    const more = { files: '["./app:/app"]' };
    await user.write('slimimage.yaml', archiveConfig(archive, ['hello'], { more }));
    await user.write('app', 'app');
    const auth = Buffer.from(`${registry.user}:${registry.password}`).toString('base64');
    await user.write('.docker/config.json', JSON.stringify({ auths: { [registry.host]: { auth } } }), 0o600);
    const { privateKey } = generateKeyPairSync('ed25519');
    const encrypted = { cipher: 'aes-256-cbc', passphrase: keyPassword, type: 'pkcs8', format: 'pem' } as const;
    await user.write('key.pem', privateKey.export(encrypted).toString(), 0o600);
    const named = { USER: 'mole-hill', LOGNAME: 'mole-hill' };
    const env = { ...named, SLIMIMAGE_MIRROR_OWN: url, SLIMIMAGE_KEY_PASSWORD: keyPassword };
    const target = ['-t', `${registry.host}/team/app:1`, '--push', '--ca-file', registry.caFile ?? ''];
    const files = ['-o', 'oci:out', '--attach', '-o', 'oci-archive:a.tar', '--metadata-file', 'm.json'];
    const everything = [...target, ...files, '--sign', 'key.pem', '--sbom', 'spdx', '--sbom', 'spdx-3'];
    const argv = ['build', '--verbose', '--compression', 'none', ...everything, '--sbom', 'cyclonedx'];
    const ended = [await user.succeed(argv, { env }), await user.succeed([...argv, '--format', 'json'], { env })];

    const secrets = [password, encodeURIComponent(password), basic(login, password).slice(6), keyPassword];
    const holders = ['.docker/config.json'];
    for (const secret of [...secrets, registry.password, auth]) {
      for (const { stdout, stderr } of ended) assert.ok(!`${stdout}${stderr}`.includes(secret), secret);
      const found = (await user.mentions(secret)).filter((path) => !holders.includes(path));
      assert.deepEqual(found, [], `${secret} is in a file`);
    }
    const { papers, digest }: BuildResult = JSON.parse(ended[1]?.stdout ?? '');
    await using store = await LocalStore.open(join(user.folder, 'store'));
    const bundles = await store.referrers(digest, sigstoreBundleType);
    assert.equal(bundles.length, 5);
    const blobs = [...papers, ...(await store.referrers(digest))].map((one) => one.digest);
    for (const blob of blobs) {
      const text = await readFile(store.path(blob), 'utf8');
      for (const place of [archive.server.host, registry.host, user.folder, 'mole-hill', projectRoot])
        assert.ok(!text.includes(place), `${place} is in ${text}`);
    }
  });
});
