/** Pins against apt itself: priorities of versions, candidates, and what is installed, in a private apt root. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { defaultPriority } from '../../src/archive/release.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { packageRecord } from '../../src/distro/debian/record.ts';
import type { PackageRecord } from '../../src/distro/types.ts';
import { parseStanzas } from '../../src/formats/deb822/stanza.ts';
import { Catalog } from '../../src/solver/catalog.ts';
import { readPins } from '../../src/solver/pins.ts';
import type { Pin } from '../../src/solver/types.ts';
import { makeApt, type PrivateApt, type SmallSuite } from '../support/apt-policy.ts';
import { lacking } from '../support/need.ts';
import { ask, debianVersions, fullPolicy, universeOf } from '../support/universe.ts';

const suites: readonly SmallSuite[] = [
  {
    suite: 'trixie',
    fields: { Suite: 'stable', Codename: 'trixie', Version: '13.2', Origin: 'Debian', Label: 'Debian' },
    components: {
      main: stanzas(
        'nginx 1.26.3-3',
        'libnginx-mod 1:5.3-1; Source: nginx (1.26.3-3)',
        'curl 8.14.1-2',
        'app 1; Depends: nginx',
        'addon 1; Depends: nginx (>= 1.26)',
        'eager 1; Depends: nginx (>= 1.28)',
        'either 1; Depends: nginx | curl',
        'mail 1; Depends: mta',
        'exim4 4.98; Provides: mta',
        'postfix 3.10; Provides: mta',
        'rc 1.0~RC1',
      ),
      contrib: stanzas('nginx-doc 1.26', 'curl 8.14.1-1'),
    },
  },
  {
    suite: 'trixie-security',
    fields: {
      Suite: 'stable-security',
      Codename: 'trixie-security',
      Version: '13',
      Origin: 'Debian',
      Label: 'Debian-Security',
    },
    components: { main: stanzas('nginx 1.26.3-3+deb13u1', 'rc 1.0') },
  },
  {
    suite: 'trixie-backports',
    fields: {
      Suite: 'stable-backports',
      Codename: 'trixie-backports',
      Origin: 'Debian Backports',
      Label: 'Debian Backports',
      NotAutomatic: 'yes',
      ButAutomaticUpgrades: 'yes',
    },
    components: {
      main: stanzas(
        'nginx 1.28.0-2~bpo13+1',
        'libnginx-mod 1:6.0-1; Source: nginx',
        'addon 2; Depends: nginx (>= 1.28)',
        'deep 2; Depends: addon (>= 2), app',
        'curl 8.14.1-2',
        'rc 1.1',
      ),
    },
  },
  {
    suite: 'experimental',
    fields: { Suite: 'experimental', Codename: 'rc-buggy', Origin: 'Debian', Label: 'Debian', NotAutomatic: 'yes' },
    components: {
      main: stanzas(
        'nginx 1.29.1-1',
        'only 2',
        'addon 3; Depends: nginx (>= 1.28)',
        'alt 3; Depends: nginx (>= 9) | curl (>= 8.15)',
        'curl 8.17~rc1-1',
      ),
    },
  },
  {
    suite: 'nodistro',
    fields: { Suite: 'nodistro', Codename: 'nodistro', Origin: '. nodistro', Label: '. nodistro' },
    components: { main: stanzas('nginx 1.27.0-1') },
  },
];

/** Entries of `pins:` for each situation. */
const situations: readonly string[] = [
  '',
  'nginx=1.26*',
  'nginx=1.26.3-3',
  'nginx=1.26',
  'nginx=*',
  'nginx=1.2*, nginx=1.28*',
  '{ packages: nginx, version: 1.28*, priority: 600 }, { packages: nginx, version: 1.2*, priority: 700 }',
  '{ packages: nginx, version: "1.?8*" }',
  '{ packages: nginx, version: "?.28.0-2~bpo13+1" }',
  '{ packages: nginx, version: "1.2[67].*-?" }',
  '{ packages: nginx, version: "1.*-1" }',
  '{ packages: nginx, version: "/^1\\\\.2[78]/" }',
  '{ packages: rc, version: 1.0~rc1 }',
  '{ packages: rc, version: 1.0~rC* }',
  'nginx/trixie-backports',
  'nginx/stable-backports',
  'nginx/STABLE-backports',
  'nginx/trixie*',
  'nginx/experimental',
  'nginx/rc-buggy',
  '{ packages: nginx, suite: 13* }',
  '{ packages: nginx, suite: 13.2 }',
  '{ packages: nginx, suite: 13, priority: 400 }',
  '{ packages: "*", suite: trixie-backports, priority: 500 }',
  '{ packages: "*", suite: trixie-backports, priority: 501 }',
  '{ packages: "*", suite: trixie-security, priority: 50 }',
  '{ packages: "*", suite: "*", priority: 300 }, { packages: "*", suite: trixie, priority: 400 }',
  '{ packages: "*", suite: trixie, priority: 400 }, { packages: "*", suite: "*", priority: 300 }',
  '{ release: { label: Debian-Security }, priority: 10 }',
  '{ release: { origin: Debian, label: Debian }, priority: 10 }',
  '{ release: { origin: "Debian*", codename: "*-backports" } }',
  '{ release: { suite: stable, component: contrib }, priority: 900 }',
  '{ release: { component: contrib }, priority: -1 }',
  '{ release: { version: 13* }, priority: 90 }',
  '{ release: { version: "13" }, priority: 90 }',
  '{ release: { codename: stable }, priority: 90 }',
  '{ release: { suite: "/^(stable|no)/" }, priority: 90 }',
  '{ packages: "*", suite: "*", priority: -1 }',
  '{ packages: "*", suite: "*", priority: -1 }, nginx/trixie, curl/trixie-backports',
  '{ packages: "*", suite: "*", priority: never }, nginx/trixie',
  '{ packages: "*", suite: trixie, priority: never }, nginx/trixie, curl/trixie',
  '{ packages: "*", suite: trixie, priority: 700 }, { packages: "*", suite: stable, priority: never }',
  '{ packages: nginx, version: "*", priority: -10 }',
  '{ packages: nginx, suite: trixie-security, priority: -1 }',
  '{ packages: [postfix, curl], version: "*", priority: -1 }',
  '{ packages: "src:nginx", suite: trixie-backports }',
  '{ packages: "src:ngin?", version: 1:6* }',
  '{ packages: "src:libnginx-mod", version: "*", priority: 7 }',
  '{ packages: "*nginx*", suite: trixie-backports }',
  '{ packages: "/nginx/", suite: trixie-backports, priority: 5 }',
  '{ packages: "/^(lib)?NGINX(-mod)?$/", suite: trixie-backports, priority: 600 }',
  '{ packages: "nginx:amd64", suite: experimental }',
  '{ packages: "nginx:arm64", suite: experimental }',
  '{ packages: "nginx:any", suite: experimental }',
  '{ packages: "nginx*", suite: experimental }, { packages: nginx, suite: trixie-backports, priority: 995 }',
  '{ packages: nginx, suite: trixie-backports, priority: 50 }, { packages: "nginx*", suite: experimental, priority: 600 }',
  '{ packages: curl, suite: trixie-backports, priority: 50 }',
  '{ packages: "*", suite: trixie-backports, priority: 600 }, { packages: "curl", suite: trixie, priority: 5 }',
  '{ packages: only, suite: experimental, priority: -1 }',
];

/** Requests, each asked under some of the situations. */
const requests: readonly string[] = [
  'nginx',
  'nginx=1.28*',
  'nginx=1.26.3-3',
  'nginx=1.2*',
  'nginx/trixie',
  'nginx/stable-backports',
  'nginx/rc-buggy',
  'nginx/13',
  'curl/trixie-backports',
  'app',
  'app nginx/experimental',
  'app nginx-',
  'addon',
  'addon/trixie-backports',
  'addon/experimental',
  'addon/experimental app',
  'app addon/trixie-backports nginx/experimental',
  'deep/stable-backports',
  'alt/experimental',
  'eager',
  'either',
  'mail',
  'mta',
  'only',
  'only/experimental',
];

const askedUnder: readonly string[] = [
  '',
  'nginx=1.26*',
  'nginx/trixie-backports',
  '{ packages: nginx, version: "*", priority: -10 }',
  '{ packages: "*", suite: "*", priority: -1 }, nginx/trixie, curl/trixie-backports',
  '{ packages: [postfix, curl], version: "*", priority: -1 }',
  '{ packages: only, suite: experimental, priority: -1 }',
];

const records = suites.flatMap(recordsOf);
const names = [...new Set(records.map(({ name }) => name))];

describe('pins decide as with apt', { skip: lacking({ commands: ['apt-get', 'apt-cache'] }) }, () => {
  let apt: PrivateApt;
  before(() => {
    apt = makeApt(suites);
  });
  after(() => apt[Symbol.dispose]());

  for (const pins of situations) {
    test(`priorities and candidates: ${pins === '' ? 'no pins' : pins}`, () => {
      const read = pinsOf(pins);
      for (const name of names) assert.equal(policy(name, read), apt.policy(name, read), name);
    });
  }

  for (const pins of askedUnder) {
    test(`what is installed: ${pins === '' ? 'no pins' : pins}`, () => {
      const read = pinsOf(pins);
      for (const request of requests) assert.equal(installed(request, read), apt.install(request, read), request);
    });
  }
});

function pinsOf(entries: string): readonly Pin[] {
  return parseConfig(`from: debian/trixie\npins: [${entries}]`, { file: '/slimimage.yaml' }).pins;
}

/** As PrivateApt.policy. */
function policy(name: string, pins: readonly Pin[]): string {
  const common = { universe: universeOf(records), versions: debianVersions, policy: { ...fullPolicy, pins } };
  const catalog = new Catalog({ ...common, pinned: new Map(), excluded: new Set(), allVersions: false });
  const judge = readPins(pins, { architecture: 'amd64' });
  const versions = [...new Set(records.filter((record) => record.name === name).map(({ version }) => version))]
    .sort((a, b) => debianVersions.compare(b, a))
    .map((version) => {
      const files = records.filter((record) => record.name === name && record.version === version);
      return `${version} ${judge(files).priority}`;
    });
  return `${catalog.domain(name)[0]?.version ?? '(none)'}; ${versions.join(', ')}`;
}

/** As PrivateApt.install. */
function installed(request: string, pins: readonly Pin[]): string {
  const answer = ask(records, request, { pins });
  if (!answer.ok) return 'no';
  return answer.resolution.packages
    .map(({ record }) => `${record.name} ${record.version}`)
    .sort()
    .join(', ');
}

function recordsOf({ suite, fields, components }: SmallSuite): readonly PackageRecord[] {
  const { Suite = '', Codename = '', Version = '', Origin = '', Label = '' } = fields;
  const notAutomatic = fields['NotAutomatic'] === 'yes';
  const butAutomaticUpgrades = fields['ButAutomaticUpgrades'] === 'yes';
  const release = { suite: Suite, codename: Codename, version: Version, origin: Origin, label: Label };
  const priority = defaultPriority({ notAutomatic, butAutomaticUpgrades });
  return Object.entries(components).flatMap(([component, text]) =>
    [...parseStanzas(text)].map((stanza) =>
      packageRecord(stanza, { archive: 'debian', suite, component, priority, release }, { architecture: 'amd64' }),
    ),
  );
}

/** `NAME VERSION; FIELD: VALUE; ...` as stanzas of Packages. */
function stanzas(...lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [head = '', ...fields] = line.split(';').map((part) => part.trim());
      const [name, version] = head.split(' ');
      const file = `pool/${name}_${version}.deb`;
      return [
        `Package: ${name}`,
        `Version: ${version}`,
        'Architecture: amd64',
        ...fields,
        `Filename: ${file}`,
        'Size: 1',
        `SHA256: ${Buffer.from(head).toString('hex').padEnd(64, '0').slice(0, 64)}`,
        '',
      ].join('\n');
    })
    .join('\n');
}
