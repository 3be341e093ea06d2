import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanText } from './scan-text.ts';
import { SecretScanner } from './secret-scanner.ts';

const token = `ghp_${'q7Zt3KvXb9LmR2wPc8NdF4hJ6sYg5TxVk1QzWn'.slice(0, 36)}`;
const line = 'nothing is in this line but words and a password\n';

/** `rule line` of each hit. */
function scan(path: string, ...pieces: readonly Uint8Array[]): readonly string[] {
  const scanner = new SecretScanner();
  scanner.begin(path);
  for (const piece of pieces) scanner.data(piece);
  return scanner.end().map((hit) => `${hit.rule} ${hit.line}`);
}

test('an excerpt names what the secret is given to, and shows nothing of it', () => {
  const [hit, ...others] = scanText(`GITHUB_TOKEN=${token}`, { where: 'env' });
  assert.deepEqual(hit, { rule: 'github-token', line: 1, excerpt: 'GITHUB_TOKEN=ghp_****' });
  assert.deepEqual(others, []);
  for (const [text, excerpt] of [
    ['DB_PASSWORD=letmein', 'DB_PASSWORD=****'],
    ['DATABASE_URL=postgres://web:letmein@db.a.org/x', 'postgres://****@db.a.org'],
  ] as const)
    assert.deepEqual(
      scanText(text, { where: 'env' }).map((one) => one.excerpt),
      [excerpt],
    );
});

test('the environment, labels and history of usual images are quiet', () => {
  const quiet = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305',
    'PYTHON_SHA256=8d3ed8ec5c88c1c95f5e558612a725450d2452813ddad5e58fdb1a53b1209b78',
    'POSTGRES_PASSWORD_FILE=/run/secrets/password',
    'MYSQL_ALLOW_EMPTY_PASSWORD=yes',
    'TOKEN_TTL=3600',
    'SECRET_KEY=$OTHER_KEY',
    'API_TOKEN=<your token>',
  ];
  for (const text of quiet) assert.deepEqual(scanText(text, { where: 'env' }), [], text);
  const commands = [
    '/bin/sh -c set -eux; apt-get install -y passwd; echo "password: " && rm -rf /var/lib/apt/lists/*',
    'RUN /bin/sh -c curl -fsSL "https://a.org/key.asc" | gpg --passphrase-file /x # buildkit',
    'RUN |1 TOKEN= /bin/sh -c npm ci --token $TOKEN # buildkit',
  ];
  for (const text of commands) assert.deepEqual(scanText(text, { where: 'history' }), [], text);
});

test('a build argument, an option and a login of a command are found in the history', () => {
  for (const text of [
    'RUN |1 API_TOKEN=letmein /bin/sh -c npm ci',
    'RUN /bin/sh -c export DB_PASSWORD=letmein && ./setup',
    'RUN /bin/sh -c ./setup --password letmein',
    'RUN /bin/sh -c curl -u web:letmein https://a.org/x',
    'RUN /bin/sh -c git clone https://web:letmein@git.a.org/x',
  ])
    assert.equal(scanText(text, { where: 'history' }).length, 1, text);
});

test('lines are counted through the whole of a large file', () => {
  const text = `${line.repeat(30_000)}x = ${token}\n${line.repeat(9_000)}${token}`;
  assert.deepEqual(scan('a', Buffer.from(text)), ['github-token 30001', 'github-token 39002']);
});

test('it does not matter how a file is cut into pieces', () => {
  // Around the places where one window ends and the next begins.
  const places = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 4 });
  const near = fc.integer({ min: 256 * 1024 - 100, max: 256 * 1024 + 700 });
  const cuts = fc.array(fc.integer({ min: 0, max: 330_000 }), { maxLength: 6 });
  fc.assert(
    fc.property(places, near, cuts, (at, edge, ends) => {
      const bytes = Buffer.alloc(330_000, line);
      for (const place of [...at, edge]) bytes.write(`\nDB_TOKEN = "${token}"\n`, place);
      const whole = scan('a.py', bytes);
      const sorted = [0, ...ends.sort((a, b) => a - b), bytes.length];
      const pieces = sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
      assert.deepEqual(scan('a.py', ...pieces), whole);
      const edgeLine = bytes
        .subarray(0, edge + 1)
        .toString('latin1')
        .split('\n').length;
      assert.ok(whole.includes(`github-token ${edgeLine}`), `${edge}: ${whole.join()}`);
    }),
    { numRuns: 12 },
  );
});

test('UTF-16 is read in either order, byte by byte too', () => {
  const text = Buffer.from(`\ufeffName\r\n$apiToken = "${token}"\r\n`, 'utf16le');
  for (const bytes of [text, Buffer.from(text).swap16()]) {
    assert.deepEqual(scan('a.ps1', bytes), ['github-token 2']);
    assert.deepEqual(scan('a.ps1', ...Array.from(bytes, (byte) => Uint8Array.of(byte))), ['github-token 2']);
  }
  assert.deepEqual(scan('a', Uint8Array.of(0xff)), []);
});

test('of a file that is no text, keys alone are looked for', () => {
  assert.deepEqual(scan('a', Buffer.from(`\0${token}`)), []);
  assert.deepEqual(scan('a', Buffer.from(`${line.repeat(400)}\0${token}`)), ['github-token 401']);
});

test('a file of nothing but secrets is told a hundred times, one of nothing but keywords ends', () => {
  assert.equal(scan('a', Buffer.from(`${token}\n`.repeat(5000))).length, 100);
  for (const keyword of ['-----BEGIN PRIVATE KEY-----\n', 'a://', 'password=', 'curl ', 'eyJhbGci'])
    assert.ok(scan('root/.bash_history', Buffer.alloc(60_000, keyword)).length <= 100, keyword);
});

test('any bytes are looked at, and nothing is thrown', () => {
  const part = fc.constantFrom('password', '=', '"', ':', '://', '@', '-----BEGIN ', 'PRIVATE KEY-----', '\n', 'AKIA');
  const path = fc.constantFrom('a', '.env', '.npmrc', '.pgpass', '.netrc', '.bash_history', '.htpasswd', 'a.yaml');
  fc.assert(
    fc.property(path, fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 9 }))), (name, parts) => {
      assert.ok(scan(name, Buffer.from(parts.join(''))).length <= 100);
    }),
    { numRuns: 60 },
  );
});
