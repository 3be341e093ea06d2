import { createServer, request as forward } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { basic } from './http-behaviours.ts';

/** A real forward proxy on loopback: absolute-form requests, CONNECT, and Basic authentication where asked for. */
export interface TestProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `GET http://...` or `CONNECT host:port`, in the order of arrival, refused ones included. */
  readonly requests: readonly string[];
  /** The Proxy-Authorization that each of them carried. */
  readonly logins: readonly (string | undefined)[];
  close(): Promise<void>;
}

export async function startHttpProxy(
  options: { readonly user: string; readonly password: string } | undefined = undefined,
): Promise<TestProxy> {
  const requests: string[] = [];
  const logins: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const expected = options === undefined ? undefined : basic(options.user, options.password);

  function admits(line: string, login: string | undefined): boolean {
    requests.push(line);
    logins.push(login);
    return expected === undefined || login === expected;
  }

  const server = createServer((request, response) => {
    const { 'proxy-authorization': login, ...headers } = request.headers;
    const target = request.url ?? '';
    if (!admits(`${request.method} ${target}`, login)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
      return;
    }
    const onward = forward(target, { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A cut upstream is passed on as a cut, not as silence.
      pipeline(answer, response, (error) => error && response.destroy());
    });
    onward.on('error', () => response.destroy());
    // Not `pipeline`, which would cut the answer of a server that has heard enough of the request.
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    if (!admits(`CONNECT ${request.url}`, request.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const target = new URL(`http://${request.url}`);
    const onward = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    track(onward);
    onward.on('error', () => socket.destroy());
  });
  server.on('connection', track);

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    logins,
    close,
    [Symbol.asyncDispose]: close,
  };
}
