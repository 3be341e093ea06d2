import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findEngines } from '../../src/engine/find.ts';
import { loadImage } from '../../src/engine/load.ts';
import { runImage } from '../../src/engine/run.ts';
import { runInSandbox } from '../../src/engine/sandbox.ts';
import { isSlimimageError } from '../../src/errors.ts';
import { findCommand } from '../../tools/system-packages.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';
import { lacking } from '../support/need.ts';

const lackingBusybox = lacking({ commands: ['busybox', 'tar'] });

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-e2e-'));
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'root/bin'), { recursive: true });
  await mkdir(join(folder, 'root/proc'));
  await copyFile(findCommand('busybox') ?? '/bin/busybox', join(folder, 'root/bin/busybox'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('the real Docker engine', { skip: lackingDocker || lackingBusybox }, () => {
  let engine: TestEngine;

  before(async () => {
    engine = await startEngine();
    const tar = join(folder, 'root.tar');
    assert.equal(spawnSync('tar', ['-C', join(folder, 'root'), '-cf', tar, '.']).status, 0);
    const imported = await engine.docker(['import', tar, 'busybox:test']);
    assert.equal(imported.status, 0, imported.stderr);
  });
  after(() => engine?.stop());

  test('runs read-only, as nonroot, without capabilities and network', async () => {
    const answer = await engine.dockerRun({
      image: 'busybox:test',
      args: [
        '/bin/busybox',
        'sh',
        '-c',
        'id -u; touch /x; touch /run/x && echo written; grep CapEff /proc/self/status',
      ],
      user: '65532',
      readOnly: true,
      capDrop: true,
      tmpfs: ['/run:mode=1777'],
    });
    assert.match(answer.stdout, /^65532\n/);
    assert.match(answer.stderr, /Read-only file system/);
    assert.match(answer.stdout, /written\nCapEff:\s*0{16}/);
  });

  test('is found, saves, loads and runs through the adapters', async () => {
    const file = join(folder, 'saved.tar');
    assert.equal((await engine.docker(['save', '--output', file, 'busybox:test'])).status, 0);
    assert.equal((await engine.docker(['rmi', 'busybox:test'])).status, 0);
    const { engines } = await findEngines(engine.env);
    const docker = engines.find(({ name }) => name === 'docker');
    assert.ok(docker !== undefined);
    assert.deepEqual(await loadImage(docker, file), ['busybox:test']);
    const answer = await runImage(docker, 'busybox:test', {
      args: ['/bin/busybox', 'id', '-u'],
      user: '7',
      locked: true,
    });
    assert.deepEqual([answer.status, answer.stdout], [0, '7\n']);
    const missing = runImage(docker, 'busybox:test', { args: ['/bin/none'] });
    await assert.rejects(missing, (error) => isSlimimageError(error, 'ENGINE'));
  });

  test('refuses a broken file, and its words reach the user', async () => {
    const { engines } = await findEngines(engine.env);
    const docker = engines.find(({ name }) => name === 'docker');
    assert.ok(docker !== undefined);
    await assert.rejects(loadImage(docker, join(folder, 'root/bin/busybox')), (error) =>
      isSlimimageError(error, 'ENGINE'),
    );
  });
});

describe('the sandbox', { skip: lackingBusybox || lacking({ commands: ['unshare'] }) || lackingNamespaces() }, () => {
  const env = process.env;

  test('runs a program of the folder as nonroot, alone', async () => {
    const script = 'id -u; id -g; ls /; ls /proc | grep -c "^[0-9]*$"; ip link | grep -c UP; echo $HOME$SECRET';
    const root = join(folder, 'root');
    const argv = ['/bin/busybox', 'sh', '-c', script];
    const answer = await runInSandbox(root, argv, { env: { ...env, SECRET: 'x' }, proc: true });
    assert.deepEqual(answer.stdout.split('\n').slice(0, 2), ['65532', '65532'], answer.stderr);
    assert.match(answer.stdout, /\nbin\nproc\n\d\n0\n\/\n$/);
  });

  test("hands on the program's status, and refuses one that is not there", async () => {
    const root = join(folder, 'root');
    assert.equal((await runInSandbox(root, ['/bin/busybox', 'sh', '-c', 'exit 9'], { env })).status, 9);
    await assert.rejects(
      runInSandbox(root, ['/bin/none'], { env }),
      (error) => isSlimimageError(error, 'ENGINE') && error.message.includes('/bin/none'),
    );
  });

  test('ends at once when the caller says so', async () => {
    const controller = new AbortController();
    const started = performance.now();
    setTimeout(() => controller.abort(), 100);
    const argv = ['/bin/busybox', 'sleep', '60'];
    await assert.rejects(runInSandbox(join(folder, 'root'), argv, { env, signal: controller.signal }), (error) =>
      isSlimimageError(error, 'ABORTED'),
    );
    assert.ok(performance.now() - started < 10_000);
  });
});

function lackingNamespaces(): string | false {
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const trial = spawnSync('unshare', [...user, '--mount', '--pid', '--fork', 'true']);
  return trial.status === 0 ? false : 'this host does not allow namespaces';
}
