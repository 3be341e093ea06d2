import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { putSampleImage, type SampleLayer } from '../../../test/support/images.ts';
import type { OnEvent } from '../../events.ts';
import { LocalStore } from '../../store/local-store.ts';
import { whySchema } from '../answer-schemas.ts';
import type { WhyAnswer } from './types.ts';
import { explainPresence } from './why.ts';

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(whySchema);

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-why-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Stanzas from lines like `web 1; Depends: libc`. */
function stanzas(...lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [head = '', ...fields] = line.split('; ');
      const [name, version] = head.split(' ');
      const own = [`Package: ${name}`, 'Status: install ok installed', `Version: ${version}`, 'Architecture: amd64'];
      return [...own, ...fields].join('\n');
    })
    .join('\n\n');
}

async function ask(thing: string, layers: readonly SampleLayer[], onEvent?: OnEvent): Promise<WhyAnswer> {
  const store = await LocalStore.open(folder);
  const { platform: _, ...manifest } = await putSampleImage(store, { layers, compression: 'none' });
  await store.tag(manifest, 'image:latest');
  await store.close();
  const place = { type: 'image', image: 'store:image' } as const;
  const answer = await explainPresence(thing, { place, store: folder, cwd: folder, env: {}, onEvent });
  assert.ok(validate(JSON.parse(JSON.stringify(answer))), JSON.stringify(validate.errors));
  return answer;
}

function chainOf(answer: WhyAnswer): string {
  return answer.packages
    .map(({ chain }) =>
      chain.map(({ name, reason }) =>
        'from' in reason ? `-${reason.dependency}-> ${name}` : `${reason.type} ${name}`,
      ),
    )
    .map((steps) => steps.join(' '))
    .join(', ');
}

const full: readonly SampleLayer[] = [
  [
    ['bin', { type: 'symlink', linkTarget: 'usr/bin' }],
    ['usr/bin/', {}],
    ['usr/bin/dash', 'dash'],
    ['usr/bin/sh', { type: 'symlink', linkTarget: 'dash' }],
    [
      'var/lib/dpkg/status',
      stanzas('web 1; Depends: libc (>= 2) | musl, mta', 'libc 2.41', 'mail 3; Provides: mta; Depends: libc', 'dash 1'),
    ],
    ['var/lib/dpkg/info/dash.list', '/.\n/bin\n/bin/dash\n/bin/sh\n'],
    ['var/lib/dpkg/info/libc:amd64.list', '/.\n/etc\n/etc/libc.conf\n'],
    ['etc/libc.conf', 'old'],
    ['etc/gone', 'x'],
  ],
  [
    ['etc/libc.conf', 'new'],
    ['etc/.wh.gone', ''],
    ['opt/app', 'mine'],
  ],
];

const states =
  'Package: libc\nAuto-Installed: 1\n\nPackage: mail\nAuto-Installed: 1\n\nPackage: dash\nAuto-Installed: 1\n';

test('without word of apt, packages start at what nothing needs', async () => {
  assert.equal(chainOf(await ask('libc', full)), 'unneeded web -libc (>= 2) | musl-> libc');
  assert.equal(chainOf(await ask('dash', full)), 'unneeded dash');
});

test('apt’s states tell what was installed by hand', async () => {
  const layers: readonly SampleLayer[] = [...full, [['var/lib/apt/extended_states', states]]];
  assert.equal(chainOf(await ask('web', layers)), 'manual web');
  assert.equal(chainOf(await ask('mail:amd64', layers)), 'manual web -mta-> mail');
});

test('a virtual name leads to its provider, an unknown one to the nearest', async () => {
  const virtual = await ask('mta', full);
  assert.deepEqual([virtual.found, virtual.packages[0]?.name, virtual.packages[0]?.provides], [true, 'mail', 'mta']);
  const absent = await ask('wed', full);
  assert.deepEqual([absent.found, absent.packages, absent.nearest], [false, [], ['web']]);
});

test('a path goes through links to its package, whichever side of a merged /usr the records name', async () => {
  const answer = await ask('/bin/sh', full);
  assert.partialDeepStrictEqual(answer, {
    found: true,
    path: {
      path: '/usr/bin/dash',
      type: 'file',
      links: [
        { path: '/bin', target: 'usr/bin', origin: { type: 'package', package: 'dash' } },
        { path: '/usr/bin/sh', target: 'dash', origin: { type: 'package', package: 'dash', packagedAs: '/bin/sh' } },
      ],
      origin: { type: 'package', package: 'dash', packagedAs: '/bin/dash' },
    },
  });
  assert.equal(answer.packages[0]?.name, 'dash');
  const folderAnswer = await ask('/etc', full);
  assert.deepEqual(folderAnswer.path?.origin, { type: 'folder', packages: ['libc'] });
});

test('a link in the place of a folder that several packages have is of them all', async () => {
  const layers: readonly SampleLayer[] = [...full, [['var/lib/dpkg/info/web.list', '/.\n/bin\n/bin/web\n']]];
  const { path } = await ask('/bin/', layers);
  assert.deepEqual(path?.links[0]?.origin, { type: 'folder', packages: ['dash', 'web'] });
  assert.equal(path?.path, '/usr/bin');
});

test('a path says which layer has it, and one that a layer removed is not there', async () => {
  assert.partialDeepStrictEqual(await ask('/etc/libc.conf', full), {
    path: { origin: { type: 'package', package: 'libc' } },
    notes: ['Layer 2 of 2 has it'],
  });
  assert.partialDeepStrictEqual(await ask('/opt/app', full), { path: { origin: { type: 'layer', layer: 2 } } });
  const gone = await ask('/etc/gone', full);
  assert.deepEqual([gone.found, gone.notes], [false, ['Layer 1 has it, and a layer above takes it away']]);
  assert.deepEqual((await ask('/lib/dash', full)).nearest, ['/usr/bin/dash']);
});

test('status.d of a distroless image: sums and configuration files', async () => {
  const sum = 'd41d8cd98f00b204e9800998ecf8427e';
  const layers: readonly SampleLayer[] = [
    [
      ['etc/app.conf', ''],
      ['usr/bin/app', ''],
      ['var/lib/dpkg/status.d/base', `${stanzas(`app 1; Conffiles:\n /etc/app.conf ${sum}`)}\n`],
      ['var/lib/dpkg/status.d/base.md5sums', `${sum}  usr/bin/app\n`],
    ],
  ];
  for (const path of ['/etc/app.conf', '/usr/bin/app']) {
    const { path: found } = await ask(path, layers);
    assert.deepEqual(found?.origin, { type: 'package', package: 'app', packagedAs: undefined }, path);
  }
});

test('an image without a package database says so', async () => {
  const { found, notes } = await ask('libc6', [[['app', 'x']]]);
  assert.deepEqual([found, notes], [false, ['store:image:latest has no package database']]);
});

test('a loop of links is refused', async () => {
  const loop: readonly SampleLayer[] = [
    [
      ['a', { type: 'symlink', linkTarget: 'b' }],
      ['b', { type: 'symlink', linkTarget: '/a' }],
    ],
  ];
  await assert.rejects(ask('/a', loop), { code: 'PATH_UNSAFE' });
});

test('what of a database can not be read is a warning, and the rest is answered from', async () => {
  const warnings: string[] = [];
  const status = `${stanzas('app 1')}\n\nnothing of a stanza\n`;
  const answer = await ask('app', [[['var/lib/dpkg/status', status]]], (event) => {
    if (event.type === 'warning') warnings.push(event.message);
  });
  assert.equal(answer.found, true);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^store:image:latest: .*var\/lib\/dpkg\/status/);
});
