import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import * as publicApi from '../index.ts';
import { makeProgram } from './program.ts';
import { digest, runCaptured } from './testing.ts';

const entry = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 1_700_000_000, layer: 1 };
const tree = [
  { ...entry, path: 'etc', type: 'directory', mode: 0o755 },
  { ...entry, path: 'etc/os-release', type: 'symlink', mode: 0o777, linkTarget: '../usr/lib/os-release' },
  { ...entry, path: 'etc/pa\u001b[2Jss\nwd', type: 'file', size: 120 },
  { ...entry, path: 'usr', type: 'directory', mode: 0o755 },
  { ...entry, path: 'usr/bin', type: 'directory', mode: 0o755 },
  { ...entry, path: 'usr/bin/su', type: 'file', mode: 0o4755, size: 7000, uid: 1, gid: 2 },
] as const;
const listing = { api: { listImage: async () => tree } };

test('every command explains itself with examples', async () => {
  const io = {
    stdout: { write: () => true },
    stderr: { write: () => true },
    env: {},
    cwd: '/',
    signal: AbortSignal.any([]),
  };
  const paths = (command: Command, path: readonly string[]): readonly (readonly string[])[] => [
    path,
    ...command.commands.flatMap((child) => paths(child, [...path, child.name()])),
  ];
  for (const path of paths(makeProgram(io, publicApi), [])) {
    const { status, stdout } = await runCaptured([...path, '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: slimimage/);
    assert.match(stdout, /\nExamples:\n {2}/, path.join(' '));
  }
});

test('a mistyped command or flag is guessed', async () => {
  const command = await runCaptured(['bild']);
  assert.deepEqual([command.status, command.stderr], [2, "error: unknown command 'bild'\n(Did you mean build?)\n"]);
  const flag = await runCaptured(['build', '--platfrom', 'x']);
  assert.deepEqual([flag.status, flag.stderr], [2, "error: unknown option '--platfrom'\n(Did you mean --platform?)\n"]);
  const pull = await runCaptured(['pull', 'nginx']);
  const ours = 'slimimage copy docker://HOST/NAME:TAG store:NAME';
  assert.deepEqual([pull.status, pull.stderr], [2, `error: unknown command 'pull'\n(Write ${ours})\n`]);
  const value = await runCaptured(['build', '--jobs', 'many']);
  assert.equal(value.status, 2);
  assert.match(value.stderr, /argument 'many' is invalid\. Expected a whole number from 1 on\./);
});

test('--version', async () => {
  assert.match((await runCaptured(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('ls draws a tree, hostile names made harmless', async () => {
  const { stdout } = await runCaptured(['ls', 'store:web'], listing);
  assert.equal(
    stdout,
    `/
├── etc/
│   ├── os-release -> ../usr/lib/os-release
│   └── pa\ufffd[2Jss\ufffdwd
└── usr/
    └── bin/
        └── su
`,
  );
  assert.equal((await runCaptured(['ls', 'store:web', '--depth', '1'], listing)).stdout, '/\n├── etc/\n└── usr/\n');
});

test('ls of a folder draws what is below it', async () => {
  const below = { api: { listImage: async () => tree.filter(({ path }) => path.startsWith('usr/')) } };
  assert.equal((await runCaptured(['ls', 'store:web', '/usr/'], below)).stdout, '/usr\n└── bin/\n    └── su\n');
  // A link to it leads to its own name, and levels count from there.
  const linked = await runCaptured(['ls', 'store:web', '/a/link/to/it', '--depth', '1'], below);
  assert.equal(linked.stdout, '/usr\n└── bin/\n');
  const empty = { api: { listImage: async () => [] } };
  assert.equal((await runCaptured(['ls', 'store:web', '/run'], empty)).stdout, '/run\n');
});

test('ls of a layer draws what it removes, in folders that it need not list', async () => {
  const listed = [
    { ...entry, path: 'etc/gone', type: 'whiteout' },
    { ...entry, path: 'etc/new', type: 'hardlink', linkTarget: 'etc/old', mtime: 1e14 },
    { ...entry, path: 'opt/.wh..wh..opq', type: 'opaque' },
  ] as const;
  const api = { listImage: async () => listed };
  assert.equal(
    (await runCaptured(['ls', 'store:web', '--layer', '2'], { api })).stdout,
    `/
├── etc/
│   ├── gone (removed)
│   └── new => /etc/old
└── opt/
    └── .wh..wh..opq (all that lower layers have in this folder: removed)
`,
  );
  const long = (await runCaptured(['ls', 'store:web', '--layer', '2', '--long'], { api })).stdout.split('\n');
  assert.equal(long[1], 'hrw-r--r--  0:0  0  100000000000000       /etc/new => /etc/old');
});

test('cat writes bytes, extract says what it took', async () => {
  const readImageFile = async (_: string, path: string, { write }: { write: (bytes: Uint8Array) => unknown }) => {
    write(new TextEncoder().encode(`content of ${path}`));
    return 1;
  };
  const cat = await runCaptured(['cat', 'store:web', '/etc/x'], { api: { readImageFile } });
  assert.deepEqual([cat.status, cat.stdout, cat.stderr], [0, 'content of /etc/x', '']);

  const asked: unknown[] = [];
  const extractImage = async (image: string, { target, paths }: { target: object; paths?: readonly string[] }) => {
    asked.push([image, target, paths]);
    return { image, output: '/here/out', paths: 3, bytes: 1500 };
  };
  const api = { extractImage: extractImage as never };
  const told = await runCaptured(['extract', 'store:web', '/etc', '/usr', '-o', 'out'], { api });
  assert.deepEqual([told.status, told.stdout, told.stderr], [0, '', '3 paths, 1.5 kB, in out\n']);
  await runCaptured(['extract', 'store:web', '-o', 'x.tar', '--tar'], { api });
  assert.deepEqual(asked, [
    ['store:web', { type: 'folder', folder: 'out' }, ['/etc', '/usr']],
    ['store:web', { type: 'tar', file: 'x.tar' }, undefined],
  ]);
  assert.equal((await runCaptured(['extract', 'store:web'], { api })).status, 2);
  const terminal = await runCaptured(['extract', 'store:web', '-o', '-'], { api, isTTY: true });
  assert.match(terminal.stderr, /a tar is not written to a terminal/);
});

test('ls --long shows the numbers of a device', async () => {
  const device = { path: 'null', type: 'character', mode: 0o666, uid: 0, gid: 0, size: 0, mtime: 0, layer: 1 } as const;
  const api = { listImage: async () => [{ ...device, deviceMajor: 1, deviceMinor: 3 }] };
  const { stdout } = await runCaptured(['ls', 'store:web', '--long'], { api });
  assert.equal(stdout, 'crw-rw-rw-  0:0  1,3  1970-01-01T00:00:00Z  /null\n');
});

test('ls --long and --format json', async () => {
  const long = (await runCaptured(['ls', 'store:web', '--long'], listing)).stdout.split('\n');
  assert.equal(long[0], 'drwxr-xr-x  0:0     0  2023-11-14T22:13:20Z  /etc');
  assert.equal(long[1], 'lrwxrwxrwx  0:0     0  2023-11-14T22:13:20Z  /etc/os-release -> ../usr/lib/os-release');
  assert.equal(long[5], '-rwsr-xr-x  1:2  7000  2023-11-14T22:13:20Z  /usr/bin/su');
  const json = await runCaptured(['ls', 'store:web', '--format', 'json'], listing);
  assert.deepEqual(JSON.parse(json.stdout), tree);
});

test('cache ls, prune and verify', async () => {
  const usage = { count: 2, bytes: 1500 };
  const tags = [{ name: 'web', tag: 'latest', descriptor: { mediaType: 'm', digest, size: 1 }, bytes: 5_000_000 }];
  const surveyStore = async () => ({
    root: '/s',
    tags,
    blobs: usage,
    contents: usage,
    memo: usage,
    partial: usage,
    bytes: 6000,
  });
  const ls = await runCaptured(['cache', 'ls'], { api: { surveyStore } });
  assert.match(
    ls.stdout,
    /^5\.0 MB {2}store:web:latest {2}sha256:abab[\s\S]*1\.5 kB {2}blobs {5}2\n[\s\S]*6\.0 kB in \/s\n$/,
  );

  const asked: unknown[] = [];
  const pruneStore = async (options: unknown) => {
    asked.push(options);
    return { removed: 1, removedBytes: 2000, removedTags: ['old:latest'], bytes: 4000 };
  };
  const prune = await runCaptured(['cache', 'prune', '--max-size', '1.5GB', '--keep', 'store:web'], {
    api: { pruneStore },
  });
  assert.equal(prune.stdout, 'removed store:old:latest\nremoved 1 item, 2.0 kB\n4.0 kB left\n');
  assert.partialDeepStrictEqual(asked, [{ maxBytes: 1.5e9, keepTags: ['web'] }]);

  const verify = (damaged: readonly (typeof digest)[]) =>
    runCaptured(['cache', 'verify'], {
      api: { verifyStore: async () => ({ blobs: 3, bytes: 9, damaged, brokenTags: [] }) },
    });
  assert.deepEqual([(await verify([])).status, (await verify([digest])).status], [0, 1]);
});

test('schema prints the JSON Schema', async () => {
  const { status, stdout } = await runCaptured(['schema']);
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).title, 'slimimage.yaml');
});
