/** Refusals that people have read and found clear: test/golden/explanations, made by npm run golden. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Asker, explanationsFolder, startAsker } from '../support/explanations.ts';

let asker: Asker;

before(async () => {
  asker = await startAsker();
});

after(async () => {
  await asker[Symbol.asyncDispose]();
});

const names = readdirSync(explanationsFolder).filter((name) => name.endsWith('.txt'));

test('there are at least twenty', () => {
  assert.ok(names.length >= 20);
});

for (const name of names) {
  test(name.replaceAll('-', ' ').replace('.txt', ''), async () => {
    const golden = readFileSync(join(explanationsFolder, name), 'utf8');
    assert.equal(await asker.renew(golden), golden, 'npm run golden writes it anew');
  });
}
