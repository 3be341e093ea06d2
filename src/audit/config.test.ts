import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import type { RuntimeConfig } from '../oci/documents.ts';

const passwd = 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/false\n';

describe('configuration', () => {
  const users: readonly (readonly [string | undefined, readonly string[]])[] = [
    [undefined, ['the image sets no user, so that it runs as root']],
    ['root', ['the image runs as root']],
    ['root:app', ['the image runs as root']],
    ['0', ['the image runs as uid 0, which is root']],
    ['00:1000', ['the image runs as uid 00, which is root']],
    ['+0', ['the image runs as uid +0, which is root']],
    ['toor', ['the image runs as toor, whose uid is 0']],
    [':1000', ['the image runs as ":1000": without a user, that is root']],
    ['app', []],
    ['65532', []],
    ['unknown', []],
  ];
  for (const [user, expected] of users) {
    test(`user ${user}`, () => {
      const runtime = user === undefined ? {} : { User: user };
      assert.deepEqual(found([{ 'etc/passwd': passwd }], { runtime, only: ['root-user'] }).messages, expected);
    });
  }

  const rows: readonly (readonly [string, RuntimeConfig, readonly string[]])[] = [
    ['a low port', { ExposedPorts: { '80/tcp': {} } }, ['info privileged-port']],
    ['the first high port', { ExposedPorts: { '1024/tcp': {}, '0': {}, junk: {} } }, []],
    ['a volume over /etc', { Volumes: { '/etc/': {} } }, ['warning sensitive-volume']],
    ['a volume of data', { Volumes: { '/data': {}, '/etc/app': {} } }, []],
  ];
  for (const [name, runtime, expected] of rows) {
    test(name, () => {
      assert.deepEqual(found([{}], { runtime, only: ['privileged-port', 'sensitive-volume'] }).lines, expected);
    });
  }

  test('a health check', () => {
    const health = (Test?: readonly string[]) =>
      found([{}], { runtime: Test === undefined ? {} : { Healthcheck: { Test } }, only: ['no-healthcheck'] }).lines;
    assert.deepEqual(health(), ['info no-healthcheck']);
    assert.deepEqual(health(['NONE']), ['info no-healthcheck']);
    assert.deepEqual(health(['CMD', '/app', '--check']), []);
  });

  test('the tag latest', () => {
    const tagged = (name: string) => found([{}], { name, only: ['latest-tag'] }).lines.length;
    const names = [
      'docker://r.example:5000/a',
      'docker://r.example/a:latest',
      'docker-daemon:a:latest',
      'docker-daemon:a',
    ];
    assert.deepEqual(names.map(tagged), [1, 1, 1, 1]);
    const others = ['docker://r.example:5000/a:1', `docker://r.example/a@sha256:${'0'.repeat(64)}`, 'oci:a', 'store:a'];
    assert.deepEqual(others.map(tagged), [0, 0, 0, 0]);
  });

  test('a bare file tree has no configuration to judge', () => {
    assert.deepEqual(
      found([{ 'etc/passwd': passwd }], { bare: true, skip: ['second-root', 'duplicate-id'] }).lines,
      [],
    );
  });
});

describe('history', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['ADD x /app # buildkit', ['info add-instruction']],
    ['/bin/sh -c #(nop) ADD file:0123abcd in /app ', ['info add-instruction']],
    ['/bin/sh -c #(nop) ADD file:0123abcd in / ', []],
    ['COPY x /app # buildkit', []],
    ['RUN /bin/sh -c apt-get update # buildkit', ['info update-alone']],
    ['RUN /bin/sh -c apt-get -qq update && apt-get install -y curl # buildkit', []],
    ['/bin/sh -c apt-get update', ['info update-alone']],
    ['/bin/sh -c apk update; apk add curl', []],
    ['RUN /bin/bash -eux -o pipefail -c apt-get update # buildkit', ['info update-alone']],
    ['RUN /bin/sh -c DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get update # buildkit', ['info update-alone']],
    ['RUN /bin/sh -c apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y x # buildkit', []],
    ['RUN /bin/sh -c sudo apt-get dist-upgrade # buildkit', ['info system-upgrade']],
    [`RUN |1 A=${'/bin/sh -a '.repeat(5000)}`, []],
    ['/bin/sh -c echo apt-get update', []],
    ['RUN |1 A=b /bin/sh -c apt-get update && apt-get -y upgrade # buildkit', ['info system-upgrade']],
    ['RUN /bin/sh -c pip install --upgrade x # buildkit', []],
  ];
  for (const [command, expected] of rows) {
    test(command, () => {
      const only = ['add-instruction', 'update-alone', 'system-upgrade'];
      assert.deepEqual(found([{}], { history: [{ created_by: command }], only }).lines, expected);
    });
  }

  test('a command of a layer names the layer', () => {
    const history = [
      { created_by: 'ENV A=b', empty_layer: true },
      { created_by: 'COPY . .' },
      { created_by: 'ADD x y' },
    ];
    const { report } = found([{}, {}], { history, only: ['add-instruction'] });
    assert.deepEqual(
      report.findings.map(({ layer, message }) => [layer, message]),
      [[2, 'step 3 of the history is an ADD']],
    );
  });
});

test('a distribution is told of when its support ends', () => {
  const layer = {
    'usr/lib/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
    'etc/os-release': '->../usr/lib/os-release',
  };
  const on = (today: string) => found([layer], { today, only: ['end-of-life'] });
  assert.deepEqual(on('2026-07-11').lines, []);
  assert.deepEqual(on('2026-07-12').lines, ['warning end-of-life /etc/os-release']);
  assert.deepEqual(on('2028-06-30').messages, [
    'Debian 12 (bookworm) got its last security updates for all on 2026-07-11; Debian LTS ends on 2028-06-30',
  ]);
  assert.deepEqual(on('2028-07-01').lines, ['error end-of-life /etc/os-release']);
  assert.deepEqual(found([{ 'etc/os-release': 'ID=other\nVERSION_ID=1\n' }], { only: ['end-of-life'] }).lines, []);
});
