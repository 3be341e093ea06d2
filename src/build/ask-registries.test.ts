import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startMisbehavingRegistry } from '../../test/support/misbehaving-registry.ts';
import { always, refuses } from '../../test/support/registry-faults.ts';
import { SlimimageError } from '../errors.ts';
import { throwIfAborted } from '../util/abort.ts';
import { whileAskingRegistries } from './ask-registries.ts';
import type { Session } from './session.ts';

let cwd = '';
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'slimimage-ask-'));
});
after(() => rm(cwd, { recursive: true, force: true }));

const login = { user: 'mole', password: 'hunter2' };
const loginOf = ({ user, password }: typeof login, host: string) => ({
  SLIMIMAGE_REGISTRY_HOST: host,
  SLIMIMAGE_REGISTRY_USER: user,
  SLIMIMAGE_REGISTRY_PASSWORD: password,
});

describe('a build that pushes', () => {
  it('asks each repository once, and writes nothing there', async () => {
    await using registry = await startMisbehavingRegistry({ login });
    const tags = ['web:1.0', 'web:latest', 'other:1'].map((name) => `${registry.host}/${name}`);
    const outputs = [`docker://${registry.host}/web:2`, 'oci:out'];
    const env = loginOf(login, registry.host);
    const work = async (_: Session, asked: Promise<void>) => asked.then(() => 'done');
    const options = { cwd, store: join(cwd, 'store'), env, push: true, tags, outputs };
    assert.equal(await whileAskingRegistries(options, work), 'done');
    assert.deepEqual([...new Set(registry.asked())], ['HEAD blobs']);
    const paths = registry.requests.map(({ path }) => path.replace(/\/blobs\/.*/, ''));
    assert.deepEqual([...new Set(paths)].sort(), ['/v2/other', '/v2/web']);
    registry.forget();
    assert.equal(await whileAskingRegistries({ ...options, push: false, outputs: [] }, work), 'done');
    assert.deepEqual(registry.asked(), []);
  });

  it('ends at once where the login is wrong, and says what the push would have said', async () => {
    await using registry = await startMisbehavingRegistry({ login });
    const env = loginOf({ ...login, password: 'wrong' }, registry.host);
    const options = { cwd, store: join(cwd, 'store'), env, push: true, tags: [`${registry.host}/team/web:1`] };
    const pushed = whileAskingRegistries(options, ({ signal }) => untilStopped(signal));
    await assert.rejects(pushed, { code: 'HTTP_AUTH', message: /^127\.0\.0\.1:\d+\/team\/web: / });
  });

  it('fails of what goes wrong first, and of a stop by the user as ever', async () => {
    await using registry = await startMisbehavingRegistry();
    registry.inject(refuses('HEAD blobs/sha256', 503, always));
    const options = { cwd, store: join(cwd, 'store'), env: {}, push: true, tags: [`${registry.host}/team/web:1`] };
    const problem = new SlimimageError({ code: 'UNSATISFIABLE', message: 'no such package' });
    await assert.rejects(
      whileAskingRegistries(options, () => Promise.reject(problem)),
      problem,
    );
    const signal = AbortSignal.timeout(10);
    const stopped = whileAskingRegistries({ ...options, signal }, (session) => untilStopped(session.signal));
    await assert.rejects(stopped, { code: 'ABORTED' });
  });

  it('reads its CA file before all else', async () => {
    const options = { cwd, store: join(cwd, 'store'), env: {}, caFile: 'ca.pem' };
    const problem = { code: 'CONFIG_INVALID', message: `the CA file, ${join(cwd, 'ca.pem')}, can't be read` };
    await assert.rejects(
      whileAskingRegistries(options, () => assert.fail('it was begun')),
      problem,
    );
  });
});

/** As a build behaves that takes long. */
async function untilStopped(signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  throwIfAborted(signal);
}
