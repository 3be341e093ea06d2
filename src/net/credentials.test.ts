import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCredentials, matchesAptEntry } from './credentials.ts';
import { loadCredentials } from './load-credentials.ts';
import { parseNetrc } from './netrc.ts';

function aptMatches(machine: string, url: string): boolean {
  return matchesAptEntry({ machine, login: undefined, password: undefined }, new URL(url));
}

test('the examples of apt_auth.conf(5)', () => {
  const url = 'https://example.org/debian/dists/trixie/InRelease';
  for (const machine of ['example.org', 'example.org/deb', 'example.org/debian', 'example.org/debian/']) {
    assert.equal(aptMatches(machine, url), true, machine);
  }
  for (const machine of ['example.org/deb/', 'example.org/ubuntu', 'example.orga', 'example.net', 'example']) {
    assert.equal(aptMatches(machine, url), false, machine);
  }
});

test('without a scheme an entry is for https, or for loopback', () => {
  assert.equal(aptMatches('example.org', 'http://example.org/'), false);
  assert.equal(aptMatches('http://example.org', 'http://example.org/'), true);
  assert.equal(aptMatches('http://example.org', 'https://example.org/'), false);
  assert.equal(aptMatches('https://example.org', 'https://example.org/'), true);
  assert.equal(aptMatches('tor+https://example.org', 'https://example.org/'), false);
  assert.equal(aptMatches('127.0.0.1', 'http://127.0.0.1:8080/x'), true);
  assert.equal(aptMatches('localhost', 'http://localhost/'), true);
  assert.equal(aptMatches('[::1]', 'http://[::1]:81/'), true);
  assert.equal(aptMatches('127.0.0.1.example.org', 'http://127.0.0.1.example.org/'), false);
});

test('a port, where one is named, has to be the one', () => {
  assert.equal(aptMatches('example.org', 'https://example.org:8443/'), true);
  assert.equal(aptMatches('example.org:8443', 'https://example.org:8443/'), true);
  assert.equal(aptMatches('example.org:8443', 'https://example.org/'), false);
  assert.equal(aptMatches('example.org:443', 'https://example.org/'), true);
  assert.equal(aptMatches('EXAMPLE.org:8443/a', 'https://example.org:8443/abc'), true);
});

test('a login is found for its host only, whatever the entry looks like', () => {
  const written = fc.tuple(
    fc.constantFrom('', 'http://', 'https://', '://', 'x@'),
    fc.constantFrom('a.org', 'b.org', 'A.ORG', '[::1]', 'a', '', 'x@a.org', '?a.org'),
    fc.constantFrom('', ':443', ':444', ':', '.', '#', '?', '@b.org'),
    fc.constantFrom('', '/', '/x', '/x/'),
  );
  const machines = fc.oneof(
    fc.string({ maxLength: 30 }),
    written.map((parts) => parts.join('')),
  );
  const urls = fc.constantFrom(
    'https://a.org/x/y',
    'http://a.org/',
    'https://b.org:444/x',
    'https://[::1]/',
    'https://a.org.b.org/',
  );
  let matches = 0;
  fc.assert(
    fc.property(machines, urls, (machine, text) => {
      const url = new URL(text);
      if (!aptMatches(machine, text)) return;
      matches++;
      assert.equal(new URL(machine.includes('://') ? machine : `https://${machine}`).hostname, url.hostname, machine);
    }),
    { numRuns: 10_000 },
  );
  assert.ok(matches > 5, `${matches} matches`);
});

test('netrc: any port, plain http where the user wrote it, never where a server pointed to', () => {
  const { entries } = parseNetrc('machine a.org login me password 1 default login any password 2');
  const credentials = createCredentials({ apt: [], netrc: entries });
  const user = (url: string, redirected: boolean) => credentials.find(new URL(url), { redirected })?.user;
  assert.equal(user('http://a.org:81/x', false), 'me');
  assert.equal(user('http://a.org:81/x', true), undefined);
  assert.equal(user('https://a.org/x', true), 'me');
  assert.equal(user('https://b.org/x', false), 'any');
  assert.equal(user('https://b.org/x', true), undefined);
  assert.equal(credentials.find(new URL('https://a.org'), { redirected: false })?.password.reveal(), '1');
});

test('an entry without a password stands for no login', () => {
  const netrc = parseNetrc('machine a.org login me').entries;
  assert.equal(createCredentials({ apt: [], netrc }).find(new URL('https://a.org'), { redirected: false }), undefined);
});

test('files are read in the order of apt: auth.conf.d by name, auth.conf, then the netrc', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-login-'));
  const parts = join(folder, 'auth.conf.d');
  await mkdir(parts);
  await writeFile(join(parts, '20.conf'), 'machine a.org login twenty password x');
  await writeFile(join(parts, '10.conf'), 'machine a.org/debian login ten password x');
  await writeFile(join(parts, '00.conf~'), 'machine a.org login backup password x');
  await writeFile(join(folder, 'auth.conf'), 'machine b.org login main password x\nnonsense');
  await writeFile(join(folder, '.netrc'), 'machine a.org login n password x machine c.org login home password x');
  await writeFile(join(folder, 'other'), 'machine c.org login named password x');
  try {
    const home = await loadCredentials({ env: { HOME: folder }, aptFolder: folder });
    const user = (url: string) => home.find(new URL(url), { redirected: false })?.user;
    assert.deepEqual(
      ['https://a.org/debian/x', 'https://a.org/', 'https://b.org/', 'https://c.org/', 'https://d.org/'].map(user),
      ['ten', 'twenty', 'main', 'home', undefined],
    );
    assert.deepEqual(home.problems, [
      `${join(folder, 'auth.conf')}, line 2: a word that is none of machine, default, login, password, account, macdef`,
    ]);
    const named = await loadCredentials({ env: { HOME: folder, NETRC: join(folder, 'other') }, aptFolder: parts });
    assert.equal(named.find(new URL('https://c.org/'), { redirected: false })?.user, 'named');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('no files are no problem, unusable ones are named', async () => {
  assert.deepEqual((await loadCredentials({ env: {}, aptFolder: '/nonexistent' })).problems, []);
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-login-'));
  await mkdir(join(folder, 'auth.conf'));
  try {
    const { problems } = await loadCredentials({ env: {}, aptFolder: folder });
    assert.deepEqual(problems, [`${join(folder, 'auth.conf')} can't be read (EISDIR)`]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
