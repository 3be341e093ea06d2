import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCertificate } from '../../test/support/certificate.ts';
import {
  type Behaviour,
  content,
  cutAfter,
  redirectTo,
  reset,
  silent,
  status,
} from '../../test/support/http-behaviours.ts';
import { failsWith, startClient } from '../../test/support/http-client.ts';
import { startHttpProxy } from '../../test/support/http-proxy.ts';
import { startHttpServer } from '../../test/support/http-server.ts';
import { SlimimageError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { RequestBody } from './types.ts';

const ok = { accept: [200], maxSize: 1000 };
const MiB = 1024 * 1024;

test('every method goes out with its body and headers, and the answer comes back with its own', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const got: string[] = [];
  server.on('/x', async ({ request, response }) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push(`${request.method} ${request.headers['content-length']} ${request.headers['x-a']} ${body}`);
    response.writeHead(request.method === 'POST' ? 202 : 200, { Location: '/y' }).end('done');
  });
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    const body = method === 'DELETE' ? undefined : textBody('bytes');
    const answer = await client.request(server.url('/x'), {
      method,
      body,
      headers: { 'x-a': 'b' },
      accept: [200, 202],
      maxSize: 10,
    });
    assert.equal(answer.status, method === 'POST' ? 202 : 200);
    assert.equal(answer.headers['location'], '/y');
    assert.equal(decodeUtf8(answer.bytes), 'done');
  }
  const head = await client.request(server.url('/x'), { ...ok, method: 'HEAD' });
  assert.equal(head.bytes.length, 0);
  await client.request(server.url('/x'), { ...ok, accept: [202], method: 'POST' });
  assert.deepEqual(got, [
    'POST 5 b bytes',
    'PUT 5 b bytes',
    'PATCH 5 b bytes',
    'DELETE undefined b ',
    'HEAD undefined undefined ',
    'POST 0 undefined ',
  ]);
});

test('a status is an answer only where it is one of those expected, 200 included', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', status(200));
  await failsWith('HTTP_STATUS', client.request(server.url('/x'), { ...ok, method: 'PUT', accept: [201] }));
  server.on('/x', status(404));
  const answer = await client.request(server.url('/x'), { ...ok, method: 'HEAD', accept: [200, 404] });
  assert.equal(answer.status, 404);
});

test('a 401 is seen with every one of its challenges, straight and through a proxy', async () => {
  await using server = await startHttpServer();
  await using proxy = await startHttpProxy();
  server.on('/x', ({ response }) => {
    response.setHeader('www-authenticate', ['Basic realm="a"', 'Bearer realm="b",service="c"']);
    response.writeHead(401).end();
  });
  for (const env of [{}, { http_proxy: `http://${proxy.host}` }]) {
    await using client = startClient({ env });
    const answer = await client.request(server.url('/x'), { ...ok, method: 'GET', accept: [200, 401] });
    assert.equal(answer.headers['www-authenticate'], 'Basic realm="a", Bearer realm="b",service="c"');
    await client.request(server.url('/x'), { ...ok, method: 'GET', accept: [401], headers: { Accept: 'a/b' } });
    assert.equal(server.requests.at(-1)?.headers['accept'], 'a/b');
  }
});

test('an answer above maxSize is refused, announced or not', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/announced', content('x'.repeat(2000)));
  server.on('/not', ({ response }) => {
    response.write('x'.repeat(600));
    response.end('x'.repeat(600));
  });
  for (const path of ['/announced', '/not']) {
    await failsWith('DOWNLOAD_TOO_LARGE', client.request(server.url(path), { ...ok, method: 'GET' }));
  }
});

test('429, 5xx and a cut connection are tried again, the body opened anew, unless it must not be', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const script = [status(429, { 'retry-after': '3' }), status(500), reset(), cutAfter('done', 2), echo];
  server.on('/x', ...script);
  const progress: number[] = [];
  const body = textBody('bytes', { onProgress: (done) => progress.push(done) });
  const answer = await client.request(server.url('/x'), { ...ok, method: 'PUT', body });
  assert.equal(decodeUtf8(answer.bytes), 'PUT bytes');
  assert.equal(body.opened, 5);
  assert.deepEqual(progress.slice(-2), [0, 5]);
  // The reset came over a connection that had been idle: the fourth try went out at once, over a fresh one.
  assert.deepEqual(client.waits, [3000, 1000, 2000]);

  for (const [code, behaviour] of [
    ['HTTP_STATUS', status(503)],
    ['NETWORK', reset()],
  ] as const) {
    server.on('/once', behaviour, echo);
    await failsWith(code, client.request(server.url('/once'), { ...ok, method: 'PATCH', body, retry: false }));
  }
  assert.equal(server.requestsTo('/once').length, 2);
});

test('an idle connection that the server closed is found out without a retry, unless the request may go out once only', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  const closing: Behaviour = (asked) => {
    asked.response.on('finish', () => setTimeout(() => asked.socket.resetAndDestroy(), 1));
    return echo(asked);
  };
  server.on('/x', closing, reset(), echo);
  const put = (retry: boolean) =>
    client.request(server.url('/x'), { ...ok, method: 'PUT', body: textBody('a'), retry });
  await put(false);
  await delay(20);
  await failsWith('NETWORK', put(false));
  assert.equal(decodeUtf8((await put(false)).bytes), 'PUT a');
});

test('307 and 308 take method and body along, opened anew, and no secret to another origin', async () => {
  await using server = await startHttpServer();
  await using other = await startHttpServer();
  await using client = startClient();
  server.on('/a', redirectTo('/b', 308));
  server.on('/b', redirectTo(other.url('/c'), 307));
  other.on('/c', redirectTo(server.url('/home'), 307));
  server.on('/home', echo);
  const body = textBody('bytes');
  const headers = { Authorization: 'Bearer hunter2', Cookie: 'a=b', 'x-kept': 'c' };
  const answer = await client.request(server.url('/a'), { ...ok, method: 'PUT', body, headers });
  assert.equal(decodeUtf8(answer.bytes), 'PUT bytes');
  assert.equal(answer.url.href, server.url('/home'));
  assert.equal(body.opened, 4);
  assert.deepEqual(
    [...server.requests, ...other.requests].map(({ path, headers: sent }) => [
      path,
      sent['authorization'],
      sent['cookie'],
      sent['x-kept'],
    ]),
    [
      ['/a', 'Bearer hunter2', 'a=b', 'c'],
      ['/b', 'Bearer hunter2', 'a=b', 'c'],
      ['/home', undefined, undefined, 'c'],
      ['/c', undefined, undefined, 'c'],
    ],
  );
});

test('a redirect that would lose the body is refused, and one that the caller wants to see is shown', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  for (const code of [301, 302, 303]) {
    server.on('/x', redirectTo('/y', code));
    const put = client.request(server.url('/x'), { ...ok, method: 'PUT', body: textBody('a') });
    assert.match((await failsWith('HTTP_REDIRECT_UNSAFE', put)).message, /redirects a PUT .* would lose/);
  }
  server.on('/x', redirectTo('/y', 307));
  const answer = await client.request(server.url('/x'), { ...ok, method: 'GET', accept: [200, 307] });
  assert.equal(answer.headers['location'], '/y');
  assert.equal(server.requestsTo('/y').length, 0);
});

for (const rude of [false, true]) {
  test(`a server that answers in the middle of a body is heard${rude ? ', though it cuts the connection at once' : ''}`, async () => {
    await using server = await startHttpServer();
    await using proxy = await startHttpProxy();
    server.on('/x', async ({ request, response }) => {
      await once(request, 'data');
      request.pause();
      response.writeHead(413, rude ? { connection: 'close' } : {}).end('too much');
    });
    for (const env of rude ? [{}] : [{}, { http_proxy: `http://${proxy.host}` }]) {
      await using client = startClient({ env });
      const body = zeros(200 * MiB);
      const answer = await client.request(server.url('/x'), { ...ok, method: 'PATCH', body, accept: [413] });
      assert.equal(answer.status, 413);
      assert.equal(decodeUtf8(answer.bytes), 'too much');
      assert.deepEqual(client.waits, []);
      const error = await failsWith('HTTP_STATUS', client.request(server.url('/x'), { ...ok, method: 'PATCH', body }));
      assert.match(error.message, /413/);
    }
  });
}

test('a body may take longer than an answer, as long as it gets on', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ timeouts: { responseMs: 300, idleMs: 300 } });
  server.on('/x', echoLength);
  const slow: RequestBody = {
    size: 6,
    async *open() {
      for (let n = 0; n < 6; n++) {
        await delay(60);
        yield encodeUtf8('x');
      }
    },
  };
  const answer = await client.request(server.url('/x'), { ...ok, method: 'PUT', body: slow });
  assert.equal(decodeUtf8(answer.bytes), '6');
});

test('a server that takes nothing more, or never answers, is not waited for', async () => {
  await using server = await startHttpServer();
  await using client = startClient({ timeouts: { responseMs: 80, idleMs: 80 }, retry: { attempts: 2 } });
  server.on('/silent', silent());
  server.on('/deaf', ({ request }) => {
    request.pause();
  });
  const put = (path: string, body: RequestBody) => client.request(server.url(path), { ...ok, method: 'PUT', body });
  await failsWith('NETWORK', put('/silent', textBody('x')));
  await failsWith('NETWORK', put('/deaf', zeros(50 * MiB)));
  assert.deepEqual(client.waits, [500, 500]);
});

test('what the source of a body throws is told as it is; a source that changed is refused', async () => {
  await using server = await startHttpServer();
  await using proxy = await startHttpProxy();
  server.on('/x', echo);
  const failing: RequestBody = {
    size: 10,
    // biome-ignore lint/correctness/useYield: it fails before it has anything.
    async *open() {
      throw new SlimimageError({ code: 'STORE', message: 'the blob is gone' });
    },
  };
  for (const env of [{}, { http_proxy: `http://${proxy.host}` }]) {
    await using client = startClient({ env });
    const put = (body: RequestBody) => client.request(server.url('/x'), { ...ok, method: 'PUT', body });
    await failsWith('STORE', put(failing));
    await failsWith('IO', put({ ...textBody('too long'), size: 3 }));
    await failsWith('IO', put({ ...textBody('short'), size: 30 }));
  }
});

test('it ends within a moment of being stopped, in the middle of a body', async () => {
  await using server = await startHttpServer();
  await using client = startClient();
  server.on('/x', ({ request }) => {
    request.pause();
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  const body = zeros(100 * MiB);
  await failsWith(
    'ABORTED',
    client.request(server.url('/x'), { ...ok, method: 'PUT', body, signal: controller.signal }),
  );
});

test('a body goes through a proxy and over TLS as it does straight', async () => {
  const certificate = makeCertificate();
  await using plain = await startHttpServer();
  await using secure = await startHttpServer({ certificate });
  await using proxy = await startHttpProxy();
  const hostTrust = async () => ({ ca: [certificate.certificate] });
  for (const env of [{}, { all_proxy: `http://${proxy.host}` }]) {
    await using client = startClient({ env, hostTrust });
    for (const server of [plain, secure]) {
      server.on('/x', echoLength);
      const answer = await client.request(server.url('/x'), { ...ok, method: 'PUT', body: zeros(3 * MiB) });
      assert.equal(decodeUtf8(answer.bytes), String(3 * MiB));
    }
  }
});

test('a host may have its own CA, or need none; no other host profits', async () => {
  await using server = await startHttpServer({ certificate: makeCertificate() });
  await using other = await startHttpServer({ certificate: makeCertificate() });
  await using proxy = await startHttpProxy();
  server.on('/x', echo);
  other.on('/x', echo);
  const asked: string[] = [];
  for (const env of [{}, { https_proxy: `http://${proxy.host}` }]) {
    await using client = startClient({
      env,
      hostTrust: async ({ host }) => {
        asked.push(host);
        return host === server.host ? { verify: false } : undefined;
      },
    });
    for (let n = 0; n < 2; n++) await client.request(server.url('/x'), { ...ok, method: 'GET' });
    await failsWith('NETWORK', client.request(other.url('/x'), { ...ok, method: 'GET' }));
  }
  assert.deepEqual(asked, [server.host, other.host, server.host, other.host]);
});

interface TextBody extends RequestBody {
  opened: number;
}

function textBody(text: string, options: Pick<RequestBody, 'onProgress'> = {}): TextBody {
  const bytes = encodeUtf8(text);
  const body: TextBody = {
    size: bytes.length,
    opened: 0,
    async *open() {
      body.opened++;
      yield bytes;
    },
    ...options,
  };
  return body;
}

function zeros(size: number): RequestBody {
  const chunk = new Uint8Array(MiB);
  return {
    size,
    async *open() {
      for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
    },
  };
}

const echo: Behaviour = async ({ request, response }) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  response.end(`${request.method} ${body}`);
};

const echoLength: Behaviour = async ({ request, response }) => {
  let length = 0;
  for await (const chunk of request) length += (chunk as Uint8Array).length;
  response.end(String(length));
};
