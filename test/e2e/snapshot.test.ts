/** Mirrors that have lost packages, and the past of an archive, through the command line. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { hostMirrors, readHostSources } from '../../src/archive/mirrors.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { HttpError } from '../../src/net/http-error.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive } from '../support/archive-server.ts';
import { lackingArchive } from '../support/builder.ts';
import { type Ended, startUser, type TestUser } from '../support/cli.ts';
import { after, type Behaviour, content, status } from '../support/http-behaviours.ts';
import { startHttpServer, type TestServer } from '../support/http-server.ts';

let user: TestUser;
let snapshot: TestServer;

beforeEach(async () => {
  user = await startUser();
  snapshot = await startHttpServer();
});

afterEach(async () => {
  await snapshot.close();
  await user[Symbol.asyncDispose]();
});

/** The digest that a build prints. */
function digestOf({ stdout }: Ended): string {
  return /@(sha256:[0-9a-f]{64})\n$/.exec(stdout)?.[1] ?? assert.fail(stdout);
}

test('a .deb is asked of each mirror in turn, then of the snapshot archive; gone everywhere, the user is told', async () => {
  await using archive = await startArchive();
  await using other = await startArchive();
  const date = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
  const hello = { name: 'hello', files: { '/usr/bin/hello': 'hello' } };
  const { files, debs } = await archive.publish({ date, components: { main: [hello] } });
  const deb = debs.get('hello') ?? '';
  const bytes = files.get(deb) ?? '';
  const stamp = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const path = `/own/${stamp}/${deb}`;
  const more = {
    mirrors: `{ own: [${other.url}, ${archive.url}] }`,
    snapshot: `"${snapshot.url('/{archive}/{timestamp}')}"`,
  };
  await user.write('slimimage.yaml', archiveConfig(archive, ['hello'], { more }));
  archive.server.on(archive.path(deb), status(404));
  const { message, hint } = await user.refused({ code: 'HTTP_STATUS', status: 3 }, ['build']);
  assert.match(
    message,
    /^hello 1\.0-1 \(amd64\) of the archive own is gone from every place that was asked:\n {2}mirror: /,
  );
  for (const server of [other.server, archive.server, snapshot]) assert.ok(message.includes(server.host));
  assert.match(hint ?? '', /slimimage update --write.*mirrors: or snapshot:/);
  snapshot.on(path, content(bytes));
  await user.succeed(['build', '-o', 'tar:root.tar']);
  assert.equal((await user.files('root.tar'))['usr/bin/hello'], '0644 0:0 hello');
  assert.equal(snapshot.requestsTo(path).length, 2);
});

test('a time that is to come', async () => {
  const argv = ['resolve', 'hello', '--from', 'debian/trixie@2999-01-01'];
  const { message } = await user.refused({ code: 'CONFIG_INVALID', status: 2 }, argv);
  assert.match(message, /debian\/trixie@29990101T000000Z is still to come/);
});

describe('debian/trixie as it is now, from a snapshot archive on loopback that hands on the real one', {
  skip: lackingArchive,
}, () => {
  const from = `debian/trixie@${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const flags = ['-p', 'hello', '--platform', 'linux/amd64'];

  test('resolve, build and lock read it alone; .debs come from the mirror as long as it has them', async () => {
    snapshot.otherwise(await handOn());
    const env = { SLIMIMAGE_SNAPSHOT: snapshot.url('/{archive}/{timestamp}') };
    const { stdout } = await user.succeed(['resolve', 'hello', '--from', from, '--format', 'json'], { env });
    const answer = JSON.parse(stdout) as { packages: { name: string }[] };
    assert.deepEqual(
      answer.packages.map(({ name }) => name).filter((name) => ['hello', 'libc6'].includes(name)),
      ['hello', 'libc6'],
    );
    const built = digestOf(await user.succeed(['build', '--from', from, ...flags], { env }));
    assert.ok(snapshot.requests.length >= 6);
    assert.ok(snapshot.requests.every(({ path }) => path.includes('/dists/')));

    const today = { SLIMIMAGE_STORE: join(user.folder, 'today') };
    assert.equal(digestOf(await user.succeed(['build', '--from', 'debian/trixie', ...flags], { env: today })), built);

    await using empty = await startHttpServer();
    const lost = { SLIMIMAGE_MIRROR_DEBIAN: empty.origin, SLIMIMAGE_MIRROR_DEBIAN_SECURITY: empty.origin };
    const elsewhere = { ...env, ...lost, SLIMIMAGE_STORE: join(user.folder, 'elsewhere') };
    await user.write('slimimage.yaml', `from: ${from}\npackages: [hello]\nplatforms: [linux/amd64]\n`);
    await user.succeed(['lock'], { env: elsewhere });
    assert.ok(snapshot.requests.some(({ path }) => path.includes('/pool/')));
    assert.equal(snapshot.connections.busiest, 2);
    const lock = await readFile(join(user.folder, 'slimimage.lock.json'), 'utf8');
    assert.ok(lock.includes(from) && !lock.includes('127.0.0.1'));
    snapshot.forget();
    const locked = await user.succeed(['build', '--locked', '--offline'], { env: elsewhere });
    assert.equal(digestOf(locked), built);
    assert.equal(snapshot.requests.length, 0);
  });
});

/** /ARCHIVE/TIME/PATH -> what the host's mirror of that archive has now, a little slower. */
async function handOn(): Promise<Behaviour> {
  const sources = await readHostSources();
  const client = createHttpClient({ env: process.env });
  return after(20, async (asked) => {
    const [, archive = '', , ...path] = (asked.request.url ?? '').split('/');
    const variable = `SLIMIMAGE_MIRROR_${archive.toUpperCase().replace('-', '_')}`;
    const base = process.env[variable] ?? hostMirrors(archive, sources)[0];
    try {
      const { bytes } = await client.getBytes(`${base}/${path.join('/')}`, { maxSize: 100e6 });
      await content(bytes)(asked);
    } catch (error) {
      await status((error instanceof HttpError ? error.status : undefined) ?? 502)(asked);
    }
  });
}
