import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import { dpkgPicture, type LayerPicture } from '../../test/support/view.ts';

const only = [
  ...['private-key', 'secret-in-file', 'deleted-secret', 'secret-in-env', 'secret-in-label', 'secret-in-history'],
];
const key = { text: 'key', secrets: [{ rule: 'private-key', line: 1, excerpt: '-----BEGIN ****' }] };
const token = { text: 'token', secrets: [{ rule: 'github-token', line: 7, excerpt: 'ghp_****' }] };

describe('secrets in files', () => {
  const owned = dpkgPicture({ tests: ['usr/share/tests/key.pem'] });
  const rows: readonly (readonly [string, readonly LayerPicture[], readonly string[]])[] = [
    ['a private key', [{ 'app/key.pem': key }], ['error private-key /app/key.pem']],
    ['a token', [{ 'app/.env': token }], ['error secret-in-file /app/.env']],
    ['one of a module', [{ 'app/node_modules/x/.env': token }], ['warning secret-in-file /app/node_modules/x/.env']],
    [
      'a key of Go itself, not of a program in Go',
      [{ 'usr/local/go/src/crypto/key.pem': key, 'go/src/app/key.pem': key }],
      ['error private-key /go/src/app/key.pem', 'warning private-key /usr/local/go/src/crypto/key.pem'],
    ],
    [
      'one of a module that is deleted',
      [{ 'app/node_modules/x/.env': token }, { '-app': '' }],
      ['warning deleted-secret /app/node_modules/x/.env'],
    ],
    ['a key that a package ships', [{ 'usr/share/tests/key.pem': key, ...owned }], []],
    [
      'one that a layer wrote over it',
      [{ 'usr/share/tests/key.pem': 'x', ...owned }, { 'usr/share/tests/key.pem': key }],
      ['error private-key /usr/share/tests/key.pem'],
    ],
    ['a key that is deleted', [{ 'app/key.pem': key }, { '-app/key.pem': '' }], ['error deleted-secret /app/key.pem']],
    ['one with its folder', [{ 'app/key.pem': key }, { '-app': '' }], ['error deleted-secret /app/key.pem']],
    ['one that is replaced', [{ 'app/key.pem': key }, { 'app/key.pem': '' }], ['error deleted-secret /app/key.pem']],
    [
      'one that a package ships, deleted',
      [{ 'usr/share/tests/key.pem': key, ...owned }, { '-usr/share/tests': '' }],
      [],
    ],
    ['a hard link stays', [{ a: key, b: '=a' }, { '-a': '' }], ['error private-key /b']],
  ];
  for (const [name, layers, expected] of rows) {
    test(name, () => assert.deepEqual(found(layers, { only }).lines, expected));
  }
});

describe('secrets in the configuration', () => {
  const secret = `ghp_${'aB3dE6gH9jK2'.repeat(3)}`;

  test('of the environment, by the name of the variable', () => {
    const { report } = found([{}], { only, runtime: { Env: [`GITHUB_TOKEN=${secret}`, 'PATH=/usr/bin'] } });
    assert.deepEqual(
      report.findings.map(({ rule, subject }) => [rule, subject]),
      [['secret-in-env', 'GITHUB_TOKEN']],
    );
    assert.ok(!JSON.stringify(report).includes(secret));
  });

  test('of labels and history', () => {
    const runtime = { Labels: { note: secret, other: 'text' } };
    const history = [{ created_by: 'COPY . .' }, { created_by: `RUN |1 TOKEN=${secret} /bin/sh -c make` }];
    const { lines, report } = found([{}, {}], { only, runtime, history });
    assert.deepEqual(lines, ['error secret-in-label', 'error secret-in-history']);
    assert.ok(!JSON.stringify(report).includes(secret));
  });
});
