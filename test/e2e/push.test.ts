/** `build --push` to Debian's docker-registry, through the command line: who takes the image from there, and what is sent when. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../src/engine/command.ts';
import type { BuildResult } from '../../src/index.ts';
import { digestOf } from '../../src/util/digest.ts';
import { lackingArchive } from '../support/builder.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { lackingDocker, startEngine } from '../support/engine.ts';
import { lacking } from '../support/need.ts';
import { lackingPodman, startPodman } from '../support/podman.ts';
import { lackingRegistry, startRegistry, type TestRegistry } from '../support/registry.ts';

let user: TestUser;
let registry: TestRegistry;

beforeEach(async () => {
  if (lackingRegistry !== false) return;
  user = await startUser();
  registry = await startRegistry(undefined);
});
afterEach(async () => {
  if (lackingRegistry !== false) return;
  await registry.close();
  await user[Symbol.asyncDispose]();
});

const lackingSkopeo = lackingRegistry || lacking({ commands: ['skopeo'] });

/** Builds and pushes; everything that the answer says. */
async function push(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<BuildResult> {
  const { stdout } = await user.succeed(['build', '--push', '--format', 'json', ...argv], { env });
  return JSON.parse(stdout);
}

/** What the pushes of a build cost, one after the other. */
function sent({ outputs }: BuildResult) {
  return outputs.flatMap((output) => (output.sent === undefined ? [] : [output.sent]));
}

/** Uploads that were finished: digests of blobs, in the order of the log. */
function uploads(from = 0): readonly string[] {
  const finished = /"PUT \/v2\/\S+\/blobs\/uploads\/\S*[?&]digest=sha256(?::|%3A)([0-9a-f]{64})/;
  return registry.log.slice(from).flatMap((line) => finished.exec(line.replaceAll('\\', ''))?.[1] ?? []);
}

function skopeo(args: readonly string[]) {
  return runCommand('skopeo', args, { env: process.env });
}

async function manifestOf(reference: string): Promise<{ readonly digest: string; readonly bytes: Uint8Array }> {
  const [repository = '', tag = ''] = reference.split(/:(?=[^:]*$)/);
  const answer = await fetch(`${registry.origin}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' },
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { digest: answer.ok ? digestOf(bytes) : `status ${answer.status}`, bytes };
}

const files = (more = '') =>
  `name: web\nbase: none\nplatforms: [linux/amd64, linux/arm64]\nfiles: ["./app:/app"]\n${more}`;

describe('build --push', { skip: lackingRegistry }, () => {
  test('docker pulls and runs it, skopeo reads it and copies it back: one digest', {
    skip: lackingSkopeo || lackingArchive || lackingDocker,
  }, async () => {
    await user.write(
      'slimimage.yaml',
      'name: box\nfrom: debian/trixie\npackages: [busybox-static]\nentrypoint: [/usr/bin/busybox]\nplatforms: [linux/amd64]\n',
    );
    const tag = `${registry.host}/team/box:1.0`;
    const { digest } = await push(['-t', tag, '--metadata-file', 'metadata.json']);
    const raw = await skopeo(['inspect', '--tls-verify=false', '--raw', `docker://${tag}`]);
    assert.equal(digestOf(raw.stdout), digest);
    const metadata = JSON.parse(await readFile(join(user.folder, 'metadata.json'), 'utf8'));
    assert.deepEqual([metadata['containerimage.digest'], metadata['image.name']], [digest, tag]);
    const back = `oci:${user.folder}/back:1.0`;
    const copied = await skopeo(['copy', '--src-tls-verify=false', `docker://${tag}`, back]);
    assert.equal(copied.status, 0, copied.stderr);
    const index = JSON.parse(await readFile(join(user.folder, 'back/index.json'), 'utf8'));
    assert.equal(index.manifests[0].digest, digest);
    const engine = await startEngine();
    try {
      const pulled = await engine.docker(['pull', `${registry.host}/team/box@${digest}`]);
      assert.equal(pulled.status, 0, pulled.stderr);
      const args = ['echo', 'it runs'];
      const ran = await engine.dockerRun({ image: `${registry.host}/team/box@${digest}`, args, readOnly: true });
      assert.equal(ran.stdout, 'it runs\n', ran.stderr);
    } finally {
      await engine.stop();
    }
  });

  test('podman pulls it under its digest, whichever the platform and the compression', {
    skip: lackingRegistry || lackingPodman,
  }, async (t) => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const { podman, stop } = await startPodman();
    t.after(stop);
    for (const compression of ['gzip', 'zstd']) {
      const tag = `${registry.host}/team/web:${compression}`;
      const { digest, platforms } = await push(['-t', tag, '--compression', compression]);
      const configs = new Map(platforms.map(({ platform, config }) => [platform, config]));
      for (const platform of ['linux/amd64', 'linux/arm64']) {
        const name = `${registry.host}/team/web@${digest}`;
        const pulled = await podman(['pull', '-q', '--tls-verify=false', `--platform=${platform}`, name]);
        assert.equal(pulled.status, 0, pulled.stderr);
        const seen = await podman(['image', 'inspect', '--format', '{{.Id}} {{.Os}}/{{.Architecture}}', name]);
        assert.equal(`sha256:${seen.stdout.trim()}`, `${configs.get(platform)} ${platform}`, seen.stderr);
        await podman(['rmi', '-f', name]);
      }
    }
  });

  test('names of the local store alone are not told as pushed ones', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const tag = `${registry.host}/team/named:1.0`;
    const { reference, digest } = await push(['-t', 'named:1.0', '-t', tag, '--metadata-file', 'metadata.json']);
    assert.equal(reference, tag);
    assert.equal((await manifestOf('team/named:1.0')).digest, digest);
    assert.equal(JSON.parse(await readFile(join(user.folder, 'metadata.json'), 'utf8'))['image.name'], tag);
  });

  test('an index goes whole, and comes back whole', { skip: lackingSkopeo }, async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const tag = `${registry.host}/team/web:1.0`;
    const { digest, platforms } = await push(['-t', tag]);
    assert.equal((await manifestOf('team/web:1.0')).digest, digest);
    const back = `oci:${user.folder}/back:1.0`;
    const copied = await skopeo(['copy', '--all', '--src-tls-verify=false', `docker://${tag}`, back]);
    assert.equal(copied.status, 0, copied.stderr);
    const layout = JSON.parse(await readFile(join(user.folder, 'back/index.json'), 'utf8'));
    assert.equal(layout.manifests[0].digest, digest);
    const index = JSON.parse(Buffer.from((await manifestOf('team/web:1.0')).bytes).toString());
    assert.deepEqual(
      index.manifests.map((one: { digest: string }) => one.digest),
      platforms.map(({ manifest }) => manifest),
    );
  });

  test('a second push sends no blob, and neither does another tag of the repository', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const tags = ['-t', `${registry.host}/team/web:1.0`, '-t', `${registry.host}/team/web:latest`];
    const [first, second] = sent(await push(tags));
    assert.ok(first !== undefined && first.copied > 0);
    assert.equal(second?.copied, 0);
    const before = registry.log.length;
    for (const one of sent(await push(tags))) assert.deepEqual([one.copied, one.copiedBytes], [0, 0]);
    assert.deepEqual(uploads(before), []);
    assert.equal(registry.log.slice(before).filter((line) => line.includes('"POST ')).length, 0);
  });

  test('another repository of the registry takes the blobs over', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    await push(['-t', `${registry.host}/team/web:1.0`]);
    const before = registry.log.length;
    const [report] = sent(await push(['-t', `${registry.host}/other/web:1.0`]));
    assert.ok((report?.mounted ?? 0) > 0);
    assert.deepEqual(uploads(before), []);
    assert.equal((await manifestOf('other/web:1.0')).digest, (await manifestOf('team/web:1.0')).digest);
  });

  test('of a changed application one layer is sent', { skip: lackingArchive }, async () => {
    await user.write(
      'slimimage.yaml',
      'name: web\nfrom: debian/trixie\npackages: [busybox-static]\nfiles: ["./app:/app"]\nplatforms: [linux/amd64]\nlayers: 3\n',
    );
    await user.write('app', 'one');
    const tag = `${registry.host}/team/web:1.0`;
    const before = await push(['-t', tag]);
    const from = registry.log.length;
    await user.write('app', 'two');
    const after = await push(['-t', tag]);
    const known = new Set(before.platforms[0]?.layers.map(({ digest }) => digest));
    const layers = after.platforms[0]?.layers.map(({ digest }) => digest) ?? [];
    const changed = layers.filter((digest) => !known.has(digest));
    assert.equal(changed.length, 1);
    assert.deepEqual(
      sent(after).map(({ copiedLayers }) => copiedLayers),
      [1],
    );
    const others = [after.platforms[0]?.config, ...after.papers.map(({ digest }) => digest)];
    assert.deepEqual(
      uploads(from)
        .map((hex) => `sha256:${hex}`)
        .sort(),
      [...changed, ...others].sort(),
    );
    assert.equal((await manifestOf('team/web:1.0')).digest, after.digest);
  });

  test('killed in the middle, the tag is where it was; the next push brings it there', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const tag = `${registry.host}/team/web:1.0`;
    const before = await push(['-t', tag]);
    // Nothing makes this smaller: the upload takes a while.
    await user.write('app', randomBytes(96_000_000));
    await user.succeed(['build', '-t', tag, '--compression', 'none']);
    const from = registry.log.length;
    const started = user.start(['build', '-t', tag, '--compression', 'none', '--push']);
    while (!registry.log.slice(from).some((line) => line.includes('"POST ')) && started.child.exitCode === null)
      await sleep(2);
    started.child.kill('SIGKILL');
    assert.equal((await started.ended).signal, 'SIGKILL');
    assert.equal((await manifestOf('team/web:1.0')).digest, before.digest);
    const after = await push(['-t', tag, '--compression', 'none']);
    assert.notEqual(after.digest, before.digest);
    assert.equal((await manifestOf('team/web:1.0')).digest, after.digest);
  });

  test('it is the last that happens: what fails before it keeps the registry as it is', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    await user.write('no-layout/file', 'in the way');
    const target = ['-t', `${registry.host}/team/web:1.0`, '--push', '-o', 'oci:no-layout'];
    await user.refused({ code: 'OUTPUT_INVALID', status: 2 }, ['build', ...target]);
    const metadata = ['-t', `${registry.host}/team/web:1.0`, '--push', '--metadata-file', 'no-layout'];
    await user.refused({ code: 'OUTPUT_INVALID', status: 2 }, ['build', ...metadata]);
    assert.equal((await manifestOf('team/web:1.0')).digest, 'status 404');
  });

  test('the metadata file is there when the push has succeeded, and an earlier one is not when it has failed', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const metadata = ['--metadata-file', 'metadata.json'];
    const tag = `${registry.host}/team/web:1.0`;
    const { digest } = await push(['-t', tag, ...metadata]);
    const file = join(user.folder, 'metadata.json');
    assert.equal(JSON.parse(await readFile(file, 'utf8'))['containerimage.digest'], digest);
    await user.refused({ code: 'NETWORK', status: 3 }, [
      'build',
      '-t',
      '127.0.0.1:9/team/web:1.0',
      '--push',
      ...metadata,
    ]);
    await assert.rejects(readFile(file), { code: 'ENOENT' });
  });

  test('a registry that can’t be reached ends the build before anything is written elsewhere', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const argv = ['build', '-o', 'oci:out', '-o', 'docker://127.0.0.1:9/team/web:1.0'];
    await user.refused({ code: 'NETWORK', status: 3 }, argv);
    await assert.rejects(readdir(join(user.folder, 'out')), { code: 'ENOENT' });
    const { code } = await user.refused({ code: 'CONFIG_INVALID', status: 2 }, ['build', '--ca-file', 'none.pem']);
    assert.equal(code, 'CONFIG_INVALID');
  });

  test('-o docker:// pushes without a name; --push without one, and --offline, are refused', async () => {
    await user.write('slimimage.yaml', files());
    await user.write('app', 'app');
    const built = await user.succeed(['build', '-o', `docker://${registry.host}/team/out:2`]);
    assert.match(built.stderr, /\npushed docker:\/\/\S+\/team\/out:2 \(.*\): 1 layer and \d+ documents sent \(.*\)/);
    assert.match((await manifestOf('team/out:2')).digest, /^sha256:/);
    await user.refused({ code: 'USAGE', status: 2 }, ['build', '--push']);
    const hint = (await user.refused({ code: 'USAGE', status: 2 }, ['build', '--push', '-t', 'web:1'])).hint;
    assert.match(hint ?? '', /-t registry\.example\/team\/web:1 --push/);
    const offline = ['build', '--push', '--offline', '-t', `${registry.host}/team/web`];
    await user.refused({ code: 'USAGE', status: 2 }, offline);
  });
});
