import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildInput, ClosurePackage, ImageSpec, ResolvedPackages } from '../index.ts';
import { runCaptured } from './testing.ts';

function closurePackage(name: string, requestedBy: ClosurePackage['requestedBy'], version = '1.0'): ClosurePackage {
  return {
    name,
    version,
    architecture: 'amd64',
    source: { name, version },
    archive: 'debian',
    suite: 'trixie',
    component: 'main',
    url: undefined,
    path: `pool/${name}.deb`,
    size: 1000,
    installedSize: 20_000,
    sha256: '',
    requestedBy,
    candidate: false,
  };
}

function needs(from: string, dependency: string, type: 'depends' | 'recommends' = 'depends') {
  return { type, from, dependency } as const;
}

const closure: ResolvedPackages = {
  platform: 'linux/amd64',
  requests: ['web', 'mail'],
  packages: [
    closurePackage('exim', [{ type: 'request', text: 'mail' }, needs('libc', 'exim | postfix')]),
    closurePackage('libc', [needs('exim', 'libc (>= 2)'), needs('web', 'libc'), needs('zlib', 'libc:any')], '2.41'),
    closurePackage('web', [{ type: 'request', text: 'web' }]),
    closurePackage('zlib', [needs('web', 'libz'), needs('web', 'zlib (>= 1)', 'recommends')]),
  ],
  releases: [],
};
const api = { resolvePackages: async () => closure };

test('a table: size, name, version, suite, who brought it in', async () => {
  const { stdout } = await runCaptured(['resolve', 'web', 'mail'], { api });
  assert.equal(
    stdout,
    `linux/amd64  4 packages, 4.0 kB to download, 80.0 kB installed
  20.0 kB  exim  1.0   debian/trixie  requested
  20.0 kB  libc  2.41  debian/trixie  for exim and 2 more
  20.0 kB  web   1.0   debian/trixie  requested
  20.0 kB  zlib  1.0   debian/trixie  for web
`,
  );
});

test('a tree: alternatives and virtual names say what was taken for them, cycles end', async () => {
  const { stdout } = await runCaptured(['resolve', 'web', 'mail', '--format', 'tree'], { api });
  assert.equal(
    stdout,
    `linux/amd64  4 packages, 4.0 kB to download, 80.0 kB installed
exim 1.0  20.0 kB  [mail]
└── libc 2.41  20.0 kB
    └── exim (see above)  [for exim | postfix]
web 1.0  20.0 kB
├── libc (see above)
└── zlib 1.0  20.0 kB  [for libz]
    └── libc (see above)
`,
  );
});

test('JSON is the answer itself', async () => {
  const { stdout } = await runCaptured(['resolve', 'web', '--format', 'json'], { api });
  assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(closure)));
});

test('packages stand alone: Debian’s archive, no base-files, unless flags say so', async () => {
  const asked = async (...argv: readonly string[]): Promise<Partial<ImageSpec>> => {
    let input: BuildInput | undefined;
    const resolvePackages = async (spec: BuildInput) => {
      input = spec;
      return closure;
    };
    const { status, stderr } = await runCaptured(['resolve', ...argv], { api: { resolvePackages }, cwd: '/nowhere' });
    assert.equal(status, 0, stderr);
    return input as ImageSpec;
  };
  assert.partialDeepStrictEqual(await asked('python3', './own.deb'), {
    from: 'debian/trixie',
    packages: ['python3', '/nowhere/own.deb'],
    base: 'none',
    dependencies: 'full',
  });
  assert.partialDeepStrictEqual(
    await asked('a1', '-p', 'b2', '--from', 'debian/bookworm', '--arch', 'i386', '--base', 'debian', '--recommends'),
    { from: 'debian/bookworm', packages: ['a1', 'b2'], base: 'debian', platforms: ['linux/386'], recommends: true },
  );
  assert.partialDeepStrictEqual(await asked('-p', 'b2', '--from', 'debian/trixie'), {
    packages: ['b2'],
    base: 'debian',
  });
});

test('what can’t be answered is refused with a way out', async () => {
  const refused = async (...argv: readonly string[]) => {
    const { status, stdout, stderr } = await runCaptured(['resolve', ...argv], { api });
    assert.deepEqual([status, stdout], [2, '']);
    return stderr;
  };
  assert.match(await refused('web', '--dependencies', 'some'), /expected runtime, full or none, not "some"/);
  assert.match(await refused('web', '--platform', 'amd64,arm64'), /names amd64 and arm64, but/);
  assert.match(await refused('web', '--arch', 'amd64,arm64'), /--arch names amd64 and arm64, but/);
  assert.match(await refused('web', '--arch', 'arm64', '--platform', 'arm64'), /cannot be used with option/);
  assert.match(await refused('we b'), /"we b" is not a package/);
  assert.match(await refused(), /there is no slimimage.yaml in this folder/);
});
