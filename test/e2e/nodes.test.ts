import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { supportedNodes } from '../support/nodes.ts';

test('every supported line of Node is brought and is the pinned version', () => {
  for (const { version, path } of supportedNodes()) {
    const answer = spawnSync(path, ['--version'], { encoding: 'utf8' });
    assert.equal(answer.stdout.trim(), `v${version}`);
  }
});
