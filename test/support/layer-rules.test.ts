import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DebFile, makeTar } from './deb.ts';
import { assertLayerRules, type LayerRuleOptions } from './layer-rules.ts';

type Layer = readonly (readonly [name: string, file: DebFile])[];

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const database: Layer = [
  ['!var/lib/dpkg/status.d/a.md5sums', `${md5}  usr/one\n${md5}  usr/two\n`],
  ['!var/lib/dpkg/status.d/b.md5sums', `${md5}  usr/b\n`],
];
const folders: Layer = ['usr', 'var', 'var/lib', 'var/lib/dpkg', 'var/lib/dpkg/status.d'].map((path) => [
  `!${path}`,
  { type: 'directory', mode: 0o755 },
]);

test('a layer as the contract has it passes, and its paths come back', async () => {
  const packages: Layer = [
    ['!usr/one', 'x'],
    ['!usr/two', { type: 'hardlink', linkTarget: 'usr/one' }],
    ['!usr/b', ''],
  ];
  const paths = await assertLayerRules(makeTar([...folders, ...packages, ...database]));
  assert.deepEqual(
    paths.slice(5, 8).map(({ path, type, linkTarget }) => `${path} ${type} ${linkTarget}`),
    ['usr/one file ', 'usr/two link usr/one', 'usr/b file '],
  );
});

const wrong: readonly (readonly [what: string, layer: Layer, message: RegExp, options?: LayerRuleOptions])[] = [
  [
    'a path twice',
    [
      ['!a', ''],
      ['!a', ''],
    ],
    /a is there twice/,
  ],
  ['a missing parent', [['!usr/a', '']], /usr\/a comes before its folder/],
  [
    'a file as parent',
    [
      ['!usr', ''],
      ['!usr/a', ''],
    ],
    /usr\/a comes before its folder/,
  ],
  ['a dot', [['./a', '']], /not plainly written/],
  ['a step up', [['!../a', '']], /not plainly written/],
  ['a device', [['!null', { type: 'character' }]], /null is a character-device/],
  ['a pipe', [['!pipe', { type: 'fifo' }]], /pipe is a fifo/],
  [
    'a hard link to what comes later',
    [
      ['!a', { type: 'hardlink', linkTarget: 'b' }],
      ['!b', ''],
    ],
    /a hard link to b/,
  ],
  ['a set-user-id bit', [['!su', { mode: 0o4755 }]], /su has mode 4755/],
  ['a set-group-id folder', [['!mail', { type: 'directory', mode: 0o2755 }]], /mail has mode 2755/],
  [
    'a capability',
    [['!ping', { xattrs: new Map([['security.capability', new Uint8Array([1, 0, 0, 2])]]) }]],
    /ping has a capability/,
  ],
  ['a time after the image', [['!a', '']], /a is newer/, { created: 1_600_000_000 }],
  [
    'a folder after a file',
    [
      ['!a', ''],
      ['!b', { type: 'directory', mode: 0o755 }],
    ],
    /directory comes after/,
  ],
  [
    'folders without order',
    [
      ['!b', { type: 'directory', mode: 0o755 }],
      ['!a', { type: 'directory', mode: 0o755 }],
    ],
    /the directories: a comes after b/,
  ],
  ['packages without order', [...folders, ['!usr/b', ''], ['!usr/one', ''], ['!usr/two', ''], ...database], /b begins/],
  ['a package without order', [...folders, ['!usr/two', ''], ['!usr/one', ''], ['!usr/b', ''], ...database], /a: usr/],
  ['a package within another', [...folders, ['!usr/one', ''], ['!usr/b', ''], ['!usr/two', ''], ...database], /a: usr/],
];

for (const [what, layer, message, options] of wrong) {
  test(`${what} is seen`, () => assert.rejects(assertLayerRules(makeTar(layer), options), { message }));
}

test('special permissions that were asked for may stay', async () => {
  const tar = makeTar([['!su', { mode: 0o4755 }]]);
  const [su] = await assertLayerRules(tar, { specialPermissions: ['/su'] });
  assert.equal(su?.mode, 0o4755);
});
