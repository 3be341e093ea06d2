import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** A mirror on loopback that keeps whatever it was asked for once, and gives the same ever after. */
export interface FrozenMirror extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/NAME` of an archive. */
  url(archive: string): string;
}

/**
 * Both sides read the archives through it: neither sees a package that the other does not, a run that goes on days later sees
 * what the first one saw, and each .deb is fetched once.
 *
 * @param upstream archive name -> base URL
 * @param folder where answers are kept, absences too
 */
export async function startFrozenMirror(
  upstream: Readonly<Record<string, string>>,
  folder: string,
): Promise<FrozenMirror> {
  const fetched = new Map<string, Promise<string | undefined>>();
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const [, archive = '', ...rest] = path.split('/');
    const base = upstream[archive];
    if (base === undefined || rest.some((part) => part === '..' || part === '')) {
      response.writeHead(404).end();
      return;
    }
    const key = `${archive}/${rest.join('/')}`;
    const file = join(folder, archive, ...rest.map(decodeURIComponent));
    const under = fetched.get(key) ?? keep(`${base}/${rest.join('/')}`, file);
    fetched.set(key, under);
    const kept = await under.catch((error) => {
      fetched.delete(key);
      throw error;
    });
    if (kept === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { size } = await stat(kept);
    response.writeHead(200, { 'content-length': size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(kept).pipe(response);
  }

  return {
    url: (archive) => `http://127.0.0.1:${port}/${archive}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The file, or undefined where the archive does not have it. */
async function keep(url: string, file: string): Promise<string | undefined> {
  if (await isThere(file)) return file;
  if (await isThere(`${file}.absent`)) return undefined;
  await mkdir(dirname(file), { recursive: true });
  const response = await fetch(url);
  if (response.status === 404) {
    await writeFile(`${file}.absent`, '');
    return undefined;
  }
  if (!response.ok || response.body === null) throw new Error(`the mirror answered ${response.status}`);
  const partial = `${file}.partial-${process.pid}`;
  try {
    await writeFile(partial, response.body);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return file;
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
