import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { basic, content, redirectTo, requireLogin } from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { createCredentials } from './credentials.ts';
import { parseNetrc } from './netrc.ts';

const wanted = { maxSize: 100 };

test('user information of the URL is sent as a login, and never as part of the URL', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', requireLogin('mole', 'p@ss word', content('in')));
  const document = await client.getBytes(`http://mole:p%40ss%20word@${server.host}/x`, wanted);
  assert.equal(document.url, server.url('/x'));
  assert.equal(server.requests[0]?.path, '/x');
});

test('a login from apt or netrc is sent at once; a header of the caller wins', async () => {
  await using server = await startHttpServer();
  const credentials = createCredentials({
    apt: parseNetrc(`machine ${server.host}/apt login a password 1`).entries,
    netrc: parseNetrc('machine 127.0.0.1 login n password 2').entries,
  });
  await using client = startClient({ credentials });
  server.otherwise(content('in'));
  await client.getBytes(server.url('/apt/x'), wanted);
  await client.getBytes(server.url('/other'), wanted);
  await client.getBytes(server.url('/other'), { ...wanted, headers: { Authorization: 'Bearer 3' } });
  assert.deepEqual(
    server.requests.map(({ headers }) => headers['authorization']),
    [basic('a', '1'), basic('n', '2'), 'Bearer 3'],
  );
});

test('a refused or missing login is HTTP_AUTH with a hint, without the password', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', requireLogin('mole', 'right', content('in')));
  for (const userinfo of ['', 'mole:wrong-hunter2@']) {
    const error = await failsWith('HTTP_AUTH', client.getBytes(`http://${userinfo}${server.host}/x`, wanted));
    assert.match(error.hint ?? '', /machine 127\.0\.0\.1 login.*\.netrc.*machine http:.*\/etc\/apt\/auth\.conf\.d/);
    assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /hunter2/);
  }
  assert.equal(server.requests.length, 2);
});

test('after a redirect to another host no login of the first one goes along, not even back home', async () => {
  await using server = await startHttpServer();
  await using other = await startHttpServer();
  await using client = startClient();
  server.on('/x', redirectTo(`${other.origin}/y`));
  other.on('/y', redirectTo(`http://forged:login@${server.host}/home`));
  server.on('/home', content('in'));
  await client.getBytes(`http://mole:hunter2@${server.host}/x`, {
    ...wanted,
    headers: { cookie: 'a=b', 'x-test': 'kept' },
  });
  assert.equal(server.requestsTo('/x')[0]?.headers['authorization'], basic('mole', 'hunter2'));
  assert.equal(other.requests[0]?.headers['authorization'], undefined);
  assert.equal(other.requests[0]?.headers['cookie'], undefined);
  assert.equal(other.requests[0]?.headers['x-test'], 'kept');
  assert.equal(server.requestsTo('/home')[0]?.headers['authorization'], undefined);
});

test('a redirect within the host keeps the login', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', redirectTo('/y'));
  server.on('/y', requireLogin('mole', 'hunter2', content('in')));
  await client.getBytes(`http://mole:hunter2@${server.host}/x`, wanted);
});

test('a redirect to a host with an entry of its own gets that one', async () => {
  await using server = await startHttpServer();
  await using other = await startHttpServer();
  const apt = parseNetrc(`machine ${server.host} login a password 1 machine ${other.host} login b password 2`).entries;
  await using client = startClient({ credentials: createCredentials({ apt, netrc: [] }) });
  server.on('/x', redirectTo(`${other.origin}/y`));
  other.on('/y', requireLogin('b', '2', content('in')));
  await client.getBytes(server.url('/x'), wanted);
});

test('a redirect to no http at all is refused', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  for (const location of ['file:///etc/passwd', 'ftp://example.org/x', 'http://']) {
    server.on('/x', redirectTo(location));
    await failsWith('HTTP_REDIRECT_UNSAFE', client.getBytes(server.url('/x'), wanted));
  }
});
