import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { formatLocation, parseLocation, parseStoreName } from './location.ts';
import { familiarReference, formatReference, parseReference, withDefaultTag } from './reference.ts';

const digest = `sha256:${'a1'.repeat(32)}`;

function refuses(action: () => unknown, text: string): void {
  assert.throws(action, (error) => isSlimimageError(error, 'REFERENCE_INVALID'), text);
}

describe('parseReference', () => {
  it('fills in what Docker fills in', () => {
    const full = {
      nginx: 'docker.io/library/nginx',
      'nginx:1.27': 'docker.io/library/nginx:1.27',
      'grafana/grafana': 'docker.io/grafana/grafana',
      'index.docker.io/nginx': 'docker.io/library/nginx',
      'docker.io/nginx': 'docker.io/library/nginx',
      'localhost/app': 'localhost/app',
      'localhost:5000/app:dev': 'localhost:5000/app:dev',
      'registry.example/team/sub/app': 'registry.example/team/sub/app',
      'HOST/app': 'HOST/app',
      '[::1]:5000/app': '[::1]:5000/app',
      [`app@${digest}`]: `docker.io/library/app@${digest}`,
      [`reg.example:80/a/b:t@${digest}`]: `reg.example:80/a/b:t@${digest}`,
      'a__b/c-d.e_f': 'docker.io/a__b/c-d.e_f',
    };
    for (const [text, expected] of Object.entries(full)) {
      assert.equal(formatReference(parseReference(text)), expected, text);
      assert.equal(formatReference(parseReference(expected)), expected, text);
    }
  });

  it('shows names as Docker does', () => {
    const shown = ['nginx:1', 'grafana/grafana', 'localhost/app', 'registry.example/library/app:1'];
    for (const text of shown) assert.equal(familiarReference(parseReference(text)), text);
    assert.equal(familiarReference(withDefaultTag(parseReference('docker.io/library/nginx'))), 'nginx:latest');
    assert.equal(familiarReference(withDefaultTag(parseReference(`nginx@${digest}`))), `nginx@${digest}`);
  });

  it('refuses what no registry would take', () => {
    const wrong = [
      '',
      'Nginx',
      'a//b',
      '/a',
      'a/',
      'a:',
      'a:b:c',
      'a@sha256:12',
      'a@b',
      'a b',
      '-a',
      'a-',
      'a:-x',
      'a:é',
      'http://a/b',
    ];
    wrong.push('a/'.repeat(300), `a:${'x'.repeat(129)}`, 'reg.example:999999/a', '.example/a', 'a..b/c', 'a\n', '../a');
    for (const text of wrong) refuses(() => parseReference(text), text);
  });
});

test('a login in a name is shown by no error, whatever else is wrong there', () => {
  const names = [
    '@127.0.0.1:5000/team/app',
    '@reg.example/app:1',
    `@reg.example/app@${digest}`,
    '@localhost',
    '@h/A B',
    '@',
  ];
  const before = [
    '',
    'docker://',
    'docker:',
    'store:',
    'https://',
    'docker-daemon:',
    'docker-archive:out.tar:',
    'docker://reg.example/',
  ];
  for (const login of ['mole:hunter2', 'mole:hun@hunter2', 'mole:hunter2/hunter2', 'hunter2:']) {
    for (const text of before.flatMap((form) => names.map((name) => `${form}${login}${name}`))) {
      assert.throws(
        () => parseLocation(text),
        (error) => isSlimimageError(error, 'REFERENCE_INVALID') && !/hunter2/.test(`${error.message} ${error.hint}`),
        text,
      );
    }
  }
  assert.throws(() => parseReference('mole:hunter2@reg.example:80/app'), {
    message:
      '"***@reg.example:80/app" is not an image reference: after "@" comes a sha256 digest, and before it no login',
    hint: 'Write [HOST[:PORT]/]NAME[:TAG], and log in beforehand: docker login reg.example:80',
  });
  assert.throws(() => parseReference('app@sha256:12'), { message: /^"app@sha256:12" is not .* sha256 digest$/ });
});

describe('parseLocation', () => {
  it('reads every form', () => {
    const forms = [
      'store:web:latest',
      'store:team/Web_App:1.0',
      `store:web:dev@${digest}`,
      'oci:out',
      'oci:./out/dir:v1',
      'oci:/tmp/out:name:tag',
      'oci-archive:out.tar',
      'oci-archive:out.tar:v1',
      'docker-archive:out.tar',
      'docker-archive:out.tar:docker.io/library/web:dev',
      'docker-daemon:docker.io/library/web:dev',
      'docker://registry.example/team/app:1',
      'dir:/srv/root',
      'dir:C:/x',
      'tar:root.tar',
    ];
    for (const text of forms) assert.equal(formatLocation(parseLocation(text)), text);
    assert.equal(formatLocation(parseLocation('store:web')), 'store:web:latest');
    assert.equal(formatLocation(parseLocation('nginx:1')), 'docker://docker.io/library/nginx:1');
    assert.equal(formatLocation(parseLocation('localhost:5000/x')), 'docker://localhost:5000/x');
    assert.deepEqual(parseLocation('oci:out:'), { type: 'oci', directory: 'out' });
  });

  it('refuses what names nothing', () => {
    const wrong = [
      'store:',
      'oci:',
      'oci::tag',
      'oci:dir:/x',
      'oci:dir:a b',
      'dir:',
      'tar:',
      'docker:nginx',
      'docker-daemon:',
      '',
    ];
    wrong.push(`oci:dir:1@${digest}`, 'oci:dir:1@sha256:aa', `oci-archive:out.tar:1@${digest}`);
    wrong.push('store:../x', 'store:a:b:c', 'store:web@sha256:1', 'docker-archive:x:Bad', 'dir:a\0b');
    for (const text of wrong) refuses(() => parseLocation(text), text);
  });

  it('takes no host for an image of Docker Hub', () => {
    for (const text of [
      '127.0.0.1:5000',
      'registry.example:5000',
      'registry.example',
      'localhost:5000',
      '[::1]:5000',
      'h.example:80/',
    ])
      assert.throws(() => parseLocation(`docker://${text}`), { message: /names a host and no repository$/ });
    assert.equal(formatLocation(parseLocation('docker://nginx:1')), 'docker://docker.io/library/nginx:1');
    assert.equal(formatLocation(parseLocation('docker://my.app:v1')), 'docker://docker.io/library/my.app:v1');
  });

  it('splits the names of the store', () => {
    assert.deepEqual(parseStoreName('host:5000/web'), { type: 'store', name: 'host:5000/web', tag: 'latest' });
    assert.deepEqual(parseStoreName('web:1'), { type: 'store', name: 'web', tag: '1' });
  });

  it('reads or refuses any text, and reads what it wrote', () => {
    const part = fc.constantFrom(
      'store:',
      'oci:',
      'tar:',
      'docker://',
      'docker-archive:',
      'a',
      'B',
      ':',
      '/',
      '.',
      '@',
      digest,
      '-',
      '[',
      '\0',
      'é',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          const location = parseLocation(input);
          assert.deepEqual(parseLocation(formatLocation(location)), location);
        } catch (error) {
          assert.ok(isSlimimageError(error, 'REFERENCE_INVALID'), `${input}: ${error}`);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});
