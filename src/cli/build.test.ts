import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SlimimageError } from '../errors.ts';
import type { BuildInput, BuildOptions, ImageSpec, OperationOptions } from '../index.ts';
import { UnsatisfiableError } from '../index.ts';
import { digest, type RunOptions, runCaptured, sampleResult } from './testing.ts';

type Call = { readonly spec: ImageSpec; readonly options: BuildOptions & OperationOptions };

test('stdout is the reference with its digest, stderr a summary', async () => {
  const { status, stdout, stderr } = await runCaptured(['build', '--from', 'debian/trixie', '-p', 'nginx'], succeed());
  assert.equal(status, 0);
  assert.equal(stdout, `store:web@${digest}\n`);
  assert.equal(
    stderr,
    `linux/amd64  2 packages, 2 files of your own (1.5 kB), 14.2 MB, 5.4 MB compressed
  12.8 MB  libc6  2.41-12
   1.4 MB  nginx  1.26.3-3
  layer sha256:abababababab  14.2 MB, 5.4 MB compressed: libc6, nginx, 2 files of your own
  maintainer scripts: 1 script, 1 covered by effects
  left out: documentation 250.0 kB (12)
  special permissions stripped: /usr/bin/su 4755
  1 path of more than one package, decided as dpkg does (--verbose lists them)

written store:web (5.4 MB)
warning: 3 files have no owner
done in 1.5 s
`,
  );
});

test('--verbose says who has a path that two packages have', async () => {
  const { stderr } = await runCaptured(['build', '--verbose', '--from', 'debian/trixie', '-p', 'nginx'], succeed());
  assert.ok(stderr.includes('  /usr/bin/x: of nginx, which Replaces libc6\n'), stderr);
});

test('repositories of git that were not copied are told, and how they would be', async () => {
  const { stderr } = await runCaptured(['build', '--file', './a:/a'], {
    api: { buildImage: async () => sampleResult({ leftOut: ['/a/.git', '/a/lib/.git'] }) },
  });
  assert.ok(stderr.includes('  left out: /a/.git, /a/lib/.git (ignore: ["!.git"] copies it)\n'), stderr);
});

test('Python modules that were compiled, and those that are none', async () => {
  const told = async (failed: readonly string[], ...argv: readonly string[]) => {
    const bytecode = { compiler: 'pyodide 0.29.5', python: '3.13', modules: 597, failed };
    const api = { buildImage: async () => sampleResult({ bytecode }) };
    const { stderr } = await runCaptured(['build', '--file', './a:/a', ...argv], { api });
    return /^ {2}byte code: (.*)$/m.exec(stderr)?.[1];
  };
  assert.equal(await told([]), '597 Python modules, by pyodide 0.29.5');
  const some = '597 Python modules, by pyodide 0.29.5; 1 left out that are no Python 3.13';
  assert.equal(await told(['/usr/lib/python3/x.py']), some);
  assert.equal(await told(['/usr/lib/python3/x.py'], '--verbose'), `${some}: /usr/lib/python3/x.py`);
});

test('what was signed is told, each kind once', async () => {
  const of = (predicateType: string) => ({ subject: digest, platform: undefined, predicateType, referrer: digest });
  const types = ['https://sigstore.dev/cosign/sign/v1', 'https://slsa.dev/provenance/v1', 'https://cyclonedx.org/bom'];
  const signatures = [...types, ...types].map((type) => ({ ...of(type), outcome: 'signed' as const }));
  const { stderr } = await runCaptured(['build', '--file', './a:/a', '--sign', 'key.pem'], {
    api: { buildImage: async () => ({ ...sampleResult(), signatures }) },
  });
  assert.ok(stderr.includes('\nsigned: image, provenance, SBOM (CycloneDX)\n'), stderr);
});

test('several layers are told with what they hold', async () => {
  const layer = { digest, diffId: digest, mediaType: 'm', size: 1000, compressedSize: 500, inherited: false };
  const files = { own: 0, generated: 0 };
  const layers = [
    { ...layer, inherited: true, what: undefined },
    { ...layer, what: { packages: ['a', 'b', 'c', 'd', 'e', 'f'], files: { ...files, generated: 12 } } },
    { ...layer, what: { packages: [], files: { ...files, generated: 12 } } },
    { ...layer, what: { packages: [], files: { ...files, own: 1 } } },
  ];
  const { stderr } = await runCaptured(['build', '--file', './a:/a'], {
    api: { buildImage: async () => sampleResult({ layers }) },
  });
  const lines = stderr.split('\n').filter((line) => line.startsWith('  layer '));
  assert.deepEqual(
    lines.map((line) => line.replace('  layer sha256:abababababab  1.0 kB, 500 B compressed', '')),
    [', of the image below', ': a, b, c, d, 2 more packages', ': 12 generated files', ': 1 file of your own'],
  );
});

test('--quiet leaves the reference alone, --format json everything', async () => {
  const quiet = await runCaptured(['build', '-q', '--file', './a:/a'], succeed());
  assert.deepEqual([quiet.status, quiet.stdout, quiet.stderr], [0, `store:web@${digest}\n`, '']);
  const json = await runCaptured(['build', '--format', 'json', '--file', './a:/a'], succeed());
  assert.deepEqual(JSON.parse(json.stdout).platforms, JSON.parse(JSON.stringify(sampleResult().platforms)));
  assert.equal(json.stderr, '');
});

test('many packages are cut to the largest; --verbose shows all', async () => {
  const [one] = sampleResult().platforms[0]?.packages ?? [];
  const packages = Array.from({ length: 40 }, (_, index) => ({
    ...one,
    name: `p${index}`,
    installedBytes: index * 1000,
  }));
  const api = { buildImage: async () => sampleResult({ packages: packages as never }) };
  const short = await runCaptured(['build', '--file', './a:/a'], { api });
  assert.match(short.stderr, /39\.0 kB {2}p39 /);
  assert.match(short.stderr, /378\.0 kB {2}28 more \(--verbose lists them\)/);
  const long = await runCaptured(['build', '--file', './a:/a', '--verbose'], { api });
  assert.match(long.stderr, / 0 B {2}p0 /);
});

test('flags reach the build: targets as options, the image as a specification', async () => {
  const calls: Call[] = [];
  const argv =
    'build --from debian/trixie -p nginx,curl -p tzdata --file ./site:/srv -t web:dev -t web:2 -o oci:out --load --offline --store /s --jobs 3 --platform arm64,amd64 -e A=1 --compression zstd';
  await runCaptured(argv.split(' '), succeed(calls));
  const [call] = calls;
  assert.ok(call);
  const { tags, outputs, load, offline, store, jobs, cwd } = call.options;
  assert.deepEqual(
    { tags, outputs, load, offline, store, jobs, cwd },
    {
      tags: ['web:dev', 'web:2'],
      outputs: ['oci:out'],
      load: true,
      offline: true,
      store: '/s',
      jobs: 3,
      cwd: '/nowhere',
    },
  );
  assert.deepEqual(call.spec.packages, ['nginx', 'curl', 'tzdata']);
  assert.deepEqual(call.spec.platforms, ['linux/arm64', 'linux/amd64']);
  assert.deepEqual(
    [call.spec.files[0]?.source, call.spec.config.env, call.spec.compression],
    ['/nowhere/site', { A: '1' }, { algorithm: 'zstd', level: 3 }],
  );
});

test('a file is found, flags lie on top, and --no-config ignores it', async () => {
  await inFolder({ 'slimimage.yaml': 'from: debian/trixie\npackages: [nginx]\n' }, async (cwd) => {
    const calls: Call[] = [];
    await runCaptured(['build'], { ...succeed(calls), cwd });
    await runCaptured(['build', '-p', 'curl'], { ...succeed(calls), cwd });
    await runCaptured(['build', '--no-config', '--file', './a:/a'], { ...succeed(calls), cwd });
    await runCaptured(['build', '.'], { ...succeed(calls), cwd });
    assert.deepEqual(
      calls.map(({ spec }) => spec.packages),
      [['nginx'], ['nginx', 'curl'], [], ['nginx']],
    );
    const { stderr } = await runCaptured(['build', '--no-config'], { ...succeed(calls), cwd });
    assert.match(stderr, /--no-config reads no slimimage\.yaml, and no flag describes an image/);
  });
});

test('no file and no flags', async () => {
  const { status, stdout, stderr } = await runCaptured(['build'], succeed());
  assert.deepEqual([status, stdout], [2, '']);
  assert.equal(
    stderr,
    'error: there is no slimimage.yaml in this folder\nhint: Write one, name one, or describe the image with flags: slimimage build --from debian/trixie -p nginx\n',
  );
});

test('a lock is not taken for a configuration', async () => {
  const { status, stderr } = await runCaptured(['build', 'web.lock.json'], succeed());
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^error: web\.lock\.json is a lock, and a configuration is meant here\nhint: .*--lock-file FILE/,
  );
});

test('mistakes of a file are shown where they are, as text and as JSON', async () => {
  await inFolder({ 'slimimage.yaml': 'from: debian/trixie\npackges: [nginx]\n' }, async (cwd) => {
    const text = await runCaptured(['build'], { ...succeed(), cwd });
    assert.equal(text.status, 2);
    assert.equal(
      text.stderr,
      'error: slimimage.yaml:2:1: unknown key "packges"\n  2 | packges: [nginx]\n    | ^^^^^^^\n  did you mean "packages"?\n',
    );
    const json = await runCaptured(['build', '--format=json'], { ...succeed(), cwd });
    const { error } = JSON.parse(json.stdout);
    assert.deepEqual(
      [json.status, error.code, error.problems[0].line, error.problems[0].hint],
      [2, 'CONFIG_INVALID', 2, 'did you mean "packages"?'],
    );
    assert.equal(json.stderr, '');
  });
});

test('a refusal says what to do, --verbose why; the status is that of its code', async () => {
  const cause = new SlimimageError({ code: 'NETWORK', message: 'connection refused' });
  const error = new SlimimageError({
    code: 'OFFLINE',
    message: 'libc6 is not there',
    hint: 'leave out --offline',
    cause,
  });
  const short = await runCaptured(['build', '--file', './a:/a'], throwing(error));
  assert.deepEqual([short.status, short.stderr], [3, 'error: libc6 is not there\nhint: leave out --offline\n']);
  const long = await runCaptured(['build', '--file', './a:/a', '--verbose'], throwing(error));
  assert.match(long.stderr, /because: connection refused\ncode: OFFLINE\n$/);
});

test('what cannot be satisfied is explained, and machines get the conflicts', async () => {
  const conflict = { type: 'unknown', request: 'ngnix', name: 'ngnix', nearest: ['nginx'] } as const;
  const error = new UnsatisfiableError({
    message: 'no package is called "ngnix"',
    platform: 'linux/amd64',
    conflicts: [conflict],
  });
  const { status, stdout } = await runCaptured(['build', '--file', './a:/a', '--format', 'json'], throwing(error));
  assert.equal(status, 2);
  assert.deepEqual(JSON.parse(stdout).error.conflicts, [conflict]);
});

test('an error that nobody foresaw is called a bug', async () => {
  const { status, stderr } = await runCaptured(
    ['build', '--file', './a:/a'],
    throwing(new TypeError('x is \u001b[31mundefined')),
  );
  assert.equal(status, 3);
  assert.match(stderr, /^internal error: x is \ufffd\[31mundefined\nhint: This is a bug in slimimage/);
});

test('a stop is no error', async () => {
  const error = new SlimimageError({ code: 'ABORTED', message: 'stopped on request' });
  const { status, stderr } = await runCaptured(['build', '--file', './a:/a'], throwing(error));
  assert.deepEqual([status, stderr], [3, 'stopped on request\n']);
});

test('--dry-run refuses what a build would refuse of names, targets and keys', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'slimimage-dry-'));
  await writeFile(join(cwd, 'slimimage.yaml'), 'from: debian/trixie\npackages: [nginx]\n');
  const env = { SLIMIMAGE_STORE: join(cwd, 'store') };
  for (const [flags, message] of [
    [['--push'], /--push needs a name/],
    [['-t', 'Web:'], /Web:/],
    [['-o', 'nonsense:xx'], /"nonsense:xx" is not a place that a build writes to/],
    [['--attach'], /--attach puts papers into a layout/],
    [['--sign', '/nonexistent'], /There is no key \/nonexistent/],
  ] as const) {
    const { status, stderr } = await runCaptured(['build', '--dry-run', ...flags], { cwd, env });
    assert.equal(status, 2, flags.join(' '));
    assert.match(stderr, message);
  }
  await rm(cwd, { recursive: true });
});

test('--dry-run prints the plan', async () => {
  const planned = {
    ...{ name: 'nginx', version: '1.26', architecture: 'amd64', source: { name: 'nginx', version: '1.26' } },
    ...{ size: 500_000, installedBytes: 1_400_000, sha256: '00', archive: 'debian', suite: 'trixie' },
    ...{ component: 'main', path: 'pool/nginx.deb', url: undefined, requestedBy: [], candidate: false },
  };
  const packages = [
    { ...planned, requested: true, because: undefined },
    { ...planned, name: 'zlib1g', requested: false, because: 'nginx' },
  ];
  const api = {
    planImage: async () => ({ name: 'web', platforms: [{ platform: 'linux/amd64', packages, releases: [] }] }),
  };
  const { stdout } = await runCaptured(['build', '--dry-run', '--from', 'debian/trixie', '-p', 'nginx'], { api });
  assert.equal(
    stdout,
    `linux/amd64  2 packages, 1.0 MB to download, 2.8 MB installed
  1.4 MB  nginx   1.26  debian/trixie  requested
  1.4 MB  zlib1g  1.26  debian/trixie  for nginx
`,
  );
});

function succeed(calls: Call[] = []): RunOptions {
  const buildImage = async (spec: BuildInput, options: BuildOptions & OperationOptions = {}) => {
    calls.push({ spec: spec as ImageSpec, options });
    return sampleResult();
  };
  return { api: { buildImage } };
}

function throwing(error: Error): RunOptions {
  return { api: { buildImage: () => Promise.reject(error) } };
}

async function inFolder(files: Readonly<Record<string, string>>, action: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-cli-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await action(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('flags of delivery and papers reach the build', async () => {
  const calls: Call[] = [];
  const argv =
    'build --file ./a:/a -t registry.example/a:1 --push --sbom cyclonedx --sbom spdx-3 --no-provenance --attach --sign key.pem --metadata-file m.json';
  await runCaptured(argv.split(' '), succeed(calls));
  const { push, sboms, provenance, attach, sign, metadataFile } = calls[0]?.options ?? {};
  assert.deepEqual(
    { push, sboms, provenance, attach, sign, metadataFile },
    {
      push: true,
      sboms: ['spdx-3', 'cyclonedx'],
      provenance: false,
      attach: true,
      sign: 'key.pem',
      metadataFile: 'm.json',
    },
  );
  await runCaptured(['build', '--file', './a:/a'], succeed(calls));
  assert.deepEqual([calls[1]?.options.sboms, calls[1]?.options.provenance], [undefined, true]);
  await runCaptured(['build', '--file', './a:/a', '--sbom', 'none'], succeed(calls));
  assert.deepEqual(calls[2]?.options.sboms, []);
});

test('an unknown format of SBOM, and none beside another, are slips of the command', async () => {
  const unknown = await runCaptured(['build', '--file', './a:/a', '--sbom', 'json']);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /'json' is invalid\. Allowed choices are spdx, spdx-3, cyclonedx, none\./);
  const both = await runCaptured(['build', '--file', './a:/a', '--sbom', 'spdx', '--sbom', 'none'], succeed());
  assert.deepEqual(
    [both.status, both.stderr],
    [2, 'error: --sbom none makes none, and there is --sbom spdx too\nhint: Leave one of them out.\n'],
  );
});

test('the summary has a line for the papers, and says what a push cost', async () => {
  const paper = { digest, platform: 'linux/amd64' };
  const sent = { copied: 3, copiedLayers: 2, copiedBytes: 5_400_000, skipped: 2, mounted: 1, referrers: 3 };
  const push = { target: 'docker://registry.example/web:1', bytes: 5_400_000, note: undefined, sent };
  const again = { ...push, sent: { ...sent, copied: 0, copiedLayers: 0, copiedBytes: 0, mounted: 0 } };
  const { stderr } = await runCaptured(['build', '--file', './a:/a'], {
    api: {
      buildImage: async () => ({
        ...sampleResult(),
        papers: [
          { ...paper, kind: 'spdx', size: 2000 },
          { ...paper, kind: 'spdx', size: 1000 },
          { ...paper, kind: 'provenance', size: 500 },
        ],
        outputs: [push, again],
      }),
    },
  });
  assert.ok(stderr.includes('\npapers: SPDX 3.0 kB, provenance 500 B\n'), stderr);
  const pushed = 'pushed docker://registry.example/web:1 (5.4 MB):';
  assert.ok(
    stderr.includes(
      `${pushed} 2 layers and 1 document sent (5.4 MB), 1 taken over from other repositories, 2 there already\n`,
    ),
  );
  assert.ok(stderr.includes(`${pushed} nothing to send, 2 there already\n`), stderr);
});
