import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactAssignment, redactAssignments } from './redact.ts';

test('names that speak of a secret, and those that only sound like it', () => {
  const secret = [
    'DB_PASSWORD',
    'password',
    'API_KEY',
    'apiKey',
    'aws_secret_access_key',
    'NPM_TOKEN',
    'CLIENT_SECRET',
    'x.auth',
    'PGPASSWORD',
  ];
  for (const name of secret) assert.equal(redactAssignment(`${name}=gH7k2`), `${name}=****`, name);
  const plain = [
    'PATH',
    'GPG_KEY',
    'TOKENIZERS_PARALLELISM',
    'PASSWORD_FILE',
    'AUTH_TYPE',
    'SECRET_NAME',
    'COMPASS',
    'KEYBOARD',
    'TOKEN_URL',
    'AUTHOR',
  ];
  for (const name of plain) assert.equal(redactAssignment(`${name}=gH7k2`), `${name}=gH7k2`, name);
});

test('values that are no secret, whatever the name', () => {
  for (const value of ['', 'yes', '/run/secrets/x', '$OTHER', '8'])
    assert.equal(redactAssignment(`PASSWORD=${value}`), `PASSWORD=${value}`);
  assert.equal(redactAssignment('URL=https://me:pw@host/x'), 'URL=https://me:****@host/x');
});

test('several assignments, with quotes', () => {
  assert.equal(redactAssignments('ENV A=1 TOKEN="a \\" b" B="c d"'), 'ENV A=1 TOKEN=**** B="c d"');
});
