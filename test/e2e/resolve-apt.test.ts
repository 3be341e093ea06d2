/** `slimimage resolve` and `slimimage why` beside apt, over Debian's real archive. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { locatePreset, readHostSources } from '../../src/archive/mirrors.ts';
import { findPreset } from '../../src/archive/presets.ts';
import { resolveSchema, whySchema } from '../../src/build/answer-schemas.ts';
import { runCaptured } from '../../src/cli/testing.ts';
import type { ResolvedPackages, WhyAnswer } from '../../src/index.ts';
import { type AptRoot, makeAptRoot, releaseDigests, run, simulate, updateLists } from '../conformance/apt/apt-root.ts';
import { lackingArchive } from '../support/builder.ts';

const hasApt = spawnSync('apt-get', ['--version']).status === 0;
const skip = lackingArchive || (hasApt ? false : 'apt-get is not installed');

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
const validateClosure = ajv.compile(resolveSchema);
const validateWhy = ajv.compile(whySchema);

let folder: string;
let root: AptRoot;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-resolve-apt-'));
  if (skip !== false) return;
  const hostSources = await readHostSources();
  const specs = locatePreset(findPreset('debian/trixie'), 'amd64', { env: process.env, hostSources });
  const [lists, cache] = [join(folder, 'lists'), join(folder, 'cache')];
  root = await makeAptRoot(join(folder, 'apt'), specs, { architecture: 'amd64', lists, cache });
  await updateLists(root);
});

after(() => rm(folder, { recursive: true, force: true }));

async function answer<T>(...argv: readonly string[]): Promise<T> {
  const env = { ...process.env, HOME: folder, SLIMIMAGE_STORE: join(folder, 'store') };
  const { status, stdout, stderr } = await runCaptured([...argv, '--quiet', '--format', 'json'], { env, cwd: folder });
  assert.equal(status, 0, stdout + stderr);
  return JSON.parse(stdout) as T;
}

const from = ['--from', 'debian/trixie', '--arch', 'amd64'];

const requests = [
  'python3',
  'nginx',
  'curl ca-certificates',
  'postgresql',
  'nodejs',
  'default-jre-headless',
  'redis-server',
  'php-cli',
  'git openssh-client',
  'default-mta',
  'apache2 libapache2-mod-wsgi-py3',
];

for (const request of requests) {
  test(`${request}: the packages that apt installs`, { skip }, async (context) => {
    const packages = request.split(' ');
    const closure = await answer<ResolvedPackages>('resolve', ...packages, ...from);
    assert.ok(validateClosure(closure), JSON.stringify(validateClosure.errors));
    const known = await releaseDigests(join(folder, 'lists'));
    if (closure.releases.some(({ sha256 }) => !known.has(sha256))) {
      context.skip('the archive moved between the two questions');
      return;
    }
    const expected = await simulate(packages, root);
    assert.ok('install' in expected);
    const found = closure.packages.map(({ name, version, architecture }) => `${name}=${version}:${architecture}`);
    assert.deepEqual(found.sort(), [...expected.install].sort());
  });
}

const questions = [
  ['python3', 'libc6'],
  ['nginx', 'libkrb5support0'],
  ['postgresql', 'libxml2'],
  ['default-jre-headless', 'libgcc-s1'],
  ['default-mta', 'perl-base'],
] as const;

for (const [request, name] of questions) {
  test(`why ${name} is there for ${request}: every edge is in the control data`, { skip }, async () => {
    // What only maintainer scripts need is there too: apt knows no difference.
    const flags = ['--from', 'debian/trixie', '--platform', 'linux/amd64', '--base', 'none', '-p', request];
    flags.push('--dependencies', 'full');
    const why = await answer<WhyAnswer>('why', name, '--no-config', ...flags);
    assert.ok(validateWhy(why), JSON.stringify(validateWhy.errors));
    const [{ chain = [] } = {}] = why.packages;
    assert.deepEqual(chain[0]?.reason, { type: 'request', text: request });
    assert.equal(chain.at(-1)?.name, name);
    for (const [at, { reason }] of chain.entries()) {
      const above = chain[at - 1];
      if (above === undefined) continue;
      assert.ok('from' in reason && reason.from === above.name);
      const field = { depends: 'Depends', 'pre-depends': 'Pre-Depends', recommends: 'Recommends' }[reason.type];
      const { output } = await run('apt-cache', ['show', `${above.name}=${above.version}`], root);
      const text = new RegExp(`^${field}: (.*)$`, 'm').exec(output)?.[1] ?? '';
      assert.ok(text.split(', ').includes(reason.dependency), `${above.name} ${field}: ${reason.dependency}`);
    }
  });
}
