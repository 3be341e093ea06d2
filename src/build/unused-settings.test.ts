import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImageTree } from './tree.ts';
import { unusedSettings } from './unused-settings.ts';

test('settings that name what is not in the image are told, others are not', () => {
  const tree = new ImageTree();
  const entry = { path: 'usr/bin/ping', type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 } as const;
  const link = { ...entry, path: 'bin', type: 'symlink', linkTarget: 'usr/bin' } as const;
  for (const node of [entry, link]) tree.set({ entry: node, source: { type: 'none', rule: 'test' } });
  const rule = (name: string | undefined) => ({ package: name, glob: 'usr/**' });
  const settings = {
    specialPermissions: ['usr/bin/ping', 'usr/bin/*', 'usr/bin/pign'],
    exclude: [rule('iputils-ping'), rule('ping'), rule('ping'), rule(undefined)],
    include: [rule('pnig')],
  };
  assert.deepEqual(unusedSettings(settings, { tree, packages: new Map([['iputils-ping', {}]]) }), [
    'special-permissions: nothing in the image is called /usr/bin/pign',
    'exclude: ping is not in the image',
    'include: pnig is not in the image',
  ]);
  const nothing = { specialPermissions: [], exclude: [], include: [] };
  assert.deepEqual(unusedSettings(nothing, { tree, packages: new Map() }), []);
});
