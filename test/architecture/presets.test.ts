import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetNames as archiveNames, findPreset } from '../../src/archive/presets.ts';
import { presetAliases, presetNames } from '../../src/config/preset-names.ts';

test('the configuration knows the presets that the archive room has', () => {
  assert.deepEqual([...presetNames].sort(), [...archiveNames].sort());
  for (const [alias, name] of Object.entries(presetAliases)) assert.equal(findPreset(alias).name, name);
});
