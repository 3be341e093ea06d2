/** Changelogs of real packages, among them security updates, against what dpkg makes of the same files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { fetchDebs } from '../../src/archive/fetch-debs.ts';
import { hostMirrors, locatePreset, readHostSources } from '../../src/archive/mirrors.ts';
import { openArchives } from '../../src/archive/open-archives.ts';
import { findPreset } from '../../src/archive/presets.ts';
import { readChangelog } from '../../src/archive/read-changelog.ts';
import { debianVersions } from '../../src/distro/debian/version.ts';
import type { PackageRecord, Universe } from '../../src/distro/types.ts';
import { fixedBetween } from '../../src/formats/changelog/fixed.ts';
import type { ChangelogEntry } from '../../src/formats/changelog/parse.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { lacking } from '../support/need.ts';

const hostSources = await readHostSources();
const env = process.env;
const hasMirror = hostMirrors('debian', hostSources).length > 0 || env['SLIMIMAGE_MIRROR_DEBIAN'] !== undefined;
const skip = hasMirror
  ? lacking({ commands: ['dpkg-deb', 'dpkg-parsechangelog'] })
  : 'this machine has no mirror of Debian (apt sources or SLIMIMAGE_MIRROR_DEBIAN)';

for (const preset of ['debian/bookworm', 'debian/trixie']) {
  test(`security updates of ${preset}: the same entries as dpkg, and CVEs`, { skip }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slimimage-e2e-changelog-'));
    const http = createHttpClient({ env });
    const store = await LocalStore.open(folder);
    try {
      const archives = locatePreset(findPreset(preset), 'amd64', { env, hostSources, snapshot: 'none' });
      const { universe } = await openArchives(archives, { architecture: 'amd64', store, http, now: Date.now });
      const records = securityUpdates(universe);
      assert.ok(records.length >= 3, `${records.length} security updates`);
      for (const { record, file } of await fetchDebs(records, { store, http, archives })) {
        const changelog = await readChangelog(file, { name: record.name });
        assert.equal(changelog.type, 'entries', record.name);
        const entries = changelog.type === 'entries' ? changelog.entries : [];
        const expected = dpkgEntries(file, record.name);
        assert.deepEqual(entries.map(shownEntry), expected, record.name);
        const span = { after: released(universe, record), upTo: record.version, versions: debianVersions };
        assert.ok(
          entries.some(({ version }) => version === record.version),
          record.name,
        );
        const fixed = fixedBetween(entries, span);
        if (record.name === 'openssl') assert.ok(fixed.length > 0 && fixed.every((id) => /^CVE-\d{4}-\d+$/.test(id)));
      }
      const linked = universe.candidates('g++').find(({ origin }) => origin.archive === 'debian') as PackageRecord;
      const [deb] = await fetchDebs([linked], { store, http, archives });
      const other = await readChangelog(deb?.file ?? '', { name: 'g++' });
      assert.match(other.type === 'elsewhere' ? other.package : other.type, /^cpp/);
    } finally {
      await http.close();
      await store.close();
      await rm(folder, { recursive: true });
    }
  });
}

/** Small packages that the security suite has in a later version than the release. */
function securityUpdates(universe: Universe): readonly PackageRecord[] {
  return ['openssl', 'libssl3t64', 'libssl3', 'libxml2', 'libexpat1', 'sudo', 'git-man', 'bind9-host', 'libc-bin']
    .flatMap((name) => universe.candidates(name))
    .filter((record) => record.origin.archive === 'debian-security' && record.version !== released(universe, record))
    .slice(0, 6);
}

function released(universe: Universe, { name }: PackageRecord): string {
  return universe.candidates(name).find(({ origin }) => origin.archive === 'debian')?.version ?? '0';
}

function dpkgEntries(file: string, name: string): readonly string[] {
  const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', file], { maxBuffer: 1e9 });
  const text = gunzipSync(execFileSync('tar', ['-xO', `./usr/share/doc/${name}/changelog.Debian.gz`], { input: tar }));
  const parsed = execFileSync('dpkg-parsechangelog', ['--all', '-l', '-', '--format', 'rfc822'], { input: text });
  return parsed
    .toString()
    .trim()
    .split('\n\n')
    .map((stanza) => {
      const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
      const changes = stanza.slice(stanza.indexOf('\nChanges:')).split('\n').slice(3);
      const text = changes.map((line) => line.replace(/^ \.?/, '')).join('\n');
      const fields = ['Source', 'Version', 'Distribution', 'Urgency', 'Timestamp'].map(field);
      return [...fields, text.replace(/^\n+|\n+$/g, '')].join('\n');
    });
}

function shownEntry({ package: name, version, distributions, urgency, date, text }: ChangelogEntry): string {
  return [name, version, distributions.join(' '), urgency, date, text].join('\n');
}
