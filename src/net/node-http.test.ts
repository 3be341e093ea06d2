import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('Node’s own undici is not loaded for requests that http makes', () => {
  const module = new URL('direct-transport.ts', import.meta.url).href;
  const program = `const { createDirectTransport } = await import(${JSON.stringify(module)});
createDirectTransport({ ca: undefined });
console.log(process.moduleLoadList.some((name) => name.endsWith('deps/undici/undici')));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(stdout, 'false\n');
});
