import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlimimageError } from '../errors.ts';
import { encodeUtf8 } from '../util/text.ts';
import { flagsToSpec, type LoadOptions, loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';
import type { ImageSpec } from './spec.ts';

test('of pins, what lies on top decides first', async () => {
  const files = {
    '/src/app/slimimage.yaml': 'extends: base.yaml\npins: [a=2, b=1]',
    '/src/app/base.yaml': 'from: debian/trixie\npins: [a=1, b=1]',
  };
  const { pins } = await load(files, { flags: { pin: ['a=3,c/sid'] } });
  assert.deepEqual(
    pins.map(({ text }) => text),
    ['a=3', 'c/sid', 'a=2', 'b=1', 'a=1'],
  );
});

test('a file lies on the files that it extends, each with its own folder', async () => {
  const spec = await load({
    '/src/app/slimimage.yaml': `extends: [../common/base.yaml, ./more.yml]
packages: [nginx]
files: [./site:/srv]
env: { LANG: C.UTF-8, MODE: prod }
accounts: { users: [{ name: app, uid: 2000 }] }
`,
    '/src/common/base.yaml': `from: debian/trixie
packages: [ca-certificates, tzdata]
files: [./motd:/etc/motd]
env: { MODE: dev, TZ: UTC }
entrypoint: [/bin/base]
cmd: [--base]
platforms: [linux/amd64, linux/arm64]
accounts: { users: [{ name: app, uid: 1000 }, other] }
`,
    '/src/app/more.yml': 'packages: [tzdata, curl]\nplatforms: [arm64]\n',
  });
  assert.equal(spec.from, 'debian/trixie');
  assert.deepEqual(spec.packages, ['ca-certificates', 'tzdata', 'curl', 'nginx']);
  assert.deepEqual(
    spec.files.map(({ source }) => source),
    ['/src/common/motd', '/src/app/site'],
  );
  assert.deepEqual(spec.config.env, { MODE: 'prod', TZ: 'UTC', LANG: 'C.UTF-8' });
  assert.deepEqual(spec.platforms, ['linux/arm64']);
  assert.deepEqual(
    spec.accounts.users.map(({ name, uid }) => [name, uid]),
    [
      ['other', undefined],
      ['app', 2000],
    ],
  );
  assert.deepEqual([spec.config.entrypoint, spec.config.cmd], [['/bin/base'], ['--base']]);
  assert.deepEqual([spec.file, spec.directory, spec.name], ['/src/app/slimimage.yaml', '/src/app', 'app']);
});

test('files lie on the paths of what is extended; in one file, paths lie on files', async () => {
  const spec = await load({
    '/src/app/slimimage.yaml': 'extends: base.yaml\nfiles: [./own:/etc/app]\npaths: [/data/]',
    '/src/app/base.yaml': `from: debian/trixie
files: [./first:/opt, ./first:/opt]
paths:
  - { path: /etc/app/settings, content: theirs }
  - { path: /etc/app, mode: 0750 }
  - { path: /etc/app/same, hardlink: /etc/app/settings }
`,
  });
  assert.deepEqual(
    spec.paths.map(({ path, afterFiles }) => [path, afterFiles]),
    [
      ['/etc/app/settings', 1],
      ['/etc/app', undefined],
      ['/etc/app/same', undefined],
      ['/data', undefined],
    ],
  );
});

test('a new entrypoint drops the old cmd', async () => {
  const spec = await load({
    '/src/app/slimimage.yaml': 'extends: base.yaml\nentrypoint: [/bin/new]',
    '/src/app/base.yaml': 'files: [./a:/a]\nentrypoint: [/bin/old]\ncmd: [--old]',
  });
  assert.deepEqual([spec.config.entrypoint, spec.config.cmd], [['/bin/new'], undefined]);
});

test('flags lie on top of the file, relative to where they are typed', async () => {
  const files = {
    '/src/app/slimimage.yaml': 'from: debian/trixie\npackages: [nginx]\nuser: root\nenv: { A: file, B: file }',
  };
  const flags = {
    package: ['curl,tzdata'],
    user: '1000',
    env: ['A=flag'],
    file: ['./x:/x'],
    entrypoint: "/bin/sh -c 'a b'",
  };
  const spec = await load(files, { flags });
  assert.deepEqual(spec.packages, ['nginx', 'curl', 'tzdata']);
  assert.equal(spec.config.user, '1000');
  assert.deepEqual(spec.config.env, { A: 'flag', B: 'file' });
  assert.equal(spec.files[0]?.source, '/src/x');
  assert.deepEqual(spec.config.entrypoint, ['/bin/sh', '-c', 'a b']);
});

test('flags alone', () => {
  const flags = {
    from: 'debian/trixie',
    package: ['nginx'],
    entrypoint: '["/usr/sbin/nginx", "-g", "daemon off;"]',
    recommends: true,
  };
  const spec = flagsToSpec(flags, { cwd: '/src/web', platform: 'linux/arm64' });
  assert.deepEqual([spec.name, spec.file, spec.platforms, spec.recommends], ['web', undefined, ['linux/arm64'], true]);
  assert.deepEqual(spec.config.entrypoint, ['/usr/sbin/nginx', '-g', 'daemon off;']);
});

test('mistakes in flags name the flags, all at once', () => {
  const flags = { from: 'debian/trixie', port: ['80:80'], env: ['X'], platform: ['amd46'], stopSignal: 'x' };
  assert.throws(() => flagsToSpec(flags, { cwd: '/src' }), /^SlimimageError: --env: expected NAME=VALUE, not "X"$/);
  const { env: _, ...rest } = flags;
  assert.throws(
    () => flagsToSpec(rest, { cwd: '/src' }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(
        error.problems.map(({ file, hint }) => [file, hint]),
        [
          ['--platform', 'did you mean "amd64"?'],
          ['--port', 'ports are those inside the container, one an entry: no ranges, no host port'],
        ],
      );
      return true;
    },
  );
});

test('files that extend each other', async () => {
  const files = { '/src/app/slimimage.yaml': 'extends: b.yaml', '/src/app/b.yaml': '# b\nextends: [slimimage.yaml]' };
  await assert.rejects(load(files), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(
      error.message,
      /^app\/b\.yaml:2:11: extends\[0\]: the files extend each other: app\/slimimage\.yaml -> app\/b\.yaml -> app\/slimimage\.yaml/,
    );
    return true;
  });
});

test('a diamond is no cycle', async () => {
  const spec = await load({
    '/src/app/slimimage.yaml': 'extends: [b.yaml, c.yaml]',
    '/src/app/b.yaml': 'extends: d.yaml',
    '/src/app/c.yaml': 'extends: d.yaml',
    '/src/app/d.yaml': 'from: debian/trixie\npackages: [curl]',
  });
  assert.deepEqual(spec.packages, ['curl']);
});

test('a file that is missing is named where it was asked for', async () => {
  await assert.rejects(
    load({}),
    (error) =>
      error instanceof SlimimageError &&
      error.code === 'CONFIG_NOT_FOUND' &&
      /^app\/slimimage\.yaml does not exist$/.test(error.message),
  );
  await assert.rejects(load({ '/src/app/slimimage.yaml': 'extends: nope.yaml' }), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, 'CONFIG_NOT_FOUND');
    assert.match(error.message, /^app\/slimimage\.yaml:1:10: extends: app\/nope\.yaml does not exist/);
    return true;
  });
});

test('mistakes are shown in the file that has them', async () => {
  const files = { '/src/app/slimimage.yaml': 'extends: b.yaml', '/src/app/b.yaml': 'from: debian/trixie\n\nbase: x' };
  await assert.rejects(load(files), /app\/b\.yaml:3:7: base: expected debian or none, not "x"/);
});

test('what is no text, and what is too large', async () => {
  const options = { cwd: '/src', readFile: async () => Uint8Array.of(0x66, 0xff) };
  await assert.rejects(loadConfig('a.yaml', options), /a\.yaml is not UTF-8 text/);
  const large = { cwd: '/src', readFile: async (_: string, maxBytes: number) => new Uint8Array(maxBytes + 1) };
  await assert.rejects(loadConfig('a.yaml', large), /a\.yaml is larger than 1048576 bytes/);
});

function load(files: Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}): Promise<ImageSpec> {
  const readFile = async (path: string) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('missing'), { code: 'ENOENT' });
    return encodeUtf8(text);
  };
  return loadConfig('app/slimimage.yaml', { cwd: '/src', readFile, platform: 'linux/amd64', ...options });
}
