/** The audit on images of Debian's real packages: what slimimage built, and what mmdebstrap made. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCaptured } from '../../src/cli/testing.ts';
import { auditImage, buildImage, loadConfig } from '../../src/index.ts';
import { lackingArchive } from '../support/builder.ts';
import { lackingMaterials, lookMaterials } from '../support/look-materials.ts';
import { projectRoot } from '../support/source-code.ts';

/** Before the support of both releases ends. */
const date = '2026-01-15';
const libraries = '/usr/lib/x86_64-linux-gnu';

/** Debian builds Python for fixed addresses, and these have no function that wants a canary. */
const withoutCanary = [
  ...['_bz2', '_codecs_cn', '_codecs_hk', '_codecs_iso2022', '_codecs_jp', '_codecs_kr', '_codecs_tw', '_ctypes_test'],
  ...['_curses', '_dbm', '_decimal', '_interpchannels', '_interpreters', '_lzma', '_multiprocessing', '_posixshmem'],
  ...['_queue', '_sqlite3', '_ssl', '_testbuffer', '_testcapi', '_testexternalinspection', '_testinternalcapi'],
  ...['_testlimitedcapi', '_xxtestfuzz', '_zoneinfo', 'mmap', 'readline', 'resource', 'xxsubtype'],
].map((name) => `/usr/lib/python3.13/lib-dynload/${name}.cpython-313-x86_64-linux-gnu.so`);
const withoutCanaryElsewhere = [
  ...['gconv/libCNS.so', 'gconv/libGB.so', 'gconv/libISOIR165.so', 'gconv/libJIS.so', 'gconv/libJISX0213.so'],
  ...['gconv/libKSC.so', 'libanl.so.1', 'libdl.so.2', 'libgcc_s.so.1', 'libmvec.so.1', 'libnss_dns.so.2'],
  ...['libnss_files.so.2', 'libpanelw.so.6.5', 'libpthread.so.0', 'librt.so.1', 'libutil.so.1'],
].map((name) => `${libraries}/${name}`);

const infosOfPython = [
  'elf-no-pie /usr/bin/python3.13',
  ...[...withoutCanary, ...withoutCanaryElsewhere].map((path) => `elf-no-canary ${path}`),
  'no-healthcheck',
];

const text = `store:python:latest (linux/amd64): 48 infos

info elf-no-pie: /usr/bin/python3.13
  Its code is at the same address in every run, so that an attack can rely on
  it. Build it with -fPIE -pie (Go: -buildmode=pie).

info elf-no-canary: 46 files, 29 of libpython3.13-stdlib, 14 of libc6, 1 of
  libpython3.13-minimal, 1 of libgcc-s1, 1 of libncursesw6
  An overflow of a buffer on the stack is not noticed before the function
  returns. Build it with -fstack-protector-strong.

info no-healthcheck: the image has no health check
  An engine can not tell whether the program in a running container still
  answers. Add a HEALTHCHECK, unless an orchestrator brings its own probes.

45 rules asked; --verbose tells more of each finding
`;

describe('audit of the demo’s Python image', { skip: lackingArchive }, () => {
  let folder = '';
  let store = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-audit-'));
    store = join(folder, 'store');
    const spec = await loadConfig('examples/python.yaml', { cwd: projectRoot, flags: { platform: ['linux/amd64'] } });
    await buildImage(spec, { store, cwd: folder });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('finds exactly these infos, and nothing else', async () => {
    const { findings } = await auditImage('store:python', { store, cwd: folder, date });
    assert.deepEqual(
      findings.map(({ level, rule, path }) => [level, rule, ...(path === undefined ? [] : [path])].join(' ')),
      infosOfPython.map((line) => `info ${line}`),
    );
  });

  test('prints them', async () => {
    const argv = ['audit', 'store:python', '--store', store, '--date', date];
    const { status, stdout, stderr } = await runCaptured(argv, { cwd: folder });
    assert.deepEqual([status, stdout, stderr], [0, text, '']);
  });

  test('a level that fails, an allow-list and the end of support', async () => {
    const common = { store, cwd: folder };
    const level = await runCaptured(
      ['audit', 'store:python', '--store', store, '--fail-on', 'info', '--quiet'],
      common,
    );
    assert.equal(level.status, 1);
    const later = await auditImage('store:python', { ...common, date: '2031-01-01', only: ['end-of-life'] });
    assert.deepEqual(
      later.findings.map(({ message }) => message),
      ['Debian 13 (trixie) gets no security updates since 2030-06-30'],
    );
  });
});

describe('audit of a plain Debian', { skip: lackingMaterials }, () => {
  test('finds no error, no warning and no secret, and as many set-user-id files as tar lists', async () => {
    const { base } = await lookMaterials();
    const folder = await mkdtemp(join(tmpdir(), 'slimimage-audit-'));
    try {
      const report = await auditImage(`tar:${base}`, { store: join(folder, 'store'), cwd: folder, date });
      assert.deepEqual(
        report.findings.filter(({ level }) => level !== 'info').map(({ rule, message }) => [rule, message]),
        [],
      );
      const found = new Set(report.findings.map(({ rule }) => rule));
      for (const rule of ['private-key', 'secret-in-file', 'deleted-secret']) assert.ok(!found.has(rule), rule);
      const listed = execFileSync('tar', ['-tvf', base], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\n');
      const raised = listed.filter((line) => /^-..s/.test(line)).map((line) => line.replace(/^.* \.?/, ''));
      assert.deepEqual(
        report.findings.filter(({ rule }) => rule === 'setuid-file').map(({ path }) => path),
        raised.map((path) => (path.startsWith('/') ? path : `/${path}`)).sort(),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
