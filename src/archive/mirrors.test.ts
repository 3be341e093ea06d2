import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { parseListSources, parseStanzaSources } from './apt-sources.ts';
import {
  hostMirrors,
  locateArchive,
  locateOwnArchive,
  locatePreset,
  mirrorVariable,
  readHostSources,
} from './mirrors.ts';
import { findPreset, presetArchives, presetNames, presets } from './presets.ts';

const debianSources = `# comment
Types: deb deb-src
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

test('one-line sources', () => {
  const text = [
    '# deb http://off.example/debian trixie main',
    'deb http://a.example/debian trixie main contrib # trailing',
    'deb-src http://a.example/debian trixie main',
    'deb [ arch=amd64 signed-by=/k/a.gpg,/k/b.gpg ] https://b.example/apt ./',
    'deb cdrom:[Debian GNU/Linux 13]/ trixie main',
    'nonsense',
    'deb http://only.example',
  ].join('\n');
  assert.deepEqual(parseListSources(text).slice(0, 2), [
    { uris: ['http://a.example/debian'], suites: ['trixie'], components: ['main', 'contrib'], signedBy: [] },
    { uris: ['https://b.example/apt'], suites: ['./'], components: [], signedBy: ['/k/a.gpg', '/k/b.gpg'] },
  ]);
});

test('deb822 sources', () => {
  const [first, second, ...rest] = parseStanzaSources(debianSources);
  assert.deepEqual(first, {
    uris: ['http://mirror.example/debian/'],
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main'],
    signedBy: ['/usr/share/keyrings/debian-archive-keyring.gpg'],
  });
  assert.equal(second?.suites[0], 'bookworm-security');
  assert.equal(rest.length, 0);
  assert.deepEqual(parseStanzaSources(`Enabled: no\n${debianSources.slice(10)}`).length, 1);
  assert.deepEqual(parseStanzaSources('Types: deb-src\nURIs: http://x/debian\nSuites: sid\n'), []);
  assert.deepEqual(parseStanzaSources('garbage without a colon'), []);
});

test('the host’s mirror of Debian serves every Debian release', () => {
  const sources = parseStanzaSources(debianSources);
  const specs = locatePreset(findPreset('debian/trixie'), 'amd64', { hostSources: sources, env: {} });
  assert.deepEqual(
    specs.map(({ name, urls, suites }) => ({ name, urls, suites })),
    [
      { name: 'debian', urls: ['http://mirror.example/debian'], suites: ['trixie', 'trixie-updates'] },
      { name: 'debian-security', urls: ['https://mirror.example/debian-security'], suites: ['trixie-security'] },
    ],
  );
  assert.deepEqual(hostMirrors('ubuntu', sources), []);
});

test('components: the preset’s own, else those that are asked for, in each of its archives', () => {
  const components = (asked?: readonly string[]) =>
    locatePreset(findPreset('debian/trixie'), 'amd64', { components: asked }).map((spec) => spec.components);
  assert.deepEqual(components(), [['main'], ['main']]);
  assert.deepEqual(components(['main', 'contrib']), [
    ['main', 'contrib'],
    ['main', 'contrib'],
  ]);
});

test('what only looks like Debian’s archive is not taken for it', () => {
  const lines = [
    'deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.example/linux/debian trixie stable',
    'deb https://download.docker.example/linux/debian trixie stable',
    'deb [signed-by=/etc/apt/keyrings/other.gpg] https://other.example/debian trixie main',
    'deb mirror+file:/etc/apt/mirrors/debian.list trixie main',
    'deb cdrom:[Debian]/ trixie main',
    'deb http://nodesource.example/node_20.x nodistro main',
    'deb https://ppa.launchpadcontent.net/someone/thing/ubuntu noble main',
  ];
  const sources = parseListSources(lines.join('\n'));
  for (const archive of ['debian', 'debian-security', 'ubuntu']) assert.deepEqual(hostMirrors(archive, sources), []);
});

test('a mirror under another path is recognised by Debian’s keyring', () => {
  const keyring = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const sources = parseListSources(
    [
      `deb ${keyring} http://m.example/deb-mirror trixie main`,
      `deb ${keyring} http://m.example/deb-sec trixie-security main`,
      `deb ${keyring} http://m.example/deb-bpo trixie-backports main`,
    ].join('\n'),
  );
  assert.deepEqual(hostMirrors('debian', sources), ['http://m.example/deb-mirror']);
  assert.deepEqual(hostMirrors('debian-security', sources), ['http://m.example/deb-sec']);
});

test('Ubuntu’s host sources, with ports apart', () => {
  const sources = parseListSources(
    'deb http://u.example/ubuntu noble main universe\ndeb http://p.example/ubuntu-ports noble main\n',
  );
  assert.deepEqual(hostMirrors('ubuntu', sources), ['http://u.example/ubuntu']);
  assert.deepEqual(hostMirrors('ubuntu-ports', sources), ['http://p.example/ubuntu-ports']);
});

test('the configuration comes before the environment, the environment before the host, the public host last', () => {
  const archive = { name: 'debian-security', publicUrl: 'http://public.example/debian-security' };
  const hostSources = parseStanzaSources(debianSources);
  const env = { SLIMIMAGE_MIRROR_DEBIAN_SECURITY: 'http://e1.example/s/, http://e2.example/s' };
  const mirrors = { 'debian-security': ['https://c.example/s/', 'http://d.example/s'] };
  assert.equal(mirrorVariable('debian-security'), 'SLIMIMAGE_MIRROR_DEBIAN_SECURITY');
  assert.deepEqual(locateArchive(archive, { mirrors, env, hostSources }), [
    'https://c.example/s',
    'http://d.example/s',
  ]);
  assert.deepEqual(locateArchive(archive, { env, hostSources }), ['http://e1.example/s', 'http://e2.example/s']);
  assert.deepEqual(locateArchive(archive, { env: {}, hostSources }), ['https://mirror.example/debian-security']);
  assert.deepEqual(locateArchive(archive, {}), ['http://public.example/debian-security']);
  const secret = { 'debian-security': ['ftp://user:hunter2@c.example/'] };
  assert.throws(
    () => locateArchive(archive, { mirrors: secret }),
    (error) => isSlimimageError(error, 'CONFIG_INVALID') && !`${error.message}${error.hint}`.includes('hunter2'),
  );
});

test('sources.list and sources.list.d are read in apt’s order, disabled files passed over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-apt-'));
  try {
    mkdirSync(join(folder, 'sources.list.d'));
    writeFileSync(join(folder, 'sources.list'), 'deb http://one.example/debian sid main\n');
    writeFileSync(join(folder, 'sources.list.d', 'b.list'), 'deb http://three.example/debian sid main\n');
    writeFileSync(join(folder, 'sources.list.d', 'a.sources'), debianSources);
    writeFileSync(join(folder, 'sources.list.d', 'c.list.disabled'), 'deb http://four.example/debian sid main\n');
    assert.deepEqual(hostMirrors('debian', await readHostSources(folder)), [
      'http://one.example/debian',
      'http://mirror.example/debian',
      'http://three.example/debian',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.deepEqual(await readHostSources('/nonexistent'), []);
});

test('presets', () => {
  assert.deepEqual(presetNames, ['debian/bookworm', 'debian/trixie', 'debian/sid', 'ubuntu/noble', 'ubuntu/jammy']);
  for (const preset of presets) {
    for (const architecture of preset.architectures) assert.ok(presetArchives(preset, architecture).length > 0);
    assert.equal(preset.usr, 'merged');
  }
  const ports = presetArchives(findPreset('ubuntu/noble'), 'arm64');
  assert.deepEqual(
    ports.map(({ name, suites }) => [name, ...suites]),
    [['ubuntu-ports', 'noble', 'noble-updates', 'noble-security']],
  );
  assert.equal(findPreset('debian/13').name, 'debian/trixie');
  for (const [typed, meant] of [
    ['debian/trixi', 'debian/trixie'],
    ['trixie', 'debian/trixie'],
    ['ubuntu/nobel', 'ubuntu/noble'],
  ] as const) {
    assert.throws(
      () => findPreset(typed),
      (error) => isSlimimageError(error, 'CONFIG_INVALID') && error.hint === `did you mean ${meant}?`,
    );
  }
  assert.throws(
    () => presetArchives(findPreset('debian/trixie'), 'alpha'),
    (error) => isSlimimageError(error, 'PLATFORM_UNAVAILABLE'),
  );
});

test('fuzz: no host’s sources can stop a build', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'deb ',
      '[',
      ']',
      'signed-by=',
      'http://a/debian ',
      'Types: deb\n',
      'URIs: ',
      'Suites: ',
      '\n',
      '\n\n',
      '#',
      ' ',
      'trixie main',
      'Signed-By:',
    ),
    fc.string({ maxLength: 10, unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join('');
      const sources = [...parseListSources(text), ...parseStanzaSources(text)];
      for (const archive of ['debian', 'debian-security', 'ubuntu']) {
        for (const url of hostMirrors(archive, sources)) assert.match(url, /^https?:\/\//i);
      }
    }),
    { numRuns: 10_000 },
  );
});

test('an archive of the configuration is where its entry says, unless a mirror is named for it', () => {
  const archive = { name: 'own-tools', urls: ['https://a.example/apt', 'https://b.example/apt'] };
  const env = { SLIMIMAGE_MIRROR_OWN_TOOLS: 'https://mole:pw@env.example/apt/ https://c.example' };
  assert.deepEqual(locateOwnArchive(archive, { env: {} }), archive.urls);
  assert.deepEqual(locateOwnArchive(archive, { env }), ['https://mole:pw@env.example/apt', 'https://c.example']);
  const mirrors = { 'own-tools': ['https://d.example/'] };
  assert.deepEqual(locateOwnArchive(archive, { env, mirrors }), ['https://d.example']);
});

test('further suites are those of the preset’s first archive, from its mirror, each once', () => {
  const sources = parseStanzaSources(debianSources);
  const suites = ['trixie-backports', 'trixie-security', 'trixie'];
  const [debian, security] = locatePreset(findPreset('debian/trixie'), 'amd64', { suites, hostSources: sources });
  assert.deepEqual(debian?.suites, ['trixie', 'trixie-updates', 'trixie-backports']);
  assert.deepEqual(debian.urls, ['http://mirror.example/debian']);
  assert.deepEqual(security?.suites, ['trixie-security']);
  const [ports] = locatePreset(findPreset('ubuntu/noble'), 'arm64', { suites: ['noble-backports'] });
  assert.deepEqual([ports?.name, ports?.suites.at(-1)], ['ubuntu-ports', 'noble-backports']);
});
