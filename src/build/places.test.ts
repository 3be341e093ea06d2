import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place } from '../archive/elsewhere.ts';
import { locatePreset } from '../archive/mirrors.ts';
import { findPreset } from '../archive/presets.ts';
import { flagsToSpec } from '../config/load.ts';
import { farPlaces, nearPlaces } from './places.ts';

const env = {
  SLIMIMAGE_MIRROR_DEBIAN: 'http://mirror.example/debian',
  SLIMIMAGE_MIRROR_DEBIAN_SECURITY: 'http://mirror.example/debian-security',
};
const session = { env, now: () => Date.parse('2026-11-21T00:00:00Z') };

function specOf(from: string) {
  return flagsToSpec({ from, package: ['hello'] }, { cwd: '/src' });
}

function near(from: string, suites: readonly string[] = []): readonly string[] {
  const archives = locatePreset(findPreset(from), 'amd64', { env });
  return nearPlaces(specOf(from), { session, architecture: 'amd64', archives }, suites).map(draw);
}

async function far(from: string, architecture: string): Promise<readonly string[]> {
  const archives = locatePreset(findPreset(from), architecture, { env });
  return (await farPlaces(specOf(from), { session, architecture, archives })).map(draw);
}

/** `SUITE ARCHITECTURE: WAY`, for the component contrib. */
function draw({ suite, architecture, way }: Place): string {
  return `${suite} ${architecture}: ${way('contrib')}`;
}

const components = 'write components: [main, contrib]';
const entry = (suite: string): string =>
  `write archives: [{ url: http://ftp.debian.org/debian, suites: [${suite}], components: [contrib], signed-by: debian }]`;

test('near a release are other components of its suites, its backports, and its suites that a request names', () => {
  assert.deepEqual(near('debian/trixie', ['trixie-proposed-updates', 'bookworm', 'trixie-backports']), [
    `trixie amd64: ${components}`,
    `trixie-updates amd64: ${components}`,
    `trixie-security amd64: ${components}`,
    `trixie-backports amd64: ${entry('trixie-backports')}`,
    `trixie-proposed-updates amd64: ${entry('trixie-proposed-updates')}`,
  ]);
  assert.deepEqual(near('debian/sid'), [`sid amd64: ${components}`]);
});

test('far are other releases that have the architecture, and the architecture that most people have', async () => {
  assert.deepEqual(await far('debian/trixie', 'amd64'), [
    'bookworm amd64: write from: debian/bookworm',
    'sid amd64: write from: debian/sid',
    'trixie arm64: build with --platform linux/arm64',
    'trixie-updates arm64: build with --platform linux/arm64',
    'trixie-security arm64: build with --platform linux/arm64',
  ]);
  assert.deepEqual((await far('debian/trixie', 'riscv64')).slice(0, 2), [
    'sid riscv64: write from: debian/sid',
    'trixie amd64: build with --platform linux/amd64',
  ]);
});
