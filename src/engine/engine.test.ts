import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import type { SlimimageEvent } from '../events.ts';
import { runCommand } from './command.ts';
import { findEngines, findProgram } from './find.ts';
import { loadImage } from './load.ts';
import { runArguments, runImage } from './run.ts';
import { runInSandbox } from './sandbox.ts';
import type { Engine } from './types.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-engine-'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('a command', () => {
  const env = { PATH: '/usr/bin:/bin' };

  test('gives status and both outputs', async () => {
    const answer = await shell('echo out; echo err >&2; exit 3');
    assert.deepEqual(answer, { status: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('sees the given environment and nothing else', async () => {
    const answer = await runCommand('/usr/bin/env', [], { env: { ONLY: 'this' } });
    assert.equal(answer.stdout, 'ONLY=this\n');
  });

  test('gets its input, and may end before it read all of it', async () => {
    const input = async function* () {
      for (let i = 0; i < 64; i++) yield new Uint8Array(65536).fill(97);
    };
    const counted = await runCommand('/usr/bin/wc', ['-c'], { env, input: input() });
    assert.equal(counted.stdout.trim(), String(64 * 65536));
    assert.equal((await runCommand('/bin/true', [], { env, input: input() })).status, 0);
  });

  test('keeps a bounded part of an endless output', async () => {
    const answer = await shell('yes | head -c 3000000');
    assert.equal(answer.stdout.length, 1024 * 1024);
  });

  test('ends with 128 and the number where a signal ended it', async () => {
    assert.equal((await shell('kill -9 $$')).status, 137);
  });

  test('that is not there is an ENGINE error', async () => {
    await assert.rejects(
      runCommand('/nowhere/docker', [], { env }),
      (error) => isSlimimageError(error, 'ENGINE') && error.message.includes('/nowhere/docker'),
    );
  });

  test('stops when it takes too long, and when the caller says so', async () => {
    await assert.rejects(runCommand('/bin/sleep', ['60'], { env, timeout: 50 }), (error) =>
      isSlimimageError(error, 'ENGINE'),
    );
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(runCommand('/bin/sleep', ['60'], { env, signal: controller.signal }), (error) =>
      isSlimimageError(error, 'ABORTED'),
    );
    await assert.rejects(runCommand('/bin/true', [], { env, signal: controller.signal }), (error) =>
      isSlimimageError(error, 'ABORTED'),
    );
  });

  function shell(script: string) {
    return runCommand('/bin/sh', ['-c', script], { env });
  }
});

describe('engines', () => {
  test('that answer are found, the others are missing with a reason', async () => {
    await program('docker', 'echo "Cannot connect to the daemon" >&2; exit 1');
    await program('podman', 'echo 4.3.1');
    const { engines, missing } = await findEngines({ PATH: folder });
    assert.deepEqual(
      engines.map(({ name, version, command }) => [name, version, command]),
      [['podman', '4.3.1', join(folder, 'podman')]],
    );
    assert.deepEqual(missing, [{ name: 'docker', reason: 'Cannot connect to the daemon' }]);
  });

  test('load a file and say its references', async () => {
    const engine = await fakeEngine('echo "Loaded image: web:dev"; echo "Loaded image ID: sha256:aa"; echo "$@" >&2');
    const events: SlimimageEvent[] = [];
    assert.deepEqual(await loadImage(engine, '/x.tar', { onEvent: (event) => events.push(event) }), [
      'web:dev',
      'sha256:aa',
    ]);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['task', 'done'],
    );
    const older = await fakeEngine('echo "Loaded image(s): localhost/a:1,localhost/b:2"');
    assert.deepEqual(await loadImage(older, '/x.tar'), ['localhost/a:1', 'localhost/b:2']);
  });

  test('that refuse a file are quoted', async () => {
    const engine = await fakeEngine('echo "first" >&2; echo "no space left on device" >&2; exit 1');
    await assert.rejects(
      loadImage(engine, '/x.tar'),
      (error) => isSlimimageError(error, 'ENGINE') && /no space left on device/.test(error.message),
    );
  });

  test("hand on a program's own status, and turn their own into an error", async () => {
    assert.equal((await runImage(await fakeEngine('exit 1'), 'web')).status, 1);
    assert.equal((await runImage(await fakeEngine('echo "sh: x: not found" >&2; exit 127'), 'web')).status, 127);
    const refused = await fakeEngine('echo "OCI runtime create failed: no such file" >&2; exit 127');
    await assert.rejects(runImage(refused, 'web'), (error) => isSlimimageError(error, 'ENGINE'));
  });

  test('run an image as told', () => {
    const args = runArguments('web:dev', {
      locked: true,
      user: '65532',
      tmpfs: ['/run'],
      volumes: [{ source: '/srv', target: '/data', readOnly: true }],
      env: { A: 'b c' },
      entrypoint: '/bin/x',
      args: ['--flag'],
    });
    assert.deepEqual(args, [
      'run',
      '--rm',
      '--pull=never',
      '--network=none',
      '--read-only',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      '--user=65532',
      '--entrypoint=/bin/x',
      '--env=A=b c',
      '--tmpfs=/run:rw,mode=1777',
      '--volume=/srv:/data:ro',
      'web:dev',
      '--flag',
    ]);
  });
});

describe('a sandbox', () => {
  test('is not to be had without unshare', { skip: process.platform !== 'linux' ? 'Linux only' : false }, async () => {
    const there = await findProgram('unshare', { PATH: '/nowhere' });
    if (there !== undefined) return assert.match(there, /^\/(?:usr\/)?(?:local\/)?sbin\//);
    await assert.rejects(
      runInSandbox('/', ['/bin/true'], { env: { PATH: '/nowhere' } }),
      (error) => isSlimimageError(error, 'ENGINE') && /util-linux/.test(error.hint ?? ''),
    );
  });

  test('that the host forbids is an ENGINE error with a way out', async () => {
    await program('unshare', 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1');
    await program('setpriv', 'shift; exec "$@"');
    await assert.rejects(
      runInSandbox('/', ['/bin/true'], { env: { PATH: `${folder}:/usr/bin:/bin` } }),
      (error) => isSlimimageError(error, 'ENGINE') && /Operation not permitted/.test(error.message),
    );
  });
});

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

async function fakeEngine(script: string): Promise<Engine> {
  return { name: 'docker', version: '1', command: await program('docker', script), env: { PATH: '/usr/bin:/bin' } };
}
