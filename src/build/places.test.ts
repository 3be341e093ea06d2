import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locatePreset } from '../archive/mirrors.ts';
import { findPreset } from '../archive/presets.ts';
import { flagsToSpec } from '../config/load.ts';
import { parseLayer } from '../config/parse.ts';
import { platformOfDebian } from '../oci/debian-architecture.ts';
import { formatPlatform } from '../oci/platform.ts';
import { archiveSpecs } from './archive-specs.ts';
import { farPlaces, farthestPlaces, nearPlaces, type WayPlace } from './places.ts';

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
function draw({ suite, architecture, way }: WayPlace): string {
  return `${suite} ${architecture}: ${way(['main', 'contrib'])}`;
}

const components = 'write components: [main, contrib]';
const entry = (suite: string): string => `write suites: [${suite}] and components: [main, contrib]`;

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
  ]);
  assert.deepEqual((await far('debian/trixie', 'riscv64')).slice(0, 2), [
    'sid riscv64: write from: debian/sid',
    'trixie amd64: build with --platform linux/amd64',
  ]);
});

test('another architecture of Ubuntu is in another archive', async () => {
  const places = await far('ubuntu/noble', 'amd64');
  assert.deepEqual(places.at(-1), 'noble arm64: build with --platform linux/arm64');
});

test('farthest is the 32-bit architecture', async () => {
  const farthest = async (architecture: string): Promise<readonly string[]> => {
    const archives = locatePreset(findPreset('debian/trixie'), architecture, { env });
    return (await farthestPlaces(specOf('debian/trixie'), { session, architecture, archives })).map(draw);
  };
  assert.deepEqual((await farthest('amd64')).slice(0, 1), ['trixie i386: build with --platform linux/386']);
  assert.deepEqual((await farthest('arm64')).slice(0, 1), ['trixie armhf: build with --platform linux/arm/v7']);
  assert.deepEqual(await farthest('riscv64'), []);
});

for (const { from, architecture } of [
  { from: 'debian/trixie', architecture: 'amd64' },
  { from: 'debian/bookworm', architecture: 'arm64' },
]) {
  test(`what is advised for ${from} leads there, from the mirror that was asked`, async () => {
    const archives = locatePreset(findPreset(from), architecture, { env });
    const spec = specOf(from);
    const options = { session, architecture, archives };
    const places = [
      ...nearPlaces(spec, options, [`${from.slice('debian/'.length)}-proposed-updates`]),
      ...(await farPlaces(spec, options)),
      ...(await farthestPlaces(spec, options)),
    ];
    assert.ok(places.length > 5);
    for (const { spec: archive, suite, architecture: there, way } of places) {
      const told = way(['main', 'contrib']);
      const [, lines = '', platform] = /^(?:write (.*)|build with --platform (.*))$/.exec(told) ?? [];
      const keys = lines.split(' and ').join('\n');
      const text = keys.startsWith('from:') ? keys : `from: ${from}\n${keys}`;
      const { layer } = parseLayer(text, { file: '/src/slimimage.yaml' });
      const { from: other = from, components, suites: further = [] } = layer;
      const followed = { ...spec, from: other, components, suites: further };
      const opened = await archiveSpecs(followed, { architecture: there, session });
      const found = opened.find(({ name }) => name === archive.name);
      assert.deepEqual(found?.urls, archive.urls, told);
      assert.ok(found.suites.includes(suite), told);
      assert.ok(!told.includes('contrib') || found.components.includes('contrib'), told);
      assert.equal(platform, there === architecture ? undefined : formatPlatform(platformOfDebian(there)));
    }
  });
}
