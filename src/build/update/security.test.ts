import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sketchUpdate } from '../../../test/support/security-update.ts';
import type { Pin } from '../../solver/types.ts';

describe('what an update of nothing but security takes', () => {
  test('the newest version of the security suite, or the locked one', async () => {
    const { chosen } = await sketchUpdate({
      locked: ['app 1', 'lib 1', 'other 1'],
      archives: ['app 1; Depends: lib, other', 'app 3; Depends: lib, other', 'lib 1', 'lib 9', 'other 1', 'other 2'],
      security: ['lib 1.1', 'lib 1.2'],
    });
    assert.deepEqual(chosen, ['app 1', 'lib 1.2', 'other 1']);
  });

  test('no older version', async () => {
    const { chosen } = await sketchUpdate({ locked: ['app 2'], archives: ['app 2'], security: ['app 1.9'] });
    assert.deepEqual(chosen, ['app 2']);
  });

  test('a locked version that no index has any more is fetched, unless a newer one is taken', async () => {
    const { chosen, fetched, gone } = await sketchUpdate({
      locked: ['app 1; Depends: lib', 'lib 1'],
      archives: ['app 2; Depends: lib', 'lib 2'],
      security: ['lib 1.1'],
    });
    assert.deepEqual(chosen, ['app 1', 'lib 1.1']);
    assert.deepEqual([fetched, gone], [['app'], ['app']]);
  });

  test('an exact request keeps out what is newer', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['app 1'],
      archives: ['app 1'],
      security: ['app 1.1'],
      request: 'app=1',
    });
    assert.deepEqual(chosen, ['app 1']);
    assert.deepEqual(held, ['app 1, not 1.1 (configuration): the configuration asks for app=1']);
  });

  test('a pin against the newest version leaves the one before', async () => {
    const pins: readonly Pin[] = [
      { text: 'lib 1.2', packages: ['lib'], match: { type: 'version', glob: '1.2' }, priority: -1 },
    ];
    const { chosen, held } = await sketchUpdate({
      locked: ['app 1', 'lib 1', 'lib-data 1'],
      archives: ['app 1; Depends: lib', 'lib 1; Depends: lib-data (= 1)', 'lib-data 1; Source: lib'],
      security: ['1.1', '1.2'].flatMap((version) => [
        `lib ${version}; Depends: lib-data (= ${version})`,
        `lib-data ${version}; Source: lib`,
      ]),
      policy: { pins },
    });
    assert.deepEqual(chosen, ['app 1', 'lib 1.1', 'lib-data 1.1']);
    assert.deepEqual(held, [
      'lib 1.1, not 1.2 (configuration): a pin keeps lib back',
      'lib-data 1.1, not 1.2 (configuration): a pin keeps lib back',
    ]);
  });
});

describe('what comes with a security update', () => {
  test('a package that it cannot do without, from anywhere, and what that needs', async () => {
    const { chosen } = await sketchUpdate({
      locked: ['app 1'],
      archives: ['app 1', 'fresh 1; Depends: deep', 'deep 1; Recommends: extra', 'extra 1'],
      security: ['app 1.1; Depends: fresh'],
    });
    assert.deepEqual(chosen, ['app 1.1', 'deep 1', 'fresh 1']);
  });

  test('nothing where a locked package does, in an or-group or as a provider, whatever else comes', async () => {
    const { chosen } = await sketchUpdate({
      locked: ['app 1', 'two 1', 'mailer 1'],
      archives: [
        ...['app 1; Depends: one | two, mail', 'one 1', 'two 1', 'fresh 1'],
        ...['mail 1', 'mailer 1; Provides: mail'],
      ],
      security: ['two 1.1; Depends: fresh, one | app'],
    });
    assert.deepEqual(chosen, ['app 1', 'fresh 1', 'mailer 1', 'two 1.1']);
  });

  test('what comes takes no place of a locked package', async () => {
    const { chosen } = await sketchUpdate({
      locked: ['app 1', 'two 1'],
      archives: ['app 1; Depends: one | two, lib', 'one 1', 'two 1', 'lib 1'],
      security: ['app 1.1; Depends: one | two, fresh', 'fresh 1; Depends: one'],
    });
    assert.deepEqual(chosen, ['app 1.1', 'fresh 1', 'one 1', 'two 1']);
  });

  test('no Recommends; those of the lock stay', async () => {
    const { chosen } = await sketchUpdate({
      locked: ['app 1', 'doc 1'],
      archives: ['app 1; Recommends: doc', 'doc 1', 'extra 1', 'fresh 1; Recommends: extra'],
      security: ['app 1.1; Depends: fresh; Recommends: doc, extra'],
      policy: { recommends: true },
    });
    assert.deepEqual(chosen, ['app 1.1', 'doc 1', 'fresh 1']);
  });

  test('a locked package goes where nothing asks for it any more, even one that would be in the way', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['app 1', 'old 1', 'older 1'],
      archives: ['app 1; Depends: old', 'old 1; Depends: older', 'older 1', 'new 1; Conflicts: old'],
      security: ['app 1.1; Depends: new', 'older 1.1'],
    });
    assert.deepEqual([chosen, held], [['app 1.1', 'new 1'], []]);
  });

  test('a locked package stays where it is asked for, and no other takes its place', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['app 1', 'lib 1'],
      archives: ['app 1; Depends: lib | libalt', 'lib 1', 'libalt 1', 'fresh 1'],
      security: ['app 1.1; Depends: fresh, lib | libalt', 'lib 1.1; Depends: nowhere'],
    });
    assert.deepEqual(chosen, ['app 1.1', 'fresh 1', 'lib 1']);
    assert.deepEqual(held, ['lib 1, not 1.1 (packages): lib 1.1 cannot be installed: it needs nowhere']);
  });

  test('nothing comes for a locked package that loses what it needs: the update is held back', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['app 1', 'lib 1'],
      archives: ['app 1; Depends: api, lib', 'lib 1; Provides: api', 'other 1; Provides: api'],
      security: ['lib 1.1'],
    });
    assert.deepEqual(chosen, ['app 1', 'lib 1']);
    assert.deepEqual(held, ['lib 1, not 1.1 (packages): app, which stays, would need another package for api']);
  });
});

describe('what is held back', () => {
  test('what needs more than security brings, with its whole source; the rest is taken', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['app 1', 'base 1', 'lib 1', 'lib-data 1', 'other 1'],
      archives: ['app 1; Depends: lib, lib-data, base, other', 'lib 1', 'lib-data 1', 'base 1', 'base 2', 'other 1'],
      security: ['lib 1.1; Depends: base (>= 2)', 'lib-data 1.1; Source: lib', 'other 1.1'],
    });
    assert.deepEqual(chosen, ['app 1', 'base 1', 'lib 1', 'lib-data 1', 'other 1.1']);
    const why = 'lib 1.1 cannot be installed: it needs base (>= 2)';
    assert.deepEqual(held, [`lib 1, not 1.1 (packages): ${why}`, `lib-data 1, not 1.1 (packages): ${why}`]);
  });

  const pair = {
    archives: ['a 1; Depends: b (= 1)', 'b 1', 'c 1', 'd 1', 'e 1'],
    security: ['a 2; Depends: b (= 2)', 'b 2; Breaks: a (<< 2)'],
  };

  test('not two sources in lockstep because of a third and a fourth', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['a 1', 'b 1', 'c 1', 'd 1', 'e 1'],
      archives: pair.archives,
      security: [...pair.security, 'c 2; Depends: e (>= 2)', 'd 2; Conflicts: e'],
      request: 'a c d e',
    });
    assert.deepEqual(chosen, ['a 2', 'b 2', 'c 1', 'd 1', 'e 1']);
    assert.deepEqual(held, [
      'c 1, not 2 (packages): c 2 cannot be installed: it needs e (>= 2)',
      'd 1, not 2 (packages): d 2 and e 1 cannot be in one image',
    ]);
  });

  test('both of two sources in lockstep where one cannot be', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['a 1', 'b 1', 'c 1'],
      archives: pair.archives,
      security: ['a 2; Depends: b (= 2), c (>= 3)', 'b 2; Breaks: a (<< 2)', 'c 2'],
      request: 'a c',
    });
    assert.deepEqual(chosen, ['a 1', 'b 1', 'c 2']);
    assert.deepEqual(
      held.map((line) => line.split(':')[0]),
      ['a 1, not 2 (packages)', 'b 1, not 2 (packages)'],
    );
  });

  test('not a row of sources that need one another, the last first', async () => {
    const { chosen, held } = await sketchUpdate({
      locked: ['a 1', 'b 1', 'c 1', 'd 1'],
      archives: ['a 1; Depends: b, c, d', 'b 1', 'c 1', 'd 1', 'd 2'],
      security: ['b 1.1; Depends: c (>= 1.1)', 'c 1.1', 'd 1.1; Depends: gone'],
      request: 'a',
    });
    assert.deepEqual(chosen, ['a 1', 'b 1.1', 'c 1.1', 'd 1']);
    assert.deepEqual(held, ['d 1, not 1.1 (packages): d 1.1 cannot be installed: it needs gone']);
  });
});
