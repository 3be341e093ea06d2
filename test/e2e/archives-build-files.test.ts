/** Images of files alone: no archive, no network, and nothing of this machine but the bytes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { findCommand } from '../../tools/system-packages.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { status } from '../support/http-behaviours.ts';
import { startHttpServer } from '../support/http-server.ts';
import { lacking } from '../support/need.ts';

let user: TestUser;

beforeEach(async () => {
  user = await startUser();
});

afterEach(() => user[Symbol.asyncDispose]());

async function built(config: string): Promise<Readonly<Record<string, string>>> {
  await user.write('slimimage.yaml', `${config}\nplatforms: [linux/amd64]\n`);
  await user.succeed(['build', '--quiet', '-o', 'tar:root.tar']);
  return user.files('root.tar');
}

test('FROM scratch: one static binary, and nobody is asked for anything', {
  skip: lacking({ commands: ['busybox'], root: true }),
}, async () => {
  await using server = await startHttpServer();
  server.otherwise(status(500));
  const busybox = await readFile(findCommand('busybox') ?? '');
  await user.write('busybox', busybox, 0o755);
  // Whatever could be asked is this server.
  const env = Object.fromEntries(
    ['http_proxy', 'https_proxy', 'SLIMIMAGE_MIRROR_DEBIAN', 'SLIMIMAGE_MIRROR_UBUNTU'].map((name) => [
      name,
      server.origin,
    ]),
  );
  const argv = [
    'build',
    '--file',
    './busybox:/bin/busybox',
    '--entrypoint',
    '/bin/busybox',
    '--platform',
    'linux/amd64',
  ];
  const { stderr } = await user.succeed([...argv, '-o', 'dir:rootfs', '-o', 'tar:root.tar'], { env });
  assert.match(stderr, /1 file of your own/);
  assert.deepEqual(server.requests, []);
  assert.deepEqual(Object.keys(await user.files('root.tar')), ['bin/busybox']);
  const ran = spawnSync('chroot', [join(user.folder, 'rootfs'), '/bin/busybox', 'echo', 'hello'], { encoding: 'utf8' });
  // A dynamically linked busybox does not start in a root of its own; the image is right all the same.
  if (!busybox.includes('/ld-linux')) assert.equal(ran.stdout, 'hello\n');
  assert.deepEqual(await readFile(join(user.folder, 'rootfs/bin/busybox')), busybox);
});

describe('files:', () => {
  test('modes, links, folders and names as the contract says', async () => {
    await user.write('app/run', '#!/bin/sh', 0o700);
    await user.write('app/data/secret', 'data', 0o600);
    await user.write('app/setuid', 'no', 0o644);
    await chmod(join(user.folder, 'app/setuid'), 0o4755);
    await mkdir(join(user.folder, 'app/empty'), { mode: 0o700 });
    await symlink('data/secret', join(user.folder, 'app/link'));
    await symlink('/etc/passwd', join(user.folder, 'app/outside'));
    await user.write('one.txt', 'one');
    const files = await built('files: [./app:/srv/app, ./one.txt:/srv/, { source: ./one.txt, path: /srv/two.txt }]');
    assert.deepEqual(files, {
      'srv/app/data/secret': '0644 0:0 data',
      'srv/app/link': '-> data/secret',
      'srv/app/outside': '-> /etc/passwd',
      'srv/app/run': '0755 0:0 #!/bin/sh',
      'srv/app/setuid': '0755 0:0 no',
      'srv/one.txt': '0644 0:0 one',
      'srv/two.txt': '0644 0:0 one',
    });
  });

  test('owner: and mode:', async () => {
    await user.write('app/run', 'run', 0o755);
    await user.write('key', 'key');
    const files = await built(`files:
  - { source: ./app, path: /app, owner: '1000:2000' }
  - { source: ./key, path: /key, owner: web, mode: 0400 }
accounts: { users: [{ name: web, uid: 4000 }] }`);
    assert.equal(files['app/run'], '0755 1000:2000 run');
    assert.equal(files['key'], '0400 4000:4000 key');
  });

  test('.dockerignore and ignore:', async () => {
    await user.write('app/.dockerignore', '# comment\n*.log\nbuild\n!build/keep\n');
    await user.write('app/main.py', 'main');
    await user.write('app/debug.log', 'log');
    await user.write('app/build/object', 'object');
    await user.write('app/build/keep', 'keep');
    await user.write('app/tests/test.py', 'test');
    const files = await built("files: [{ source: ./app, path: /app, ignore: [tests, '.dockerignore'] }]");
    assert.deepEqual(Object.keys(files), ['app/build/keep', 'app/main.py']);
  });

  test('a missing source and a pipe are refused by name', async () => {
    await user.write('slimimage.yaml', 'files: [./missing:/x]\n');
    const missing = await user.refused({ code: 'SOURCE_INVALID', status: 2 }, ['build']);
    assert.match(missing.message, /missing does not exist/);
    spawnSync('mkfifo', [join(user.folder, 'pipe')]);
    const pipe = await user.refused({ code: 'SOURCE_INVALID', status: 2 }, [
      'build',
      '--no-config',
      '--file',
      './pipe:/x',
    ]);
    assert.match(pipe.message, /pipe is neither a file, a folder nor a symbolic link/);
  });
});

test('umask, file times and the modes of folders have no effect', async () => {
  const digests = [];
  for (const [umask, mode] of [
    ['022', 0o755],
    ['077', 0o700],
    ['000', 0o777],
  ] as const) {
    await user.write('app/deep/run', 'run', mode);
    await user.write('app/deep/data', 'data', mode & 0o666);
    for (const path of ['app', 'app/deep', 'app/deep/run']) await chmod(join(user.folder, path), mode);
    await chmod(join(user.folder, 'app/deep/data'), mode & 0o666);
    await utimes(join(user.folder, 'app/deep/data'), mode, mode);
    const under = ['sh', '-c', `umask ${umask} && exec "$0" "$@"`];
    const store = join(user.folder, `store-${umask}`);
    const argv = [
      'build',
      '--file',
      './app:/app',
      '--platform',
      'linux/amd64',
      '--store',
      store,
      '-o',
      `oci:layout-${umask}`,
    ];
    const { stdout } = await user.succeed(argv, { under });
    digests.push(stdout.split('@')[1]);
  }
  assert.equal(new Set(digests).size, 1, digests.join(''));
});
