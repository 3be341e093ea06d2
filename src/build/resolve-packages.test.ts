import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { archiveToday, startArchive, type TestArchive } from '../../test/support/archive-server.ts';
import { flagsToSpec } from '../config/load.ts';
import type { ImageSpec } from '../config/spec.ts';
import { resolveSchema } from './answer-schemas.ts';
import { resolvePackages } from './resolve-packages.ts';

const validate = new Ajv({ strict: true }).compile(resolveSchema);

let archive: TestArchive;
let store: string;

before(async () => {
  store = await mkdtemp(join(tmpdir(), 'slimimage-resolve-'));
  archive = await startArchive();
  await archive.publish({
    architectures: ['amd64', 'arm64'],
    components: {
      main: [
        { name: 'app', version: '2:1.0+b1', fields: { Depends: 'web (>= 1) | tiny', 'Installed-Size': '12' } },
        { name: 'web', fields: { Source: 'webs (1.0)', 'Pre-Depends': 'libc6', Recommends: 'docs' } },
        { name: 'tiny' },
        { name: 'libc6', fields: { 'Multi-Arch': 'same' } },
        { name: 'docs', architecture: 'all' },
        { name: 'app', version: '1.0', architecture: 'arm64' },
      ],
    },
  });
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  await rm(store, { recursive: true, force: true });
});

function specOf(changes: Partial<ImageSpec>): ImageSpec {
  const { urls, ...rest } = archive.spec();
  const url = new URL(urls[0] ?? '');
  url.username = 'user';
  url.password = 'hidden';
  const archives = [{ ...rest, urls: [url.href] }];
  const spec = flagsToSpec({ from: 'debian/trixie' }, { cwd: '/', platform: 'linux/amd64' });
  return { ...spec, from: undefined, archives, base: 'none', ...changes };
}

const options = () => ({ store, env: {}, cwd: '/', now: () => archiveToday.getTime() });

test('a closure as plain data that its published schema describes', async () => {
  const closure = await resolvePackages(specOf({ packages: ['app'], recommends: true }), options());
  const data: unknown = JSON.parse(JSON.stringify(closure));
  assert.ok(validate(data), JSON.stringify(validate.errors));
  assert.deepEqual([closure.platform, closure.requests], ['linux/amd64', ['app']]);
  assert.deepEqual(
    closure.packages.map(({ name, requestedBy }) => [name, requestedBy]),
    [
      ['app', [{ type: 'request', text: 'app' }]],
      ['docs', [{ type: 'recommends', from: 'web', dependency: 'docs' }]],
      ['libc6', [{ type: 'pre-depends', from: 'web', dependency: 'libc6' }]],
      ['web', [{ type: 'depends', from: 'app', dependency: 'web (>= 1) | tiny' }]],
    ],
  );
  const [app, , , web] = closure.packages;
  assert.partialDeepStrictEqual(app, { version: '2:1.0+b1', architecture: 'amd64', installedSize: 12 * 1024 });
  assert.partialDeepStrictEqual(web, {
    source: { name: 'webs', version: '1.0' },
    archive: 'test',
    suite: 'trixie',
    component: 'main',
  });
  assert.match(app?.sha256 ?? '', /^[0-9a-f]{64}$/);
  assert.equal(closure.releases.length, 1);
});

test('the URL leads to the .deb and carries no login', async () => {
  const closure = await resolvePackages(specOf({ packages: ['app'] }), options());
  assert.ok(!JSON.stringify(closure).includes('hidden'));
  const [app] = closure.packages;
  const bytes = await (await fetch(app?.url ?? '')).arrayBuffer();
  assert.equal(bytes.byteLength, app?.size);
});

test('of several platforms, one answers', async () => {
  const closure = await resolvePackages(specOf({ packages: ['app'], platforms: ['linux/arm64'] }), options());
  assert.deepEqual([closure.platform, closure.packages[0]?.version], ['linux/arm64', '1.0']);
});

test('nothing asked for is an empty answer', async () => {
  const closure = await resolvePackages(specOf({ packages: [] }), options());
  assert.deepEqual(closure.packages, []);
  assert.ok(validate(JSON.parse(JSON.stringify(closure))));
});
