import assert from 'node:assert/strict';
import { test } from 'node:test';
import { papersName } from './papers-name.ts';

test('papers call an image as the user does, and never by a folder', () => {
  const tags = ['registry.example/team/api:1.0', 'other'];
  const outputs = ['oci:out', 'docker://registry.example:5000/web:2'];
  assert.equal(papersName({ name: 'api' }, { tags, outputs }), 'api');
  const folder = { name: 'folder', isNamed: false };
  assert.equal(papersName(folder, { tags, outputs }), 'registry.example/team/api');
  assert.equal(papersName(folder, { tags: ['web:dev'] }), 'web');
  assert.equal(papersName(folder, { outputs }), 'registry.example:5000/web');
  assert.equal(papersName(folder, { outputs: ['tar:folder.tar'] }), 'image');
});
