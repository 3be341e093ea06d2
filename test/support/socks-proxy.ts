import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A real SOCKS5 proxy on loopback (RFC 1928, CONNECT; RFC 1929 where `login`, `USER:PASSWORD`, is set). */
export interface TestSocksProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `HOST:PORT`, in the order of asking. */
  readonly requests: readonly string[];
  /** `USER:PASSWORD`, as tried. */
  readonly logins: readonly string[];
}

export async function startSocksProxy(options: { readonly login?: string } = {}): Promise<TestSocksProxy> {
  const requests: string[] = [];
  const logins: string[] = [];
  const sockets = new Set<Socket>();

  async function serve(socket: Socket): Promise<void> {
    await nextChunk(socket);
    socket.write(Buffer.from([5, options.login === undefined ? 0 : 2]));
    if (options.login !== undefined) {
      const login = await nextChunk(socket);
      const userLength = login[1] ?? 0;
      logins.push(`${login.subarray(2, 2 + userLength)}:${login.subarray(3 + userLength)}`);
      const admitted = logins.at(-1) === options.login;
      socket.write(Buffer.from([1, admitted ? 0 : 1]));
      if (!admitted) return;
    }
    const request = await nextChunk(socket);
    const isName = request[3] === 3;
    const addressLength = isName ? (request[4] ?? 0) : 4;
    const start = isName ? 5 : 4;
    const address = request.subarray(start, start + addressLength);
    const host = isName ? address.toString() : [...address].join('.');
    const port = request.readUInt16BE(start + addressLength);
    requests.push(`${host}:${port}`);
    const onward = connect(port, host, () => {
      socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      onward.pipe(socket).pipe(onward);
    });
    track(onward);
  }

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  }

  const server = createServer((socket) => {
    track(socket);
    serve(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    logins,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function nextChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk;
}
