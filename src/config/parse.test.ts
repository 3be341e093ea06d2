import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './parse.ts';
import { ConfigError, maskSecrets } from './problem.ts';
import type { ImageSpec } from './spec.ts';

test('the shortest useful file gets every default', () => {
  const spec = parse('from: debian/trixie\npackages: [python3]\n');
  assert.equal(spec.name, 'my-app');
  assert.deepEqual(spec.packages, ['python3']);
  assert.deepEqual(spec.platforms, ['linux/amd64']);
  assert.deepEqual([spec.base, spec.dependencies, spec.recommends], ['debian', 'runtime', false]);
  assert.equal(spec.config.user, 'nonroot');
  assert.deepEqual(spec.compression, { algorithm: 'gzip', level: 6 });
  assert.equal(spec.created, undefined);
});

test('files alone make an image from scratch', () => {
  assert.equal(parse('files: ["./app:/app"]').base, 'none');
});

test('digits after mode are octal however they are written', () => {
  const modes = ['0750', '750', "'0750'", '"750"', '0o750'].map((mode) => {
    const [file] = parse(`files: [{ source: ./a, path: /a, mode: ${mode} }]`).files;
    return file?.mode;
  });
  assert.deepEqual(modes, [0o750, 0o750, 0o750, 0o750, 0o750]);
  const [path] = parse('paths: [{ path: /tmp2, type: directory, mode: 01777 }]').paths;
  assert.deepEqual(path, { path: '/tmp2', type: 'directory', mode: 0o1777, owner: undefined });
});

test('numbers and booleans stay the text that was written where text is meant', () => {
  const spec = parse(
    'files: [./a:/a]\nenv: { PORT: 08080, VERSION: 1.10, DEBUG: true, BIG: 123456789012345678901 }\nuser: 1000',
  );
  assert.deepEqual(spec.config.env, { PORT: '08080', VERSION: '1.10', DEBUG: 'true', BIG: '123456789012345678901' });
  assert.equal(spec.config.user, '1000');
});

test('relative paths are those of the file', () => {
  const spec = parse(
    'packages: [./app.deb, ./debs/]\nfiles: [../up:/up, { source: rel, path: /in/ }]\ncertificates: [ca.pem]\non: oci:base:v1',
  );
  assert.deepEqual(spec.packages, ['/src/My App/app.deb', '/src/My App/debs']);
  assert.deepEqual(
    spec.files.map(({ source, path }) => `${source} ${path}`),
    ['/src/up /up', '/src/My App/rel /in/'],
  );
  assert.deepEqual(spec.certificates, ['/src/My App/ca.pem']);
  assert.equal(spec.on, 'oci:/src/My App/base:v1');
});

test('every form of pins', () => {
  const { pins } = parse(`from: debian/trixie
archives: [{ name: node, url: "https://node.example", suites: [nodistro], signed-by: ./key, priority: 600 }]
pins:
  - nginx=1.26*
  - src:nginx/trixie-backports
  - { packages: [nginx, "libnginx-*"], version: 1.20 }
  - { packages: "*", suite: 13, priority: never }
  - { packages: /^lib/, release: { label: Debian-Security, component: main }, priority: -5 }
  - { archive: node, priority: 700 }
`);
  assert.deepEqual(
    pins.map(({ packages, match, priority }) => [packages.join(' '), ...Object.values(match), priority].join(' | ')),
    [
      'nginx | version | 1.26* | 1001',
      'src:nginx | release | trixie-backports | 990',
      'nginx libnginx-* | version | 1.20 | 1001',
      ' | release | 13 | -32768',
      '/^lib/ | release | Debian-Security | main | -5',
      ' | release | node | 700',
      ' | release | node | 600',
    ],
  );
  assert.equal(pins[2]?.text, 'nginx libnginx-*: version 1.20, priority 1001');
});

test('every form of paths', () => {
  const spec = parse(`paths:
  - /data/
  - { path: /srv, type: directory, owner: "nonroot:nonroot" }
  - { path: /etc/app.conf, content: "a=1\\n", mode: 0640 }
  - { path: /usr/bin/py, link: python3 }
  - { path: /usr/bin/py3, hardlink: /usr/bin/python3 }
  - { path: /var/lib/app, owner: 1000, recursive: true }
`);
  assert.deepEqual(spec.paths, [
    { path: '/data', owner: undefined, type: 'directory', mode: undefined },
    { path: '/srv', owner: 'nonroot:nonroot', type: 'directory', mode: undefined },
    { path: '/etc/app.conf', owner: undefined, type: 'file', mode: 0o640, content: 'a=1\n' },
    { path: '/usr/bin/py', owner: undefined, type: 'symlink', target: 'python3' },
    { path: '/usr/bin/py3', owner: undefined, type: 'hardlink', target: '/usr/bin/python3' },
    { path: '/var/lib/app', owner: '1000', type: 'permissions', mode: undefined, recursive: true },
  ]);
});

test('globs for all packages and for one, as list and as map', () => {
  const all = { package: undefined, glob: 'usr/share/doc/**' };
  const one = { package: 'python3.13', glob: 'usr/lib/python3.13/test/**' };
  const list = 'files: [./a:/a]\nexclude: [/usr/share/doc/, { python3.13: usr/lib/python3.13/test/** }]';
  assert.deepEqual(parse(list).exclude, [all, one]);
  assert.deepEqual(parse('files: [./a:/a]\nexclude: { python3.13: [/usr/lib/python3.13/test/**] }').exclude, [one]);
});

test('archives', () => {
  const [signed, flat] = parse(`archives:
  - { url: "https://apt.example/deb/", suites: [stable], signed-by: ./key.asc }
  - { name: local, url: [http://a.example, http://b.example], suites: [./], signed-by: [debian], check-valid-until: false }
`).archives;
  assert.deepEqual(signed, {
    name: 'apt.example',
    urls: ['https://apt.example/deb'],
    suites: ['stable'],
    components: ['main'],
    signedBy: ['/src/My App/key.asc'],
    checkValidUntil: true,
    priority: undefined,
  });
  assert.deepEqual(
    [flat?.urls.length, flat?.components, flat?.signedBy, flat?.checkValidUntil],
    [2, [], ['debian'], false],
  );
});

test('runtime settings take the form of the image config', () => {
  const { config } = parse(`files: [./a:/a]
ports: [8080, 53/udp, 8080/tcp]
stop-signal: quit
workdir: /srv//app/
volumes: [/data/]
healthcheck: { test: [/usr/bin/check], interval: 1m30s, start-period: 500ms, retries: 2 }
`);
  assert.deepEqual(config.ports, ['8080/tcp', '53/udp']);
  assert.equal(config.stopSignal, 'SIGQUIT');
  assert.equal(config.workdir, '/srv/app');
  assert.deepEqual(config.volumes, ['/data']);
  assert.deepEqual(config.healthcheck, {
    test: ['CMD', '/usr/bin/check'],
    interval: 90e9,
    timeout: undefined,
    startPeriod: 500e6,
    retries: 2,
  });
  assert.deepEqual(parse('files: [./a:/a]\nhealthcheck: none').config.healthcheck?.test, ['NONE']);
});

test('layers in all their forms', () => {
  const layers = (text: string) => parse(`files: [./a:/a]\nlayers: ${text}`).layers;
  assert.deepEqual(parse('files: [./a:/a]').layers, { type: 'automatic' });
  for (const type of ['automatic', 'single', 'package', 'source']) assert.deepEqual(layers(type), { type });
  for (const text of ['8', '"8"', '{ budget: 8 }']) assert.deepEqual(layers(text), { type: 'budget', budget: 8 });
  for (const text of ['0', '128', '"128"', '{ budget: 128 }', '1.5'])
    assert.throws(() => layers(text), { code: 'CONFIG_INVALID', message: /from 1 to 127/ });
  assert.throws(() => layers('packages'), { code: 'CONFIG_INVALID', message: /did you mean "package"\?/ });
  assert.throws(() => layers('{ budgets: 8 }'), { code: 'CONFIG_INVALID', message: /"budgets"|budget/ });
});

test('compression, platforms and dates in their short forms', () => {
  const compression = (text: string) => parse(`files: [./a:/a]\ncompression: ${text}`).compression;
  assert.deepEqual(compression('zstd'), { algorithm: 'zstd', level: 3 });
  assert.deepEqual(compression('gzip-9'), { algorithm: 'gzip', level: 9 });
  assert.deepEqual(compression('{ algorithm: zstd, level: 19 }'), { algorithm: 'zstd', level: 19 });
  const platforms = parse('files: [./a:/a]\nplatforms: [arm64, linux/arm64/v8, armhf, linux/amd64]').platforms;
  assert.deepEqual(platforms, ['linux/arm64', 'linux/arm/v7', 'linux/amd64']);
  const created = (text: string) => parse(`files: [./a:/a]\ncreated: ${text}`).created;
  assert.equal(created('2026-01-31'), 1769817600);
  assert.equal(created('2026-01-31T01:00:00+01:00'), 1769817600);
  assert.equal(created('1769817600'), 1769817600);
  assert.equal(created('0'), 0);
});

test('an anchor is followed, and a mistake in it is shown where it is written', () => {
  const spec = parse('files: [./a:/a]\nenv: &e { A: x }\nlabels: *e');
  assert.deepEqual(spec.config.labels, { A: 'x' });
  const error = refusal('files: [./a:/a]\nports: &p [99999]\nvolumes: *p');
  assert.match(error.message, /volumes\[0\]/);
});

test('what only the whole can tell', () => {
  assert.match(refusal('packages: [nginx]').message, /:1:1: packages: "nginx" needs an archive/);
  assert.match(refusal('files: [./a:/a]\nbase: debian').message, /:2:7: base: base-files needs an archive/);
  assert.match(refusal('').message, /names nothing to put into an image/);
  assert.match(refusal('from: debian/trixy').message, /did you mean "debian\/trixie"/);
  assert.match(refusal('extends: other.yaml').message, /other files are not read here/);
});

test('suites are further ones of the distribution', () => {
  assert.deepEqual(parse('from: debian/trixie\nsuites: [trixie-backports, trixie-backports]').suites, [
    'trixie-backports',
  ]);
  assert.deepEqual(parse('from: debian/trixie').suites, []);
  assert.match(
    refusal('files: [./a:/a]\nsuites: [stable]').message,
    /:2:1: suites: [\s\S]*there is none[\s\S]*archives/,
  );
  assert.match(refusal('from: debian/trixie\nsuites: [./]').message, /expected a suite such as trixie-backports/);
});

test('components are those of the distribution', () => {
  assert.deepEqual(parse('from: debian/trixie\ncomponents: [main, contrib, main]').components, ['main', 'contrib']);
  assert.equal(parse('from: debian/trixie').components, undefined);
  assert.match(refusal('files: [./a:/a]\ncomponents: [main]').message, /:2:1: components: [\s\S]*there is none/);
  assert.match(refusal('from: debian/trixie\ncomponents: []').message, /at least one component/);
});

test('a mirror of an archive that is not there, and an archive by the name of a preset’s', () => {
  const mirror = 'https://m.example/debian';
  const own = 'archives: [{ name: own, url: https://a.example, suites: [stable], signed-by: ./key.asc }]';
  const mistyped = refusal(`from: debian/trixie\nmirrors: { debain: ${mirror} }`).message;
  assert.match(mistyped, /:2:12: mirrors\.debain: there is no archive "debain"[\s\S]*did you mean "debian"\?/);
  assert.deepEqual(parse(`${own}\nmirrors: { own: ${mirror}, ubuntu: ${mirror} }`).mirrors, {
    own: [mirror],
    ubuntu: [mirror],
  });
  const twice = own.replace('name: own', 'name: debian-security');
  assert.match(refusal(`from: debian/trixie\n${twice}`).message, /"debian-security" is an archive of debian\/trixie/);
  assert.equal(parse(`from: ubuntu/noble\n${twice}`).archives.length, 1);
  assert.match(refusal(own.replace('name: own', 'name: file')).message, /"file" stands for \.debs of your own/);
});

test('a secret in a URL is refused, and neither message nor excerpt nor structure repeats it', () => {
  const error = refusal('files: [./a:/a]\nmirrors: { debian: "https://ann:s3cret@mirror.example/debian" }');
  assert.match(error.message, /netrc/);
  assert.match(error.message, /mirrors\.debian/);
  assert.doesNotMatch(JSON.stringify([error.message, error.problems]), /s3cret|ann/);
});

test('a password that breaks its URL is hidden too, and what only looks like one is shown', () => {
  for (const url of ['http://ann:s3/cret@mirror.example', "http://ann:'s3cret@mirror.example", 'http://s3cret@@m']) {
    const error = refusal(`files: [./a:/a]\nmirrors: { debian: "${url}" }`);
    assert.doesNotMatch(JSON.stringify([error.message, error.problems]), /s3|cret|ann/);
    assert.match(error.message, /"http:\/\/\*+@/);
  }
  const shown = 'docker://host.example:5000/name@sha256:0123';
  assert.equal(maskSecrets(shown), shown);
  assert.equal(maskSecrets(`${shown},http://ann:pw@h file:///a@b`), `${shown},http://******@h file:///a@b`);
});

function parse(text: string): ImageSpec {
  return parseConfig(text, { file: '/src/My App/slimimage.yaml' });
}

function refusal(text: string): ConfigError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return assert.fail('expected a refusal');
}
