import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/slimimage.js', import.meta.url));

test('the program starts, answers and ends with the status of the answer', async () => {
  const { stdout, code } = await end(start(['--version']));
  assert.deepEqual([/^\d+\.\d+\.\d+\n$/.test(stdout), code], [true, 0]);
  assert.equal((await end(start(['nonsense']))).code, 2);
});

test('a reader that goes away is no mistake', async () => {
  const child = start(['schema']);
  child.stdout.destroy();
  const { code, stderr } = await end(child);
  assert.deepEqual([code, stderr], [0, '']);
});

test('a disk that is full is told', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async () => {
  const full = await open('/dev/full', 'w');
  const child = spawn(process.execPath, [program, 'schema'], { stdio: ['ignore', full.fd, 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  await full.close();
  assert.equal(code, 3);
  assert.match(stderr, /^error: the answer cannot be written to standard output: ENOSPC[^\n]*\n$/);
});

test('Ctrl-C stops a build that waits for a server, within a second', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-main-'));
  // It takes the request and never answers.
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const mirrors = ['debian', 'debian-security'].flatMap((name) => ['--mirror', `${name}=http://127.0.0.1:${port}`]);
    const child = start(['build', '--from', 'debian/trixie', '-p', 'hello', '--store', folder, ...mirrors], folder);
    await once(server, 'request');
    const stopped = performance.now();
    child.kill('SIGINT');
    const { signal, stdout } = await end(child);
    assert.deepEqual([signal, stdout], ['SIGINT', '']);
    assert.ok(performance.now() - stopped < 1500, `took ${performance.now() - stopped} ms`);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

function start(argv: readonly string[], cwd?: string) {
  // No proxy of this machine between the program and the server.
  return spawn(process.execPath, [program, ...argv], {
    cwd,
    env: { HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function end(child: ReturnType<typeof start>) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code, signal] = await once(child, 'close');
  return { stdout, stderr, code, signal };
}
