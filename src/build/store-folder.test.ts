import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { storeFolder } from './store-folder.ts';

test('the store is where the environment says, else in the cache folder', () => {
  const env = { SLIMIMAGE_STORE: '/s', XDG_CACHE_HOME: '/x', HOME: '/h' };
  assert.equal(storeFolder(env), '/s');
  assert.equal(storeFolder({ ...env, SLIMIMAGE_STORE: '' }), '/x/slimimage');
  assert.equal(storeFolder({ HOME: '/h' }), '/h/.cache/slimimage');
});

const notRoot = process.getuid?.() === 0 ? false : 'needs root, to become a user that has no account';

test('a user without a home is asked for a folder', { skip: notRoot }, () => {
  const module = new URL('store-folder.ts', import.meta.url).href;
  const program = `const { storeFolder } = await import(${JSON.stringify(module)});
process.setuid(54321);
try { storeFolder({}); } catch (error) { console.log(error.code, error.hint); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env: {} });
  assert.equal(stdout, 'STORE Name a folder: --store FOLDER, SLIMIMAGE_STORE or HOME.\n');
});
