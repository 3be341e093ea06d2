import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchDebs } from '../../src/archive/fetch-debs.ts';
import { hostMirrors, locatePreset, readHostSources } from '../../src/archive/mirrors.ts';
import { openArchives } from '../../src/archive/open-archives.ts';
import { openDebs } from '../../src/archive/open-debs.ts';
import { findPreset } from '../../src/archive/presets.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { loadCredentials } from '../../src/net/load-credentials.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { sha256Hex } from '../../src/util/digest.ts';

const hostSources = await readHostSources();
const env = process.env;
const hasMirror = hostMirrors('debian', hostSources).length > 0 || env['SLIMIMAGE_MIRROR_DEBIAN'] !== undefined;
const skip = hasMirror ? false : 'this machine has no mirror of Debian (apt sources or SLIMIMAGE_MIRROR_DEBIAN)';

test('Debian trixie’s real archive: verified, opened, opened again from the store, a .deb fetched', {
  skip,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-e2e-archive-'));
  const http = createHttpClient({ env, credentials: await loadCredentials({ env }) });
  const store = await LocalStore.open(folder);
  try {
    const archives = locatePreset(findPreset('debian/trixie'), 'amd64', { env, hostSources });
    const options = { architecture: 'amd64', store, http, now: Date.now };
    const { universe, releases } = await openArchives(archives, options);
    assert.deepEqual(
      releases.map(({ archive, suite }) => `${archive} ${suite}`),
      ['debian trixie', 'debian trixie-updates', 'debian-security trixie-security'],
    );
    for (const release of releases) assert.ok(release.fingerprints.length >= 1);
    const python = universe.candidates('python3').find(({ origin }) => origin.suite === 'trixie');
    assert.match(python?.version ?? '', /^3\.13/);
    assert.ok([...universe.names()].length > 60_000);
    assert.ok(universe.providers('awk').some(({ name }) => name === 'mawk'));

    // Offline, all of it comes from the store.
    const again = await openArchives(archives, { ...options, offline: true });
    assert.deepEqual(again.universe.candidates('python3'), universe.candidates('python3'));

    const record = universe.candidates('base-files').find(({ origin }) => origin.suite === 'trixie');
    assert.ok(record);
    const [deb] = await fetchDebs([record], { store, http, archives });
    assert.equal(sha256Hex(await readFile(deb?.file ?? '')), record.sha256);
    const [own] = await openDebs([deb?.file ?? ''], { architecture: 'amd64', store });
    assert.deepEqual([own?.name, own?.version, own?.depends], [record.name, record.version, record.depends]);
    const shown = JSON.stringify({ releases, record });
    for (const { urls } of archives) for (const url of urls) assert.ok(!shown.includes(new URL(url).host));
  } finally {
    await http.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test('the keys are those of Debian’s own keyring package', { skip: lackingKeyring() }, async () => {
  const { loadKeys } = await import('../../src/archive/key-sets.ts');
  const { readKeyFile } = await import('../../src/codecs/openpgp.ts');
  const ours = (await Promise.all((await loadKeys(['debian'], 'debian')).files.map(readKeyFile))).flat();
  const shown = execFileSync('gpg', ['--show-keys', '--with-colons', keyring], { encoding: 'utf8' });
  const theirs = new Set([...shown.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map(([, fingerprint]) => fingerprint));
  const known = ours.map((key) => key.getFingerprint().toUpperCase()).filter((fingerprint) => theirs.has(fingerprint));
  // The host's keyring may be of an older release than the newest keys.
  assert.ok(known.length >= 3, `${known.length} of ${ours.length} keys are in ${keyring}`);
});

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

function lackingKeyring(): string | false {
  try {
    execFileSync('gpg', ['--show-keys', '/usr/share/keyrings/debian-archive-keyring.gpg'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'gpg or the package debian-archive-keyring is not installed';
  }
}
