import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DebFile, makeTar } from '../../test/support/deb.ts';
import { auditRules } from '../audit/rules.ts';
import { makeElf } from '../formats/elf/elf-maker.ts';
import type { HistoryEntry, RuntimeConfig } from '../oci/documents.ts';
import { encodeImageConfig, encodeManifest } from '../oci/encode.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { LocalStore } from '../store/local-store.ts';
import { digestOf } from '../util/digest.ts';
import { auditImage } from './audit-image.ts';

const key = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;
/** Looks like a token, and is none. */
const token = `ghp_${'aB3dE6gH9jK2'.repeat(3)}`;

type Layer = Readonly<Record<string, DebFile>>;
interface Planted {
  readonly layers: readonly Layer[];
  readonly runtime: RuntimeConfig;
  readonly history: readonly HistoryEntry[];
}

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-audit-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function audit({ layers, runtime, history }: Planted, name: string) {
  const store = await LocalStore.open(join(folder, 'store'));
  try {
    const tars = layers.map((layer) => makeTar(Object.entries(layer)));
    const descriptors = [];
    for (const tar of tars)
      descriptors.push({ mediaType: `${mediaTypes.ociLayer}+gzip`, ...(await store.write(gzipSync(tar))) });
    const diffIds = tars.map((tar) => digestOf(tar));
    const platform = { os: 'linux', architecture: 'amd64' };
    const config = encodeImageConfig({
      ...platform,
      config: runtime,
      rootfs: { type: 'layers', diff_ids: diffIds },
      history,
    });
    await store.write(config.bytes);
    const manifest = encodeManifest({ config: config.descriptor, layers: descriptors });
    await store.write(manifest.bytes);
    await store.tag(manifest.descriptor, `${name}:latest`);
  } finally {
    await store.close();
  }
  const options = { store: join(folder, 'store'), cwd: folder, env: {}, date: '2026-11-01' };
  return auditImage(`store:${name}`, options);
}

const program = (recipe: Parameters<typeof makeElf>[0] = {}, mode = 0o755): DebFile => ({
  content: makeElf(recipe),
  mode,
});
const stanza = (name: string, more = '') =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n${more}\n`;
const hard = {
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libc.so.6'],
  symbols: ['__stack_chk_fail'],
  relro: true,
  stack: 'data',
  flags1: 0x08000000,
} as const;

const sound: Planted = {
  layers: [
    {
      'etc/': {},
      'etc/os-release': 'ID=debian\nVERSION_CODENAME=trixie\n',
      'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\napp:x:1000:1000::/:/sbin/nologin\n',
      'etc/shadow': { content: 'root:*:1::::::\n', mode: 0o640 },
      'tmp/': { mode: 0o1777 },
      'usr/bin/app': program(hard),
      'var/lib/dpkg/status': stanza('app'),
      'var/lib/dpkg/info/app.list': '/usr/bin/app\n',
    },
  ],
  runtime: {
    User: 'app',
    Entrypoint: ['/usr/bin/app'],
    Healthcheck: { Test: ['CMD', '/usr/bin/app'] },
    ExposedPorts: { '8080/tcp': {} },
  },
  history: [{ created_by: 'COPY . .' }],
};

/** A fault for every rule, but for those of which the name of the image speaks. */
const faulty: Planted = {
  layers: [
    {
      ...sound.layers[0],
      'etc/os-release': 'ID=debian\nVERSION_CODENAME=bullseye\n',
      'etc/passwd': 'root:x:0:0::/:\ntoor:x:0:0::/:\na:x:1:1::/:\nb:x:1:1::/:\n',
      'etc/shadow': 'root::1::::::\ntoor:$6$salt$hash:1::::::\n',
      'app/deleted.pem': key,
      'usr/bin/curl': program(hard),
      'usr/bin/gone': program(hard),
      'var/lib/dpkg/status': `${stanza('app')}\n${stanza('gone')}`,
      'var/lib/dpkg/info/gone.list': '/usr/bin/gone\n',
    },
    {
      'app/.wh.deleted.pem': '',
      'usr/bin/.wh.gone': '',
      'var/lib/dpkg/status': stanza('app'),
      'var/lib/dpkg/status.d/broken': 'Package\n',
      'app/key.pem': key,
      'app/config.ini': `token = "${token}"\n`,
      'app/.git/': {},
      'app/Dockerfile': 'FROM x\n',
      'app/open/': { mode: 0o777 },
      'app/open/file': { content: 'x', mode: 0o666 },
      'app/disk': { type: 'block', deviceMajor: 8, deviceMinor: 0 },
      'app/suid': program(hard, 0o4755),
      'app/sgid': program(hard, 0o2755),
      'app/caps': {
        ...(program(hard) as object),
        xattrs: new Map([
          ['security.capability', Uint8Array.from([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
        ]),
      },
      'app/weak': program({
        type: 2,
        interpreter: '/lib/ld.so',
        needed: ['libc.so.6'],
        stack: 'executable',
        runpath: '/tmp/lib',
      }),
      ...Object.fromEntries(
        ['sudo', 'dash', 'apt-get', 'gcc', 'nmap', 'gdb', 'perl'].map((name) => [`usr/bin/${name}`, program(hard)]),
      ),
      'var/lib/apt/lists/archive_InRelease': 'x',
    },
  ],
  runtime: {
    Env: [`GITHUB_TOKEN=${token}`],
    Labels: { token },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/etc': {} },
    Entrypoint: ['/usr/bin/app'],
  },
  history: [
    { created_by: 'RUN /bin/sh -c apt-get update # buildkit' },
    { created_by: 'ADD app /app # buildkit' },
    { created_by: `RUN |1 TOKEN=${token} /bin/sh -c apt-get -y upgrade # buildkit`, empty_layer: true },
  ],
};

test('every rule finds its fault in an image, read from its bytes', async () => {
  const report = await audit(faulty, 'faulty');
  const silent = new Set(auditRules.map(({ id }) => id as string));
  for (const { rule } of report.findings) silent.delete(rule);
  assert.deepEqual([...silent], ['latest-tag']);
  assert.ok(!JSON.stringify(report).includes(token));
  const names = new Map(report.findings.map(({ rule, path }) => [rule, path]));
  assert.equal(names.get('deleted-secret'), '/app/deleted.pem');
  assert.equal(names.get('file-capabilities'), '/app/caps');
  assert.equal(names.get('library-search-path'), '/app/weak');
});

test('and no rule in one without faults', async () => {
  assert.deepEqual((await audit(sound, 'sound')).findings, []);
});

test('a secret in a file of a package counts where its md5 says that it was changed', async () => {
  const [base] = sound.layers;
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const withSum = (sum: string) => ({
    ...sound,
    layers: [
      {
        ...base,
        'usr/share/app/key.pem': key,
        'var/lib/dpkg/info/app.list': '/usr/bin/app\n/usr/share/app/key.pem\n',
        'var/lib/dpkg/info/app.md5sums': `${sum}  usr/share/app/key.pem\n`,
      },
    ],
  });
  assert.deepEqual((await audit(withSum(md5(key)), 'shipped')).findings, []);
  const { findings } = await audit(withSum(md5('another')), 'changed');
  assert.deepEqual(
    findings.map(({ rule, path }) => [rule, path]),
    [['private-key', '/usr/share/app/key.pem']],
  );
});
