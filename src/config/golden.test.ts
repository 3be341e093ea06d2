import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseConfig } from './parse.ts';
import { ConfigError } from './problem.ts';

/**
 * golden/NAME.yaml is a file with mistakes, golden/NAME.txt what the user reads. To renew the texts after a wanted
 * change, print `error.message` of the test that fails.
 */
const folder = new URL('./golden/', import.meta.url);

for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
  test(`what is said about ${name}`, () => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const expected = readFileSync(new URL(name.replace('.yaml', '.txt'), folder), 'utf8');
    assert.throws(
      () => parseConfig(text, { file: '/src/slimimage.yaml', shownAs: 'slimimage.yaml' }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(`${error.message}\n`, expected);
        return true;
      },
    );
  });
}
