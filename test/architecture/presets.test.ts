import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetNames as archiveNames, findPreset, presets } from '../../src/archive/presets.ts';
import { presetAliases, presetArchives, presetNames } from '../../src/config/preset-names.ts';

test('the configuration knows the presets that the archive room has', () => {
  assert.deepEqual([...presetNames].sort(), [...archiveNames].sort());
  const archives = new Set(presets.flatMap((preset) => preset.archives.map(({ name }) => name)));
  assert.deepEqual([...presetArchives].sort(), [...archives].sort());
  for (const [alias, name] of Object.entries(presetAliases)) assert.equal(findPreset(alias).name, name);
});
