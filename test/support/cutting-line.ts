import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server that is cut again and again: each connection after some bytes of what the client sends. */
export interface CuttingLine extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Times that it was cut so far. */
  readonly cuts: number;
}

/** @param cuts after how many bytes the first, second, ... large sending is cut; then no more */
export async function startCuttingLine(target: string, cuts: readonly number[]): Promise<CuttingLine> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let done = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    let sent = 0;
    client.on('data', (bytes: Buffer) => {
      sent += bytes.length;
      const limit = cuts[done];
      if (limit !== undefined && sent > limit) {
        done++;
        upstream.write(bytes, () => {
          client.resetAndDestroy();
          upstream.destroy();
        });
      } else if (!upstream.write(bytes)) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
    upstream.on('data', (bytes) => {
      client.write(bytes);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return done;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
