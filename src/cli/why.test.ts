import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageSpec, WhyAnswer, WhyPlace, WhyReason } from '../index.ts';
import { runCaptured } from './testing.ts';

function needs(from: string, dependency: string): WhyReason {
  return { type: 'depends', from, dependency };
}

const libc: WhyAnswer = {
  thing: 'libc',
  place: { type: 'image', name: 'store:web:latest', platform: 'linux/amd64' },
  found: true,
  packages: [
    {
      name: 'libc',
      version: '2.41',
      provides: undefined,
      chain: [
        { name: 'web', version: '1.0', reason: { type: 'request', text: 'web=1.0' } },
        { name: 'libc', version: '2.41', reason: needs('web', 'libc (>= 2)') },
      ],
      requestedBy: [needs('ssl', 'libc'), needs('web', 'libc (>= 2)'), needs('zlib', 'libc')],
    },
  ],
  path: undefined,
  nearest: [],
  notes: [],
};

async function ask(argv: readonly string[], answer: WhyAnswer = libc) {
  const asked: { thing: string; place: WhyPlace; platform: string | undefined }[] = [];
  const explainPresence = async (thing: string, place: WhyPlace, options: { platform?: string | undefined } = {}) => {
    asked.push({ thing, place, platform: options.platform });
    return answer;
  };
  const { status, stdout, stderr } = await runCaptured(['why', ...argv], { api: { explainPresence } });
  return { status, stdout, stderr, asked: asked[0] };
}

test('the shortest way, and how many others there are', async () => {
  const { status, stdout } = await ask(['libc', 'store:web']);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `libc 2.41
  web is requested: web=1.0
  web 1.0 depends on libc (>= 2)
  and 2 other ways (--all shows them)
`,
  );
});

test('--all shows everything that asks for it', async () => {
  const { stdout } = await ask(['libc', 'store:web', '--all']);
  assert.match(
    stdout,
    /\nall that ask for it:\n {2}ssl depends on libc\n {2}web depends on libc \(>= 2\)\n {2}zlib depends on libc\n$/,
  );
});

test('what is not there is status 1', async () => {
  const absent = { ...libc, found: false, packages: [], nearest: ['libc6', 'libc6-dev'] };
  const { status, stdout } = await ask(['libc', 'store:web'], absent);
  assert.deepEqual([status, stdout], [1, 'libc is not in store:web:latest\nDid you mean libc6 or libc6-dev?\n']);
});

test('names out of an image can’t write on the terminal', async () => {
  const path = { path: '/a\u001b[2J\nb', links: [], type: 'file', origin: { type: 'missing' } } as const;
  const { stdout } = await ask(['/a', 'store:web'], { ...libc, packages: [], path });
  assert.equal(stdout, '/a\ufffd[2J\ufffdb is a file: not in the image\n');
});

test('the second word is an image, a lock, or a configuration', async () => {
  const image = await ask(['libc', 'oci:dir', '--platform', 'linux/arm64']);
  assert.deepEqual(image.asked, { thing: 'libc', place: { type: 'image', image: 'oci:dir' }, platform: 'linux/arm64' });
  const lock = await ask(['libc', 'web.lock.json']);
  assert.deepEqual(lock.asked?.place, { type: 'lock', file: 'web.lock.json' });
  const flags = await ask(['/bin/sh', '--from', 'debian/trixie', '-p', 'web']);
  const place = flags.asked?.place as Extract<WhyPlace, { type: 'configuration' }>;
  assert.deepEqual((place.input as ImageSpec).packages, ['web']);
  const missing = await ask(['libc', 'nowhere.yaml']);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /nowhere\.yaml does not exist/);
});

test('of a place that is none, the three kinds are named', async () => {
  const { status, stderr } = await ask(['libc', 'web']);
  assert.equal(status, 2);
  assert.match(stderr, /^error: web does not exist\nhint: Name a configuration, a lock .* or an image \(store:web/);
});

test('no name at all is a slip of the command', async () => {
  const { status, stderr } = await runCaptured(['why', '', 'store:web']);
  assert.equal(status, 2);
  assert.match(stderr, /"" is the name of nothing\nhint: Name a package, or a path/);
});
